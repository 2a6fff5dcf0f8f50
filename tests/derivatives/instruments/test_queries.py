"""INST-014: anybody can ask whether a market trades."""

from derivatives.instruments.queries import InstrumentStanding, instrument_standing
from derivatives.oracle.ladder import FeedState
from tests.given_market import BTC_PERP, UNIT_E8, Market


def test_standing_says_state_and_permissions() -> None:
    market = Market()
    market.price("BTC", 64_000 * UNIT_E8, FeedState.STALE)
    market.block()

    standing = instrument_standing(market.state, BTC_PERP)

    assert InstrumentStanding(BTC_PERP, "reduce_only", False, True) == standing


def test_unlisted_instrument_stands_for_nothing() -> None:
    standing = instrument_standing(Market().state, "DOGE-PERP")

    assert InstrumentStanding("DOGE-PERP", "unlisted", False, False) == standing
