from collections.abc import Callable
from typing import Any

import pytest

from chain.block.transaction import is_genuine_transaction, parse_transaction
from chain.crypto.addresses import text_of
from chain.crypto.signing import SigningKey
from node.client import building
from node.client.declarations import application
from node.client.failures import Failure
from node.client.target import Target
from node.client.transport import Client
from node.devnet.seeds import development_seed
from tests.node.client.fake_chain import CHAIN_ID, FakeChain
from tests.node.client.fake_node import FakeNode

Serve = Callable[..., FakeNode]
ALICE = SigningKey.from_seed(development_seed("alice"))
BOB = SigningKey.from_seed(development_seed("bob")).public_key
PLAIN = {"to": text_of(BOB), "asset": "USD", "amount_quantums": "25"}


def client_of(serve: Serve, **changed: Any) -> Client:
    return Client(serve(**{**FakeChain().answers(), **changed}).url)


def target_of(chain_id: bytes | None) -> Target:
    return Target("http://x", "--rpc", chain_id, None)


def test_signed_transaction_is_what_was_asked_for(serve: Serve) -> None:
    client = client_of(serve)
    chain = building.chain_at(client, target_of(CHAIN_ID))

    drafted = building.draft(client, chain, ALICE.public_key, "ledger.transfer", PLAIN)
    signed = building.sign(drafted, [ALICE])

    transaction = parse_transaction(application(), CHAIN_ID, signed.data)
    assert is_genuine_transaction(transaction)
    assert signed.id == transaction.id
    assert (ALICE.public_key, 0, 3) == (
        transaction.body.signer,
        transaction.body.lane,
        transaction.body.sequence,
    )
    assert 10 + building.VALID_FOR_BLOCKS == transaction.body.valid_until_height
    assert (BOB, "USD", 25) == (
        transaction.payload.to,
        transaction.payload.asset,
        transaction.payload.amount_quantums,
    )
    client.close()


def test_a_list_is_signed_once_for_all_its_actions(serve: Serve) -> None:
    client = client_of(serve)
    chain = building.chain_at(client, target_of(CHAIN_ID))
    asked = building.several([("ledger.transfer", PLAIN), ("ledger.transfer", PLAIN)])

    drafted = building.draft_of(client, chain, ALICE.public_key, asked, lane=2, valid_for_blocks=20)
    signed = building.sign(drafted, [ALICE])

    transaction = parse_transaction(application(), CHAIN_ID, signed.data)
    assert is_genuine_transaction(transaction)
    assert (2, 30, [25, 25]) == (
        transaction.body.lane,
        transaction.body.valid_until_height,
        [payload.amount_quantums for _, payload in transaction.actions],
    )
    client.close()


def test_body_that_the_node_makes_otherwise_is_not_signed(serve: Serve) -> None:
    client = client_of(serve, tx_build=lambda **_: {"unsigned": "AAAA", "sequence": "3"})
    chain = building.chain_at(client, target_of(None))

    with pytest.raises(Failure) as refused:
        building.draft(client, chain, ALICE.public_key, "ledger.transfer", PLAIN)

    assert "client.declaration_differs" == refused.value.kind.reason
    client.close()


def test_node_of_another_chain_gets_no_signature(serve: Serve) -> None:
    client = client_of(serve)

    with pytest.raises(Failure) as refused:
        building.chain_at(client, target_of(bytes(32)))

    assert ("client.chain_differs", 2) == (refused.value.kind.reason, refused.value.exit_code)
    client.close()


def test_payload_that_no_state_could_make_right_is_refused_before_signing() -> None:
    with pytest.raises(Failure) as refused:
        building.payload_of("ledger.transfer", {**PLAIN, "amount_quantums": "0"})

    assert ("ledger.amount_not_positive", 4) == (
        refused.value.kind.reason,
        refused.value.exit_code,
    )


@pytest.mark.parametrize(
    "plain", [{}, {**PLAIN, "more": 1}, {**PLAIN, "amount_quantums": str(2**63)}]
)
def test_fields_that_are_no_payload_are_refused(plain: dict[str, Any]) -> None:
    with pytest.raises(Failure) as refused:
        building.payload_of("ledger.transfer", plain)

    assert 2 == refused.value.exit_code


def test_lane_of_cancels_is_kept_free() -> None:
    assert building.ORDINARY_LANE != building.CANCEL_LANE
