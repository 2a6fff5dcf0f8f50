import pytest

from derivatives.insurance import waterfall
from derivatives.insurance.events import AccountTakenOver, GainCut, LossAllocated
from tests.given_insurance import DEFAULT, Insured

USD = 10**6
E8 = 10**8
FUNDING_QUANTUMS = 87
"""What half a second of an hour's first rate takes from one bitcoin."""


def _market(insurance: int = 0, default_fund: int = 0) -> Insured:
    market = Insured(insurance, default_fund)
    for name in ("alice", "bob"):
        market.deposit(name, 10_000 * USD)
    market.trade("alice", "bob", 1_000, 128_000, taker="")
    return market


def test_winner_pays_what_the_loser_lacks() -> None:
    # INS-020: one bitcoin bought at 64,000 by whoever has 10,000 falls to 50,000.
    market = _market()

    events = market.gap(BTC=50_000 * E8)

    allocated = next(event for event in events if isinstance(event, LossAllocated))
    assert 4_000 * USD == allocated.loss_quantums
    assert 14_000 * USD == allocated.gains_quantums
    assert 4_000 * USD == allocated.cut_quantums
    assert [4_000 * USD] == [e.cut_quantums for e in events if isinstance(e, GainCut)]
    assert 20_000 * USD == market.solvency("bob")
    assert 0 == market.solvency("alice") == market.solvency(DEFAULT)
    market.close()


def test_taken_over_account_has_nothing_and_owes_nothing() -> None:
    market = _market()

    events = market.gap(BTC=50_000 * E8)

    assert 0 == market.cash("alice") == market.lots("alice")
    taken = next(event for event in events if isinstance(event, AccountTakenOver))
    assert (1, 4_000 * USD) == (taken.positions_count, taken.shortfall_quantums)


def test_insurance_pays_first_and_at_most_a_quarter_in_an_hour() -> None:
    # INS-040: of 8,000 held, 2,000 may go; the default fund's 500 next; 1,500 is cut.
    market = _market(insurance=8_000 * USD, default_fund=500 * USD)

    events = market.gap(BTC=50_000 * E8)

    allocated = next(event for event in events if isinstance(event, LossAllocated))
    assert 2_000 * USD == allocated.insurance_quantums
    assert 500 * USD == allocated.default_fund_quantums
    assert 1_500 * USD + FUNDING_QUANTUMS == allocated.cut_quantums
    assert 6_000 * USD == market.cash("insurance/main")


def test_who_gained_is_the_same_without_anything_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    # INS-024
    kept = _market().gap(BTC=50_000 * E8)
    monkeypatch.setattr(waterfall, "holders_of", lambda context, compartment: None)

    assert kept == _market().gap(BTC=50_000 * E8)


@pytest.mark.parametrize(("left", "owed"), [(1, 0), (2, 2), (3, 3)])
def test_remainder_of_fewer_quantums_than_positions_is_carried(left: int, owed: int) -> None:
    # INS-034: two positions; both accounts give all they have.
    market = Insured()
    for name in ("alice", "bob"):
        market.deposit(name, 100)
    market.trade("alice", "bob", 1, 128_000, taker="")
    market.gap()

    assert owed == waterfall.allocate(market.block_context(), "main", 200 + left, 0)
