"""INST-030 to INST-044: what is dated settles on the mean of its last half hour."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derivatives.instruments.events import SettlementExtended, SettlementFixed
from derivatives.instruments.settling import (
    E8_MS_TO_E18,
    STEP_MAX_MS,
    Span,
    counted,
    expected_e8,
    open_quantums,
    settlement_ticks,
)
from derivatives.instruments.state import (
    SETTLEMENTS,
    TRADING_EXPIRED,
    Expiry,
    Settlement,
)
from derivatives.instruments.terms import may_open, may_reduce, trading_state
from derivatives.oracle.ladder import FeedState
from tests.given_dated import FUTURE, MINUTE_MS, WINDOW_MS, Dated
from tests.given_market import UNIT_E8

END_MS = 10_000_000
EXPIRY = Expiry("F", END_MS, WINDOW_MS, 800_000, 300_000, 24)
FRESH = Settlement(END_MS, 0, 0, 0, WINDOW_MS, 0)


def whole(settlement: Settlement, spans: list[Span]) -> Settlement:
    for span in spans:
        settlement = counted(settlement, EXPIRY, span)
    return settlement


def test_nothing_counts_before_the_window_begins() -> None:
    market = Dated()

    market.minutes(30)

    assert market.state.get(SETTLEMENTS, FUTURE) is None


def test_settlement_is_the_mean_over_the_window_down_to_the_tick() -> None:
    market = Dated()
    market.minutes(30)
    market.minutes(15)
    market.spot(65_000)
    told = market.minutes(15)

    # 15 minutes at 64,000 and 15 at 65,000.
    assert SettlementFixed(FUTURE, 129_000, WINDOW_MS, 0) in told
    assert TRADING_EXPIRED == trading_state(market.state, FUTURE)
    assert not may_open(market.state, FUTURE)
    assert not may_reduce(market.state, FUTURE)


def test_settled_price_stays_whatever_the_feeds_say_later() -> None:
    market = Dated()
    market.minutes(60)
    settled = market.settlement()
    market.spot(1_000)

    market.minutes(3)

    assert settled == market.settlement()
    assert TRADING_EXPIRED == trading_state(market.state, FUTURE)


def test_time_without_a_normal_feed_does_not_count_and_moves_the_end() -> None:
    market = Dated()
    market.minutes(30)
    market.spot(1, FeedState.STALE)
    told = market.minutes(10)
    market.spot(64_000)
    told += market.minutes(20)

    # 20 of 30 minutes are less than 80 %: five more.
    assert SettlementExtended(FUTURE, 20 * MINUTE_MS, market.ends_ms + 5 * MINUTE_MS) in told
    assert 0 == market.settlement().price_ticks
    told = market.minutes(5)
    assert SettlementFixed(FUTURE, 128_000, 25 * MINUTE_MS, 1) in told


def test_a_silence_to_the_last_extension_ends_at_the_last_price_there_was() -> None:
    market = Dated()
    market.minutes(30)
    market.spot(63_000, FeedState.AUCTION)
    told = market.minutes(30 + 24 * 5)

    assert SettlementFixed(FUTURE, 126_000, 0, 24) in told


def test_a_block_longer_than_a_minute_counts_as_a_minute() -> None:
    after = counted(FRESH, EXPIRY, Span(END_MS - WINDOW_MS, END_MS - WINDOW_MS + 90_000, 7))

    assert (STEP_MAX_MS, 7 * STEP_MAX_MS * E8_MS_TO_E18) == (
        after.counted_ms,
        after.price_seconds_e18,
    )


def test_one_block_over_all_extensions_ends_it_at_once() -> None:
    after = counted(FRESH, EXPIRY, Span(END_MS - WINDOW_MS, END_MS + 10**9, 7))

    assert (24, STEP_MAX_MS, END_MS + 24 * 300_000) == (
        after.extensions_count,
        after.counted_ms,
        after.ends_ms,
    )


@given(
    st.lists(
        st.tuples(st.integers(1, 90_000), st.one_of(st.none(), st.integers(1, 10**14))),
        min_size=1,
        max_size=60,
    )
)
def test_the_price_lies_within_what_was_told(steps: list[tuple[int, int | None]]) -> None:
    now_ms = END_MS - WINDOW_MS
    settlement, said = FRESH, []
    for after_ms, price in steps:
        settlement = counted(settlement, EXPIRY, Span(now_ms, now_ms + after_ms, price))
        now_ms += after_ms
        said += [price] if price is not None else []
        assert settlement.counted_ms <= now_ms - (END_MS - WINDOW_MS)
        assert 0 <= open_quantums(settlement, 10**6) <= 10**6
    if settlement.counted_ms:
        ticks = settlement_ticks(settlement, 0, 1)
        assert min(said) <= ticks <= max(said)
        assert min(*said, 5) <= expected_e8(settlement, 5) <= max(*said, 5)


@pytest.mark.parametrize(
    ("minutes", "open_value"), [(0, 10**6), (15, 500_000), (29, 33_334), (30, 0)]
)
def test_the_open_share_falls_with_the_time_that_counted(minutes: int, open_value: int) -> None:
    begin_ms = END_MS - WINDOW_MS
    spans = [
        Span(begin_ms + i * MINUTE_MS, begin_ms + (i + 1) * MINUTE_MS, UNIT_E8)
        for i in range(minutes)
    ]

    assert open_value == open_quantums(whole(FRESH, spans), 10**6)


def test_inside_the_window_what_is_fixed_moves_no_more() -> None:
    settlement = whole(
        FRESH,
        [
            Span(END_MS - WINDOW_MS + i * MINUTE_MS, END_MS - WINDOW_MS + (i + 1) * MINUTE_MS, 100)
            for i in range(20)
        ],
    )

    # 20 minutes at 100 are fixed, 10 to come at 130.
    assert 110 == expected_e8(settlement, 130)
