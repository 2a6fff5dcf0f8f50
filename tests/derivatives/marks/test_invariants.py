"""MARK-001 to MARK-005: a mark that cannot be is noticed."""

from typing import Any

import pytest

from chain.kit import Broken, replace
from derivatives.marks.invariants import every_mark_is_near_its_index
from derivatives.marks.state import MARKS
from tests.given_market import BTC_PERP, Market


@pytest.mark.parametrize(
    "changes",
    [
        {"index_value_quantums": 64_000_001},
        {"mark_value_quantums": 64_000_001},
        {"mark_price_ticks": 130_562, "mark_value_quantums": 130_562 * 500},
    ],
)
def test_wrong_mark_is_noticed(changes: dict[str, Any]) -> None:
    market = Market()
    every_mark_is_near_its_index(market.state)
    mark = market.state.get(MARKS, BTC_PERP)
    assert mark is not None

    market.state.put(MARKS, BTC_PERP, replace(mark, **changes))

    with pytest.raises(Broken):
        every_mark_is_near_its_index(market.state)


def test_mark_of_what_is_not_listed_is_noticed() -> None:
    market = Market()
    mark = market.state.get(MARKS, BTC_PERP)
    assert mark is not None

    market.state.put(MARKS, "DOGE-PERP", mark)

    with pytest.raises(Broken):
        every_mark_is_near_its_index(market.state)
