"""HIST-010 to HIST-013: candles."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from node.history.candles import (
    INTERVALS_MS,
    KEPT_MS,
    VOLUME_MAX_LOTS,
    Candle,
    at_interval,
    candle_of,
    joined,
    kept_under,
    start_of,
)

MINUTE_MS = 60_000
trades = st.lists(
    st.tuples(st.integers(0, 10**7), st.integers(1, 10**6), st.integers(1, 10**6)),
    min_size=1,
    max_size=40,
).map(sorted)


def candles_of(found: list[tuple[int, int, int]], interval_ms: int) -> list[Candle]:
    """Return the candles of trades (time, price, lots), made trade by trade."""
    made: list[Candle] = []
    for time_ms, price_ticks, size_lots in found:
        candle = candle_of([price_ticks], [size_lots], time_ms, interval_ms)
        if made and made[-1].start_ms == candle.start_ms:
            made[-1] = joined(made[-1], candle)
        else:
            made.append(candle)
    return made


def test_a_candle_has_first_highest_lowest_and_last_price() -> None:
    found = [(60_000, 10, 1), (61_000, 14, 2), (62_000, 8, 3), (119_999, 11, 4)]

    assert [Candle(60_000, 10, 14, 8, 11, 10, 4)] == candles_of(found, MINUTE_MS)


def test_a_span_without_a_trade_has_no_candle() -> None:
    found = [(0, 10, 1), (180_000, 12, 1)]

    assert [0, 180_000] == [candle.start_ms for candle in candles_of(found, MINUTE_MS)]


@given(trades, st.sampled_from(sorted(INTERVALS_MS.values())))
def test_candles_joined_from_shorter_ones_are_those_of_the_trades(
    found: list[tuple[int, int, int]], interval_ms: int
) -> None:
    kept = candles_of(found, kept_under(interval_ms))

    assert candles_of(found, interval_ms) == at_interval(kept, interval_ms)


@given(trades, st.sampled_from(sorted(INTERVALS_MS.values())))
def test_candles_ascend_begin_on_their_grid_and_hold_all_lots(
    found: list[tuple[int, int, int]], interval_ms: int
) -> None:
    made = candles_of(found, interval_ms)

    assert all(start_of(candle.start_ms, interval_ms) == candle.start_ms for candle in made)
    assert all(a.start_ms < b.start_ms for a, b in pairwise(made))
    assert sum(lots for _, _, lots in found) == sum(candle.volume_lots for candle in made)
    for candle in made:
        assert candle.low_ticks <= min(candle.open_ticks, candle.close_ticks)
        assert candle.high_ticks >= max(candle.open_ticks, candle.close_ticks)


@given(trades)
def test_trades_of_one_moment_make_the_candle_that_they_make_one_by_one(
    found: list[tuple[int, int, int]],
) -> None:
    together = candle_of([one[1] for one in found], [one[2] for one in found], 0, MINUTE_MS)

    assert [together] == candles_of([(0, *one[1:]) for one in found], MINUTE_MS)


def test_a_volume_of_many_stays_where_63_bits_hold_it() -> None:
    """HIST-014."""
    made = candle_of([5, 6, 7], [2**62 - 1] * 3, 0, MINUTE_MS)

    assert VOLUME_MAX_LOTS == 2**62 == made.volume_lots == joined(made, made).volume_lots


def test_every_interval_consists_of_kept_spans() -> None:
    assert all(interval % kept_under(interval) == 0 for interval in INTERVALS_MS.values())
    assert set(KEPT_MS) <= set(INTERVALS_MS.values())
