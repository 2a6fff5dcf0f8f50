"""LIQ-040 to LIQ-049, LIQ-060 to LIQ-069: what keepers ask, and what they are refused."""

from typing import Any

import pytest

from chain.kit import Refusal
from derivatives.insurance.shortfall import owe
from derivatives.liquidation.conversion import begin_conversions
from derivatives.liquidation.events import CollateralConverted, SliceTaken
from derivatives.liquidation.transactions import Convert, Liquidate
from derivatives.positions.state import OPEN_INTEREST
from tests.given_failing import Failing
from tests.given_market import BTC_PERP, UNIT_E8, USD, account_of

ALICE, CAROL = account_of("alice"), account_of("carol")


def _refused(market: Failing, name: str, payload: Any) -> str:
    with pytest.raises(Refusal) as refusal:
        market.send(name, payload)
    return refusal.value.reason.slug


def test_a_keeper_takes_a_slice_for_its_allowance() -> None:
    # LIQ-041: E 2,200, MM 2,257.8616; a tenth frees 225.78616; 11.5 % after half a second
    market = Failing()
    market.falls()
    market.block()

    told = market.keep()

    taken = next(event for event in told if isinstance(event, SliceTaken))
    assert (CAROL, 25_300_000, 115_000) == (
        taken.keeper_holder,
        taken.allowance_quantums,
        taken.ramp_ppm,
    )
    assert (2_174_700_000, 2_032_075_440) == (
        taken.equity_after_quantums,
        taken.maintenance_after_quantums,
    )
    market.settled()


def test_keepers_wait_for_the_block_after_the_flag() -> None:
    # LIQ-042
    market = Failing()
    market.falls()

    assert "liquidation.too_early" == _refused(market, "carol", Liquidate(CAROL, ALICE, 1))


def test_it_goes_on_until_it_is_enough() -> None:
    # LIQ-043: three slices bring equity 15 % of risk above maintenance, a fourth is not taken
    market = Failing()
    market.falls()
    market.block()

    told = market.keep(slices_count=4)

    stand = market.stand()
    assert 3 == len([event for event in told if isinstance(event, SliceTaken)])
    assert stand.equity_quantums >= stand.recovered_quantums
    assert "liquidation.not_liquidatable" == _refused(market, "carol", Liquidate(CAROL, ALICE, 1))


def test_nobody_liquidates_himself() -> None:
    # LIQ-044
    market = Failing()
    market.falls()
    market.block()

    assert "liquidation.own_account" == _refused(market, "alice", Liquidate(ALICE, ALICE, 1))


def test_nobody_acts_with_another_ones_account() -> None:
    # LIQ-044
    market = Failing()
    market.falls()
    market.block()

    assert _refused(market, "dave", Liquidate(CAROL, ALICE, 1)).startswith("accounts.")


def test_a_keeper_without_margin_is_refused_and_nothing_changes() -> None:
    # LIQ-045
    market = Failing()
    market.falls()
    market.block()

    slug = _refused(market, "dave", Liquidate(account_of("dave"), ALICE, 1))

    assert "margin.initial_margin_short" == slug
    assert 1_000 == market.lots("alice")


def test_a_keeper_takes_over_while_the_compartment_owes() -> None:
    # LIQ-047: nobody could open, nothing grows
    market = Failing()
    market.falls()
    market.block()
    owe(market.block_context(), "main", 3)
    grown = market.state.get(OPEN_INTEREST, BTC_PERP)

    market.keep()

    assert 100 == market.lots("carol")
    assert grown == market.state.get(OPEN_INTEREST, BTC_PERP)
    with pytest.raises(Refusal) as refusal:
        market.bids("carol", 1, 124_000)
    assert "insurance.shortfall_open" == refusal.value.reason.slug


def test_slices_are_one_to_four() -> None:
    # LIQ-046
    market = Failing()

    assert ["liquidation.slices_out_of_range"] * 2 == [
        _refused(market, "carol", Liquidate(CAROL, ALICE, count)) for count in (0, 5)
    ]


def _converting() -> Failing:
    """Alice owes 6,500 USD against a bitcoin worth 64,000: more than a tenth after haircut."""
    market = Failing()
    market.fund("alice", UNIT_E8, "BTC")
    market.deposit("alice", UNIT_E8, "BTC")
    market.trade("bob", "alice", 1_000, 107_000, taker="")
    begin_conversions(market.block_context())
    market.block()
    return market


def test_collateral_of_who_owes_too_much_is_sold_to_a_keeper() -> None:
    # LIQ-060
    market = _converting()
    assert market.cash("alice") < 0

    told = market.send("carol", Convert(CAROL, ALICE, "BTC", UNIT_E8))

    sold = next(event for event in told if isinstance(event, CollateralConverted))
    assert 0 <= market.cash("alice") < 10_000
    assert sold.cash_after_quantums == market.cash("alice")
    assert sold.value_quantums >= sold.cash_after_quantums
    market.settled()


def test_what_is_asked_of_who_need_not_convert_is_refused() -> None:
    # LIQ-061, LIQ-062
    market, converting = Failing(), _converting()

    assert "liquidation.not_converting" == _refused(
        market, "carol", Convert(CAROL, ALICE, "BTC", 1)
    )
    assert "liquidation.asset_not_next" == _refused(
        converting, "carol", Convert(CAROL, ALICE, "ETH", 1)
    )
    assert "liquidation.amount_not_positive" == _refused(
        converting, "carol", Convert(CAROL, ALICE, "BTC", 0)
    )
    assert converting.cash("carol") == 50_000 * USD
