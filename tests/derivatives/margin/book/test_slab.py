"""MARG-018: accounts in arrays, wherever their positions stand."""

from array import array

import pytest

from derivatives.margin.book.market import Market
from derivatives.margin.book.reading import IS_LIVE, IS_PLAIN, IS_STALE, IS_WARNED, Packed, Reading
from derivatives.margin.book.slab import WASTE_MIN_COUNT, Slab
from derivatives.margin.kernel.level import kernel
from tests.given_margin import Margined
from tests.given_market import BTC_PERP, USD

pytestmark = pytest.mark.skipif(kernel is None, reason="no kernel of this revision is built")

NEW = IS_LIVE | IS_STALE
BTC_LOT = 64 * USD


def _market() -> Market:
    state = Margined().state
    market = Market(state, "main", "standard")
    market.place_of_instrument(state, BTC_PERP)
    market.refresh(state, array("i", (1,)))
    return market


def _bitcoin(count: int = 1) -> list[Packed]:
    """Return a thousand lots, in so many parts."""
    return [Packed(0, size := 1_000 // count, size * BTC_LOT, 0, 0)] * count


def test_who_has_plenty_is_passed_over_and_who_has_little_is_told() -> None:
    slab, market = Slab(), _market()
    slab.put("rich", Reading(10_000 * USD, NEW, _bitcoin()))
    slab.put("poor", Reading(2_000 * USD, NEW, _bitcoin()))
    slab.put("known", Reading(2_400 * USD, NEW | IS_WARNED, _bitcoin()))
    slab.put("broke", Reading(-1, NEW, _bitcoin()))
    slab.put("plain", Reading(10_000 * USD, NEW | IS_PLAIN, []))

    said = dict(slab.stand(market))

    assert ["poor", "broke", "plain"] == [*said]
    assert None is said["plain"]
    # 0.8 x 2,880.002 and a fee of 19.20, as MARG-049 works out.
    poor = said["poor"]
    assert poor is not None
    assert (2_000 * USD, 2_880_002_000) == (poor.equity_quantums, poor.risk_quantums)
    assert 2_323_201_600 == poor.maintenance_quantums


def test_only_who_is_stale_is_looked_at_and_what_was_said_is_said_again() -> None:
    slab, market = Slab(), _market()
    slab.put("rich", Reading(10_000 * USD, NEW, _bitcoin()))
    slab.put("broke", Reading(-1, NEW, _bitcoin()))
    market.new = bytearray(1)
    first = [*slab.stand(market)]
    slab.put("rich", Reading(9_000 * USD, NEW, _bitcoin()))

    assert first == [*slab.stand(market)]
    assert 1 == slab.looked_count
    slab.see_all_anew()
    assert first == [*slab.stand(market)]
    assert 2 == slab.looked_count


def test_account_that_grows_moves_and_what_it_leaves_is_used_again() -> None:
    slab, market = Slab(), _market()
    for number in range(40):
        slab.put(f"{number}", Reading(4_000 * USD, NEW, _bitcoin()))
    for count in (*range(2, 200, 4), 500):
        slab.put("7", Reading(-1, NEW, _bitcoin(count)))
    [*slab.stand(market)]

    assert all(
        4_000 * USD == slab.figures_of(slot).equity_quantums
        for name, slot in slab.slots.items()
        if name != "7"
    )
    assert WASTE_MIN_COUNT > len(slab._places) - 500 - 40 * 4


def test_position_and_cash_are_put_alone_where_they_were() -> None:
    slab, market = Slab(), _market()
    slab.put("rich", Reading(10_000 * USD, NEW, _bitcoin()))
    [*slab.stand(market)]

    assert slab.patch("rich", Packed(0, 500, 500 * BTC_LOT, 0, 0))
    assert not slab.patch("rich", Packed(1, 500, 500 * BTC_LOT, 0, 0))
    slab.patch_cash("rich", 9_000 * USD)
    [*slab.stand(market)]

    found = slab.figures_of(0)
    assert (9_000 * USD, 1_440_001_000) == (found.equity_quantums, found.risk_quantums)
    assert 1 == slab.looked_count


def test_place_of_who_left_is_given_to_who_comes() -> None:
    slab, market = Slab(), _market()
    slab.put("broke", Reading(-1, NEW, _bitcoin()))
    [*slab.stand(market)]
    slab.remove("broke")
    assert [] == [*slab.stand(market)]

    slab.put("rich", Reading(10_000 * USD, NEW, []))

    assert [] == [*slab.stand(market)]
    assert {"rich": 0} == slab.slots
    assert 0 == slab.figures_of(0).risk_quantums
