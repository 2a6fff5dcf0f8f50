"""FUTU-001 to FUTU-003: a future without its date, or a date that cannot be met, is noticed."""

from typing import Any

import pytest

from chain.kit import AnyTable, Broken, replace
from derivatives.futures.invariants import INVARIANTS
from derivatives.instruments.state import (
    EXPIRIES,
    SETTLEMENTS,
    TRADING,
    TRADING_EXPIRED,
    Settlement,
    Trading,
)
from tests.given_dated import FUTURE, Dated
from tests.given_market import BTC_PERP


def look_at_all(market: Dated) -> None:
    for invariant in INVARIANTS:
        invariant(market.state)


def test_a_listed_future_is_sound_before_and_after_it_settles() -> None:
    market = Dated()
    look_at_all(market)

    market.minutes(61)

    look_at_all(market)


@pytest.mark.parametrize(
    "changes",
    [
        {"forward": "SILVER"},
        {"window_ms": 0},
        {"expiry_ms": 1},
        {"coverage_ppm": 0},
        {"coverage_ppm": 1_000_001},
        {"extension_ms": 0},
    ],
)
def test_terms_that_cannot_be_met_are_noticed(changes: dict[str, Any]) -> None:
    market = Dated()
    market.state.put(EXPIRIES, FUTURE, replace(market.expiry, **changes))

    with pytest.raises(Broken):
        look_at_all(market)


@pytest.mark.parametrize(
    ("table", "key", "record"),
    [
        (TRADING, FUTURE, Trading(TRADING_EXPIRED, 0, 0)),
        (SETTLEMENTS, BTC_PERP, Settlement(1, 0, 0, 0, 0, 128_000)),
        (EXPIRIES, FUTURE, None),
    ],
)
def test_an_end_without_its_price_or_date_is_noticed(
    table: AnyTable, key: str, record: Any
) -> None:
    market = Dated()
    if record is None:
        market.state.delete(table, key)
    else:
        market.state.put(table, key, record)

    with pytest.raises(Broken):
        look_at_all(market)
