"""SYN-050 to SYN-052: who owes, in which order."""

from derivatives.synthetics.debts import (
    add_debt,
    debtors_of,
    hour_minted_lots,
    issuance_of,
    leave,
    take_place,
)
from derivatives.synthetics.state import DEBT_PLACES, DEBTS
from tests import given_market
from tests.given_market import account_of
from tests.given_synthetics import GOLD, gold


def _order(state: object) -> list[str]:
    market = given_market.Market()
    return list(debtors_of(state, GOLD, market.terms(GOLD)))  # type: ignore[arg-type]


def test_a_place_is_taken_once_and_kept() -> None:
    state = given_market.Market().state
    for name in ("bob", "alice", "bob"):
        take_place(state, GOLD, account_of(name))

    assert [account_of("bob"), account_of("alice")] == _order(state)
    assert 2 == issuance_of(state, GOLD).last_place


def test_who_left_begins_again_at_the_end() -> None:
    state = given_market.Market().state
    for name in ("bob", "alice"):
        take_place(state, GOLD, account_of(name))
    leave(state, GOLD, account_of("bob"))
    leave(state, GOLD, account_of("bob"))
    take_place(state, GOLD, account_of("bob"))

    assert [account_of("alice"), account_of("bob")] == _order(state)


def test_a_debt_that_was_burned_and_minted_again_is_young() -> None:
    minting = gold()
    minting.minted("alice", 1_000)
    minting.minted("bob", 1_000)
    minting.burn("alice", 1_000)
    minting.wait()
    minting.minted("alice", 1_000)

    assert [minting.account("bob"), minting.account("alice")] == _order(minting.world.view)


def test_a_debt_that_passed_on_and_was_minted_again_is_young() -> None:
    # SYN-050: a place of a time in which nothing was owed is none
    market = given_market.Market()
    for name in ("alice", "bob"):
        market.deposit(name, 1)
        take_place(market.state, GOLD, account_of(name))

    add_debt(market.context("alice"), GOLD, market.terms(GOLD), account_of("alice"), 1_000)

    assert [account_of("bob"), account_of("alice")] == _order(market.state)


def test_nobody_has_a_place_when_nothing_is_owed() -> None:
    minting = gold()
    minting.minted("alice", 1_000)
    minting.redeem("alice", 1_000)
    minting.wait()

    assert [] == list(minting.world.view.scan(DEBTS))
    assert [] == list(minting.world.view.scan(DEBT_PLACES))


def test_what_was_minted_in_another_hour_does_not_count() -> None:
    minting = gold()
    minting.minted("alice", 5_000)
    view, time_ms = minting.world.view, minting.world.head.header.time_ms

    assert 5_000 == hour_minted_lots(view, GOLD, time_ms)
    assert 0 == hour_minted_lots(view, GOLD, time_ms + 3_600_000)
