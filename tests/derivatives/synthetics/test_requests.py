"""SYN-010 to SYN-018: what is asked waits, is counted, and cannot be taken back."""

from derivatives.synthetics.events import SyntheticRequested
from derivatives.synthetics.state import REQUESTS, WAITING
from tests import given
from tests.given_synthetics import GOLD, OUNCE_LOTS, gold


def test_a_request_says_when_it_is_due() -> None:
    minting = gold()

    answer = minting.mint("alice")

    [told] = [one for one in answer.events if isinstance(one, SyntheticRequested)]
    [(_, request)] = list(answer.view.scan(REQUESTS))
    assert request.asked_ms + 2_000 == told.due_ms
    assert minting.world.head.header.time_ms + given.BLOCK_MS == request.asked_ms


def test_what_is_given_up_waits_beside_the_wallet() -> None:
    minting = gold()
    minting.minted("alice")

    minting.burn("alice", 4_000)
    minting.redeem("alice", 6_000)

    assert 0 == minting.world.holds("alice", GOLD)
    assert OUNCE_LOTS == minting.world.holds("pending/sGOLD", GOLD)
    assert OUNCE_LOTS == minting.world.supply(GOLD)


def test_a_signer_has_eight_requests_waiting_and_may_ask_again_when_they_are_filled() -> None:
    minting = gold()
    for _ in range(8):
        assert "" == minting.mint("alice", 100).reason

    assert "synthetics.requests_too_many" == minting.mint("alice", 100).reason
    assert "" == minting.mint("bob", 100).reason
    minting.wait()
    assert "" == minting.mint("alice", 100).reason


def test_nothing_is_kept_of_what_was_filled() -> None:
    minting = gold()
    minting.minted("alice")
    minting.burn("alice", 5_000)
    minting.wait()

    assert [] == list(minting.world.view.scan(REQUESTS))
    assert [] == list(minting.world.view.scan(WAITING))


def test_a_request_is_for_the_least_size_or_more() -> None:
    minting = gold()
    minting.minted("alice")

    for answer in (
        minting.mint("alice", 99),
        minting.burn("alice", 99),
        minting.redeem("alice", 99),
    ):
        assert "synthetics.size_too_small" == answer.reason
        assert (99, 100) == (answer.facts["size_lots"], answer.facts["limit_lots"])


def test_requests_are_filled_in_the_order_asked() -> None:
    minting = gold()
    minting.minted("alice")
    minting.give("alice", "bob", 5_000)

    minting.redeem("bob", 5_000)
    minting.burn("alice", 5_000)
    minting.wait()

    assert 0 == minting.world.supply(GOLD)
    assert 2_000_000_000 == minting.world.holds("bob", "USD") - (10**14 - 10_000_000_000)
