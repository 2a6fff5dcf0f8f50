"""Random books and gaps: every loss is paid in its block, exactly, by whom the rules say."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.given_insurance import DEFAULT, Insured
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
