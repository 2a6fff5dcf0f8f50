from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chain.modules.ledger.state import ASSETS, Asset
from node.client.failures import Failure
from node.client.transport import Client
from node.client.verifying import anchor_of, genesis_in, verified_block, verified_value
from tests.node.client.fake_finality import Finality, based, finality, hexed
from tests.node.client.fake_node import FakeNode

Serve = Callable[..., FakeNode]


@pytest.fixture(scope="module")
def final() -> Finality:
    return finality()


@pytest.fixture
def folder(final: Finality, tmp_path: Path) -> Path:
    (tmp_path / "auth0").mkdir()
    (tmp_path / "auth0/genesis.json").write_bytes(final.world.genesis.data)
    return tmp_path


def wrong(reason: str, block: dict[str, Any], final: Finality, client: Client) -> None:
    anchor = anchor_of(client, None)

    with pytest.raises(Failure) as refused:
        verified_block(block, anchor)

    assert 5 == refused.value.exit_code
    assert reason in refused.value.message
    client.close()


def test_block_below_the_certified_one_is_verified_through_its_headers(
    serve: Serve, final: Finality, folder: Path
) -> None:
    client = Client(serve(**final.answers()).url)

    found = verified_block(final.block(1), anchor_of(client, folder))

    assert (1, 2, 3) == (found.header.height, found.certified_height, found.quorum_count)
    assert 3 == len(found.signers)
    client.close()


def test_genesis_at_hand_is_trusted_before_the_node(
    serve: Serve, final: Finality, folder: Path
) -> None:
    client = Client(serve(**final.answers()).url)

    with_genesis, without = anchor_of(client, folder), anchor_of(client, None)

    assert (True, False) == (with_genesis.from_genesis, without.from_genesis)
    assert with_genesis.members == without.members
    client.close()


def test_genesis_of_another_chain_is_noticed(serve: Serve, final: Finality, folder: Path) -> None:
    status = {**final.status(), "chain_id": hexed(bytes(32))}
    client = Client(serve(**{**final.answers(), "chain_getStatus": status}).url)

    with pytest.raises(Failure) as refused:
        anchor_of(client, folder)

    assert 5 == refused.value.exit_code
    client.close()


def test_one_false_signature_spoils_the_certificate(serve: Serve, final: Finality) -> None:
    block = final.block(2)
    signatures = block["certificate"]["signatures"]
    signatures[0] = signatures[1]

    wrong("not signed by a quorum", block, final, Client(serve(**final.answers()).url))


def test_too_few_signatures_are_no_certificate(serve: Serve, final: Finality) -> None:
    block = final.block(2)
    block["certificate"]["signatures"].pop()
    block["certificate"]["bitmap"] = based(b"\x03")

    wrong("not signed by a quorum", block, final, Client(serve(**final.answers()).url))


def test_missing_header_breaks_the_chain(serve: Serve, final: Finality) -> None:
    block = final.block(1)
    block["certificate"]["headers"] = []

    wrong("for another block", block, final, Client(serve(**final.answers()).url))


def test_header_that_does_not_follow_is_noticed(serve: Serve, final: Finality) -> None:
    block = final.block(1)
    block["certificate"]["headers"] *= 2

    wrong("does not stand on", block, final, Client(serve(**final.answers()).url))


def test_shown_fields_that_differ_from_the_bytes_are_noticed(serve: Serve, final: Finality) -> None:
    block = final.block(2)
    block["header"]["height"] = "7"

    wrong("not what its bytes say", block, final, Client(serve(**final.answers()).url))


def test_other_authorities_than_the_trusted_ones_are_noticed(serve: Serve, final: Finality) -> None:
    told = final.authorities()
    told["authorities"][0]["name"] = "mallory"
    answers = {**final.answers(), "chain_getAuthorities": told}

    wrong("other authorities", final.block(2), final, Client(serve(**answers).url))


def test_block_without_a_certificate_is_not_verified(serve: Serve, final: Finality) -> None:
    client = Client(serve(**final.answers()).url)

    with pytest.raises(Failure) as refused:
        verified_block({**final.block(1), "certificate": None}, anchor_of(client, None))

    assert 9 == refused.value.exit_code
    client.close()


def test_value_is_proven_by_the_state_root(final: Finality) -> None:
    header = final.headers[-1]

    data = verified_value(final.proof("assets", {"asset": "USD"}), ASSETS.encoded("USD"), header)

    assert data is not None
    assert Asset(decimals=6) == ASSETS.record_from(data)


def test_absence_is_proven_too(final: Finality) -> None:
    answer = final.proof("assets", {"asset": "DOGE"})

    assert None is verified_value(answer, ASSETS.encoded("DOGE"), final.headers[-1])


def test_value_that_the_root_does_not_cover_is_noticed(final: Finality) -> None:
    answer = {**final.proof("assets", {"asset": "USD"}), "encoded_value": based(b"\x91\x07")}

    with pytest.raises(Failure) as refused:
        verified_value(answer, ASSETS.encoded("USD"), final.headers[-1])

    assert 5 == refused.value.exit_code


def test_folder_without_a_genesis_has_none(tmp_path: Path) -> None:
    assert None is genesis_in(None)
    assert None is genesis_in(tmp_path)
