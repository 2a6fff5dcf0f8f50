"""RPC-136: what an account would gain or lose over a price, now and when a date ends."""

from typing import Any

import pytest

from chain.crypto.addresses import text_of
from node.rpc.risk.payoff import Part, PayoffPoint, curve_of, moves_of, zeros_of
from tests import given
from tests.node.rpc.clearing.test_chains import CALL, FUTURE, MARCH_MS, PUT, order, smiling
from tests.node.rpc.conftest import Caller, Refusal
from tests.node.rpc.methods.conftest import BTC_PERP, E8, USD, Market

ALICE = text_of(given.address("alice"))
DAY_MS = 86_400_000
E9 = 10**9

__all__ = ["smiling"]


def test_a_call_at_its_end_is_worth_what_it_is_in() -> None:
    call = Part(2, 3_000, 64_000, 64_000, True, 600_000_000, 30 * DAY_MS, 30 * DAY_MS)

    found = curve_of([call], [-500_000, 0, 250_000], 30 * DAY_MS, 0)

    assert [2 * -3_000, 2 * -3_000, 2 * (16_000 - 3_000)] == found


def test_a_put_at_its_end_is_worth_what_it_is_in() -> None:
    put = Part(-1, 3_000, 64_000, 64_000, False, 600_000_000, 30 * DAY_MS, 30 * DAY_MS)

    found = curve_of([put], [-500_000, 0, 250_000], 30 * DAY_MS, 0)

    assert [3_000 - 32_000, 3_000, 3_000] == found


def test_what_ends_later_has_the_time_that_it_has_left_then() -> None:
    long = Part(1, 0, 64_000 * USD, 64_000 * USD, True, 600_000_000, 40 * DAY_MS, 40 * DAY_MS)
    short = long._replace(term_ms=10 * DAY_MS, expiry_ms=10 * DAY_MS)

    at_its_end = curve_of([long], [0], 30 * DAY_MS, 0)

    assert curve_of([short], [0]) == at_its_end
    assert curve_of([long], [0]) > at_its_end > curve_of([long], [0], 40 * DAY_MS, 0) == [0]


def test_what_has_no_strike_moves_by_what_is_still_to_come() -> None:
    half_fixed = Part(10, 1_000, 500)

    assert [-10 * 250, 0, 10 * 250] == curve_of([half_fixed], [-500_000, 0, 500_000])


def test_moves_are_even_about_none() -> None:
    assert [-90, -45, 0, 45, 90] == moves_of(90, 5)
    assert 61 == len(moves_of(300_000, 61))


@pytest.mark.parametrize(
    ("values", "zeros"),
    [
        ([-10, 10], [50]),
        ([-10, -5, 30], [114]),
        ([5, 0, -5, 5], [100, 250]),
        ([0, 0, 0], []),
        ([1, 2], []),
    ],
)
def test_zeros_lie_between_points_by_a_straight_line(values: list[int], zeros: list[int]) -> None:
    points = [
        PayoffPoint(str(100 * place), 0, "0", str(value)) for place, value in enumerate(values)
    ]

    assert zeros == zeros_of(points)


async def test_the_curve_of_a_perpetual_is_a_line(market: Market, call: Caller) -> None:
    market.trade("alice", "bob", 1_000)

    answer = await call("risk_getPayoff", account=ALICE, underlying="BTC", points_count=3)

    assert (None, str(64_000 * E8), "USD") == tuple(
        answer[name] for name in ("expiry_ms", "price_e8", "settlement_asset")
    )
    moved = 64_000 * USD * 30 // 100
    assert [str(-moved), "0", str(moved)] == [one["now_quantums"] for one in answer["items"]]
    assert [one["now_quantums"] for one in answer["items"]] == [
        one["expiry_quantums"] for one in answer["items"]
    ]
    assert [str(64_000 * E8)] == answer["zeros_e8"]


async def test_a_straddle_loses_most_at_its_strike_and_what_it_cost(
    smiling: Market, call: Caller
) -> None:
    chain = await call("market_getChain", underlying="BTC")
    ticks = int(chain["strikes"][1]["call"]["mark_price_ticks"])
    for name in (CALL, PUT):
        order(smiling, "bob", 2, ticks, name)
        order(smiling, "alice", 1, ticks, name)

    answer = await call("risk_getPayoff", account=ALICE, underlying="BTC", reach_ppm=600_000)

    assert MARCH_MS == answer["expiry_ms"]
    later = [int(one["expiry_quantums"]) for one in answer["items"]]
    middle = len(later) // 2
    paid = int(
        (await call("market_getChain", underlying="BTC"))["strikes"][1]["call"]["mark_price_ticks"]
    )
    assert -2 * paid * 500 * 10 == later[middle] == min(later)
    low, high = (int(zero) / E8 for zero in answer["zeros_e8"])
    # The premiums together on each side of the strike, half a dollar a tick.
    assert abs(64_000 - paid - low) < 1
    assert abs(64_000 + paid - high) < 1
    now = [int(one["now_quantums"]) for one in answer["items"]]
    assert abs(now[middle]) < 10 * 500 * 2
    assert all(here >= there for here, there in zip(now, later, strict=True))


async def test_a_leg_is_taken_in_at_the_mark(smiling: Market, call: Caller) -> None:
    legs = [{"instrument": CALL, "size_lots": "-10"}, {"instrument": BTC_PERP, "size_lots": "10"}]

    answer = await call("risk_getPayoff", account=ALICE, underlying="BTC", legs=legs)

    later = [int(one["expiry_quantums"]) for one in answer["items"]]
    # A covered call: what it gains ends at the premium.
    premium = later[len(later) // 2]
    assert premium > 0
    assert abs(later[-1] - premium) < 10 * 500
    assert later[0] < 0


@pytest.mark.parametrize(
    "asked",
    [
        {"underlying": "DOGE"},
        {"underlying": "B" * 40},
        {"underlying": "BTC", "reach_ppm": 1},
        {"underlying": "BTC", "points_count": 500},
        {"underlying": "BTC", "expiry_ms": 5},
        {"underlying": "BTC", "legs": [{"instrument": "NONE", "size_lots": "1"}]},
        {"underlying": "BTC", "legs": [{"instrument": f"{FUTURE}-64000-C", "size_lots": "1"}]},
    ],
)
async def test_what_has_no_curve_is_refused(
    market: Market, call: Caller, asked: dict[str, Any]
) -> None:
    with pytest.raises(Refusal) as refused:
        await call("risk_getPayoff", account=ALICE, **asked)

    assert refused.value.code in {-32602, 1208}
