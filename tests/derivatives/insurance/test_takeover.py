"""Random books and gaps: every loss is paid in its block, exactly, by whom the rules say."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derivatives.accounts.state import ACCOUNTS
from derivatives.margin.state import WARNINGS
from tests.given_insurance import DEFAULT, Insured
from tests.given_market import account_of
from tests.simulation.clearing.books import Book

E8, USD = 10**8, 10**6


@settings(deadline=None, max_examples=10)
@given(seed=st.integers(0, 2**32))
def test_every_loss_is_paid_in_its_block_and_nobody_falls_below_zero(seed: int) -> None:
    # INS-001, INS-020, INS-022, INS-030, INS-036
    met = Book(seed).run()

    assert met["blocks"] > 0


def test_account_with_collateral_alone_pays_what_it_owes_with_it() -> None:
    # INS-004: 1 bitcoin against 40,000 of debt, when bitcoin falls to 30,000.
    market = Insured(10**6 * USD)
    market.deposit("alice", 1)
    market.deposit("alice", E8, "BTC")
    market.give_away("alice", 40_000 * USD + 1)
    market.owes("alice")

    market.gap(BTC=30_000 * E8)

    assert 0 == market.cash("alice") == market.solvency(DEFAULT)
    assert E8 == market.holds(DEFAULT, "BTC")


@pytest.mark.parametrize(("lots", "is_long"), [(1, True), (1, False), (1_000, True)])
def test_position_passes_as_it_is_and_the_account_is_watched_no_more(
    lots: int, *, is_long: bool
) -> None:
    # INS-002, INS-003: 4 USD a lot, flagged at a loss of 1.80 and insolvent at one of 14.
    market = Insured()
    market.deposit("alice", 4 * USD * lots)
    market.deposit("bob", 100 * USD * lots)
    buyer, seller = ("alice", "bob") if is_long else ("bob", "alice")
    market.trade(buyer, seller, lots, 128_000, taker="")
    sign = 1 if is_long else -1
    market.gap(BTC=(64_000 - sign * 1_800) * E8)
    flagged = market.state.get(ACCOUNTS, account_of("alice"))
    warned = market.state.get(WARNINGS, account_of("alice"))

    market.gap(BTC=(64_000 - sign * 14_000) * E8)

    record = market.state.get(ACCOUNTS, account_of("alice"))
    assert flagged is not None
    assert record is not None
    assert (True, True) == (flagged.flagged_ms > 0, warned is not None)
    assert (0, 0) == (record.flagged_ms, record.flagged_height)
    assert market.state.get(WARNINGS, account_of("alice")) is None
    assert (sign * lots, 0) == (market.size(DEFAULT), market.lots("alice"))
