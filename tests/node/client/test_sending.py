from collections.abc import Callable
from typing import Any

import pytest

from chain.crypto.addresses import text_of
from chain.crypto.signing import SigningKey
from node.client import building, sending
from node.client.building import Signed
from node.client.failures import Failure
from node.client.target import Target
from node.client.transport import Client
from node.clock import VirtualClock
from node.devnet.seeds import development_seed
from tests.node.client.fake_chain import SHORT, FakeChain, receipt
from tests.node.client.fake_node import FakeNode, Refuse

Serve = Callable[..., FakeNode]
ALICE = SigningKey.from_seed(development_seed("alice"))


class Steps(VirtualClock):
    """A clock that moves only when somebody pauses."""

    def __init__(self) -> None:
        super().__init__(0)
        self.passed_ms = 0

    def monotonic_ms(self) -> int:
        return self.passed_ms

    def pause(self, seconds: float) -> None:
        self.passed_ms += max(1, round(seconds * 1000))


def patience(limit_ms: int = 1000) -> sending.Patience:
    clock = Steps()
    return sending.Patience(limit_ms, clock, clock.pause)


def signed_at(client: Client) -> Signed:
    chain = building.chain_at(client, Target(client.url, "--rpc", None, None))
    plain = {"to": text_of(bytes(32)), "asset": "USD", "amount_quantums": "25"}
    drafted = building.draft(client, chain, ALICE.public_key, "ledger.transfer", plain)
    return building.sign(drafted, [ALICE])


def test_submitted_transaction_is_waited_for_until_its_receipt(serve: Serve) -> None:
    chain = FakeChain()
    states = iter(["unknown", "waiting", "proposed", "applied"])
    answers = chain.answers()

    def get_status(id: str) -> dict[str, Any]:  # noqa: A002
        chain.status["status"] = next(states)
        return chain.get_status(id)

    client = Client(serve(**{**answers, "tx_getStatus": get_status}).url)
    signed = signed_at(client)

    taken = sending.submit(client, signed)
    found = sending.wait(client, signed.id_text, patience(), signed.valid_until_height)

    assert taken
    assert [signed.data] == chain.submitted
    assert (signed.id_text, "12") == (found["id"], found["height"])
    client.close()


def test_included_and_refused_exits_5_with_the_chains_reason(serve: Serve) -> None:
    client = Client(serve(**FakeChain(SHORT, status="refused").answers()).url)

    with pytest.raises(Failure) as refused:
        sending.wait(client, "0x01", patience())

    failure = refused.value
    assert (5, "ledger.balance_short", 203) == (
        failure.exit_code,
        failure.kind.reason,
        failure.kind.code,
    )
    assert {"short_by_quantums": "7"} == failure.details
    assert "block 12" in failure.advice[0]
    assert "10000" in failure.advice[0]
    client.close()


@pytest.mark.parametrize("state", ["expired", "replaced"])
def test_what_can_no_longer_be_included_is_safe_to_send_anew(serve: Serve, state: str) -> None:
    client = Client(serve(**FakeChain(status=state).answers()).url)

    with pytest.raises(Failure) as refused:
        sending.wait(client, "0x01", patience())

    assert (4, f"client.{state}") == (refused.value.exit_code, refused.value.kind.reason)
    assert "safe to send anew" in refused.value.advice[0]
    client.close()


def test_time_that_runs_out_says_until_when_not_to_resend(serve: Serve) -> None:
    client = Client(serve(**FakeChain(status="waiting").answers()).url)

    with pytest.raises(Failure) as refused:
        sending.wait(client, "0x01", patience(2000), 342)

    failure = refused.value
    assert (6, "client.outcome_unknown") == (failure.exit_code, failure.kind.reason)
    assert {"id": "0x01", "valid_until_height": "342"} == failure.details
    assert "it can still be included until height 342 (now 10)" in failure.message
    assert "safe to resend after height 342" in " ".join(failure.advice)
    client.close()


def test_unknown_after_its_last_height_has_expired(serve: Serve) -> None:
    chain = FakeChain(status="unknown")
    chain.height = 343
    client = Client(serve(**chain.answers()).url)

    with pytest.raises(Failure) as refused:
        sending.wait(client, "0x01", patience(60_000), 342)

    assert "client.expired" == refused.value.kind.reason
    client.close()


def test_request_without_an_answer_may_have_been_taken(serve: Serve) -> None:
    node = serve(**FakeChain().answers())
    client = Client(node.url)
    signed = signed_at(client)
    client.close()
    node.drop_next = 1

    assert not sending.submit(client, signed)
    client.close()


def test_node_that_restarts_meanwhile_is_waited_for(serve: Serve) -> None:
    node = serve(**FakeChain().answers())
    client = Client(node.url)
    node.drop_next = 2

    found = sending.wait(client, "0x01", patience())

    assert found["ok"]
    client.close()


def test_refusal_of_the_node_is_raised(serve: Serve) -> None:
    def full(**_: object) -> None:
        raise Refuse(1101, "mempool.full", "full", {})

    client = Client(serve(**{**FakeChain().answers(), "tx_submit": full}).url)

    with pytest.raises(Failure) as refused:
        sending.submit(client, signed_at(client))

    assert 4 == refused.value.exit_code
    client.close()


def test_what_is_unfit_for_a_block_says_that_nothing_was_sent(serve: Serve) -> None:
    def unfit(**_: object) -> None:
        raise Refuse(107, "signers.threshold_not_met", "1 of 2", {})

    client = Client(serve(**{**FakeChain().answers(), "tx_simulate": unfit}).url)

    with pytest.raises(Failure) as refused:
        sending.simulate(client, signed_at(client))

    assert 4 == refused.value.exit_code
    assert "nothing was sent" in refused.value.advice
    assert "novation multisig propose" in refused.value.advice[-1]
    client.close()


def test_foreseen_refusal_exits_4_and_sends_nothing(serve: Serve) -> None:
    chain = FakeChain()
    chain.foreseen = SHORT
    client = Client(serve(**chain.answers()).url)

    with pytest.raises(Failure) as refused:
        sending.simulate(client, signed_at(client))

    assert (4, "ledger.balance_short") == (refused.value.exit_code, refused.value.kind.reason)
    assert "nothing was sent" in refused.value.advice[-1]
    assert [] == chain.submitted
    client.close()


def test_hint_of_a_receipt_comes_first() -> None:
    failure = sending.refusal_of(
        receipt("0x01", **SHORT, hint="deposit more"), sending.REFUSED, "later"
    )

    assert ("deposit more", "later") == failure.advice
