"""The oracle's invariant bites: each broken price is found."""

import pytest

from chain.kit import Broken, replace
from chain.state.overlay import Overlay
from chain.state.tables import Tables
from derivatives.oracle.invariants import INVARIANTS
from derivatives.oracle.ladder import FeedState
from derivatives.oracle.module import MODULE
from derivatives.oracle.state import FEEDS, PRICES, FeedPrice, FeedTerms

SOUND = FeedPrice(
    price_e8=100,
    confidence_e8=1,
    updated_ms=1,
    parent_price_e8=100,
    average_5m_e8=100,
    average_1h_e8=100,
    state=FeedState.NORMAL,
    pending_count=0,
    pending_above=False,
    at_bound=False,
    recovery_count=0,
    outage_from_ms=0,
    grace_until_ms=0,
    pending_ms=0,
)


def look(price: FeedPrice, *, listed: bool = True) -> None:
    view = Overlay(Tables(MODULE.tables))
    if listed:
        view.put(FEEDS, "BTC", FeedTerms("main", 90, 1, 10, 1_000))
    view.put(PRICES, "BTC", price)
    for invariant in INVARIANTS:
        invariant(view)


def test_sound_price_passes() -> None:
    look(SOUND)
    look(replace(SOUND, pending_count=1, pending_ms=1))


@pytest.mark.parametrize(("count", "time_ms"), [(1, 0), (0, 1)])
def test_value_that_is_held_was_said(count: int, time_ms: int) -> None:
    with pytest.raises(Broken, match="nobody said"):
        look(replace(SOUND, pending_count=count, pending_ms=time_ms))


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"price_e8": 1_000}, "at a bound"),
        ({"pending_count": 3}, "holds a confirmed value"),
        ({"confidence_e8": 0}, "certain beyond reason"),
    ],
)
def test_broken_price_is_found(changes: dict[str, int], what: str) -> None:
    with pytest.raises(Broken, match=what):
        look(replace(SOUND, **changes))


def test_price_of_no_feed_is_found() -> None:
    with pytest.raises(Broken, match="no terms"):
        look(SOUND, listed=False)
