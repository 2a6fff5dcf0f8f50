"""AGT-034 to AGT-037, AGT-081 to AGT-083: when what rests is no longer what is wanted."""

from dataclasses import replace
from typing import Any

import pytest

from node.agents.quotes import Quote, is_dead_man_near, is_ending, is_stale
from node.agents.seen import BUY, SELL, Resting
from tests.node.agents.sights import ACCOUNT, TIME_MS

BID, ASK = Quote("b", BUY, 1_000, 200), Quote("a", SELL, 1_010, 200)
WANTED = (BID, ASK)


def resting(quote: Quote, **changed: Any) -> Resting:
    order = Resting(7, quote.client_id, "X", quote.side, quote.price_ticks, quote.size_lots)
    return replace(order, **changed)


def test_what_rests_within_its_tolerance_is_what_is_wanted() -> None:
    own = [resting(BID, price_ticks=995, remaining_lots=100), resting(ASK, price_ticks=1_015)]

    assert not is_stale(WANTED, own, 5)


def test_a_tolerance_may_be_a_share_of_the_price() -> None:
    # 5,999 ppm of a bid of 1,000 ticks are five of them.
    assert not is_stale((BID,), [resting(BID, price_ticks=995)], 0, 5_999)
    assert is_stale((BID,), [resting(BID, price_ticks=994)], 0, 5_999)


@pytest.mark.parametrize(
    "changed",
    [
        {"remaining_lots": 99},
        {"remaining_lots": 201},
        {"price_ticks": 994},
        {"side": SELL},
        {"client_id": "by hand"},
    ],
)
def test_one_order_that_is_off_makes_all_stale(changed: dict[str, Any]) -> None:
    assert is_stale(WANTED, [resting(BID, **changed), resting(ASK)], 5)


def test_an_order_gone_or_one_too_many_makes_all_stale() -> None:
    assert is_stale(WANTED, [resting(ASK)], 5)
    assert is_stale(WANTED, [resting(BID), resting(BID), resting(ASK)], 5)
    assert is_stale((BID,), [resting(BID), resting(ASK)], 5)


def test_an_order_ends_soon_with_less_than_a_part_of_its_life_left() -> None:
    lasting, endless = (resting(BID, good_till_ms=ends) for ends in (TIME_MS + 15_000, 0))

    assert not is_ending([lasting, endless], TIME_MS, 60_000)
    assert is_ending([lasting], TIME_MS + 1, 60_000)
    assert is_ending([lasting], TIME_MS, 60_000, 2)


def test_a_dead_man_is_near_when_less_than_half_of_it_is_left_and_orders_rest() -> None:
    account = replace(ACCOUNT, orders=(resting(BID),), dead_man_ms=TIME_MS + 7_500)

    assert not is_dead_man_near(account, TIME_MS, 15_000)
    assert is_dead_man_near(account, TIME_MS + 1, 15_000)
    assert not is_dead_man_near(replace(account, orders=()), TIME_MS + 1, 15_000)
