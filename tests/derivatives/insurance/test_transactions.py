import pytest

from chain.kit import Refusal
from derivatives.insurance.events import DefaultConverted
from derivatives.insurance.shortfall import owe
from derivatives.insurance.state import DEFAULTS
from derivatives.insurance.transactions import ConvertCollateral, TakeSlices
from derivatives.oracle.ladder import FeedState
from tests.given_insurance import DEFAULT, MAIN
from tests.given_insurance import Insured as Closing
from tests.given_market import account_of

USD = 10**6
E8 = 10**8


def _defaulted(insurance_quantums: int) -> Closing:
    market = Closing(insurance_quantums)
    for name in ("alice", "bob", "carol"):
        market.deposit(name, 10_000 * USD)
    market.trade("alice", "bob", 1_000, 128_000, taker="")
    market.gap(BTC=50_000 * E8)
    market.gap(20_000)
    return market


def test_keeper_takes_slices_at_the_mark_and_insurance_pays_the_allowance() -> None:
    # INS-064
    market = _defaulted(10**6 * USD)
    fund, keeper = market.cash("insurance/main"), market.solvency("carol")

    market.send("carol", TakeSlices(account_of("carol"), 2))

    assert 190 == market.lots("carol")
    assert 810 == market.size(DEFAULT)
    paid = fund - market.cash("insurance/main")
    assert 0 < paid == market.solvency("carol") - keeper
    assert 0 == market.solvency(DEFAULT)


def test_keeper_takes_slices_while_the_compartment_owes() -> None:
    # INS-051: what is taken over was open before
    market = _defaulted(10**6 * USD)
    owe(market.block_context(), MAIN, 3)

    market.send("carol", TakeSlices(account_of("carol"), 1))

    assert 100 == market.lots("carol")


def test_slice_that_insurance_cannot_pay_for_does_not_happen() -> None:
    # INS-063: a fund without money has no budget; the mark is below the index here.
    market = _defaulted(0)

    with pytest.raises(Refusal) as refused:
        market.send("bob", TakeSlices(account_of("bob"), 5))

    assert "insurance.slices_count" == refused.value.reason.slug


def test_slice_at_a_price_that_may_not_be_used_waits() -> None:
    # INS-067
    market = _defaulted(1_000 * USD)
    market.price("BTC", 50_000 * 10**8, FeedState.JUMP)

    with pytest.raises(Refusal) as refused:
        market.send("carol", TakeSlices(account_of("carol"), 1))

    assert ("liquidation.feed_waits", {"feed": "BTC"}) == (
        refused.value.reason.slug,
        refused.value.facts,
    )


def _pledged() -> Closing:
    """Alice, who owes 100,000 USD against two bitcoins, is taken over at 45,000."""
    market = Closing(10**6 * USD)
    market.fund("carol", 100_000 * USD)
    market.deposit("carol", 100_000 * USD)
    market.deposit("alice", 1)
    market.deposit("alice", 2 * E8, "BTC")
    market.give_away("alice", 100_000 * USD + 1)
    market.owes("alice")
    market.gap(BTC=45_000 * E8)
    return market


def _refused(market: Closing, asset: str = "BTC") -> str:
    with pytest.raises(Refusal) as refused:
        market.send("carol", ConvertCollateral(account_of("carol"), asset, E8))
    return refused.value.reason.slug


def test_keeper_buys_collateral_of_the_default_account_at_insurances_cost() -> None:
    # INS-068: 20 s after the takeover the ramp is 60 %
    market = _pledged()
    market.gap(20_000)
    fund, keeper = market.cash("insurance/main"), market.solvency("carol")

    told = market.send("carol", ConvertCollateral(account_of("carol"), "BTC", E8))

    sold = next(event for event in told if isinstance(event, DefaultConverted))
    assert (E8, E8) == (market.holds(DEFAULT, "BTC"), market.holds_of("carol", "BTC"))
    assert (45_000 * USD, 600_000) == (sold.value_quantums, sold.ramp_ppm)
    assert sold.release_quantums * 6 // 10 == sold.allowance_quantums > 0
    assert sold.cost_quantums == fund - market.cash("insurance/main") == sold.allowance_quantums
    assert sold.allowance_quantums == market.solvency("carol") - keeper
    left = market.state.get(DEFAULTS, MAIN)
    assert left is not None
    assert left.budget_quantums == sold.budget_quantums
    assert 0 <= -market.solvency(DEFAULT) <= 1
    market.settled()


def test_collateral_is_bought_from_the_next_block_on_and_in_its_order() -> None:
    # INS-068
    market = _pledged()
    at_once = _refused(market)
    market.gap(500)
    other = _refused(market, "ETH")
    market.price("BTC", 45_000 * E8, FeedState.STALE)
    waits = _refused(market)
    market.price("BTC", 45_000 * E8)
    market.send("carol", ConvertCollateral(account_of("carol"), "BTC", 9 * E8))

    assert "liquidation.too_early" == at_once
    assert "liquidation.asset_not_next" == other
    assert "liquidation.feed_waits" == waits
    assert 2 * E8 == market.holds_of("carol", "BTC")
    assert "liquidation.no_collateral" == _refused(market)
    with pytest.raises(Refusal) as refused:
        ConvertCollateral(account_of("carol"), "BTC", 0).check()
    assert "liquidation.amount_not_positive" == refused.value.reason.slug


def test_without_a_default_there_is_nothing_to_take() -> None:
    market = Closing()
    market.deposit("carol", USD)

    with pytest.raises(Refusal) as refused:
        market.send("carol", TakeSlices(account_of("carol"), 1))

    assert "insurance.nothing_to_take" == refused.value.reason.slug
    assert {"compartment": MAIN} == refused.value.facts
