"""INST-001 to INST-005: broken terms are noticed."""

from typing import Any

import pytest

from chain.kit import Broken
from derivatives.instruments.invariants import (
    every_trading_state_is_one,
    terms_agree_with_each_other,
)
from derivatives.instruments.state import TRADING, Trading
from tests.given_market import BTC_PERP, Market


@pytest.mark.parametrize(
    "changes",
    [
        {"tick_value_quantums": 501},
        {"quote": "EUR"},
        {"underlying": "DOGE"},
        {"compartment": "other"},
        {"maker_rebate_ppm": 301},
        {"open_interest_cap_lots": 0},
        {"auction_ms": 0},
    ],
)
def test_terms_that_disagree_are_noticed(changes: dict[str, Any]) -> None:
    market = Market()
    terms_agree_with_each_other(market.state)

    market.with_terms(BTC_PERP, **changes)

    with pytest.raises(Broken):
        terms_agree_with_each_other(market.state)


@pytest.mark.parametrize(("instrument", "state"), [("DOGE-PERP", 2), (BTC_PERP, 0), (BTC_PERP, 7)])
def test_trading_that_cannot_be_is_noticed(instrument: str, state: int) -> None:
    market = Market()
    every_trading_state_is_one(market.state)

    market.state.put(TRADING, instrument, Trading(state, 0, 0))

    with pytest.raises(Broken):
        every_trading_state_is_one(market.state)
