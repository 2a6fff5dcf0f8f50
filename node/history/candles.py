"""Candles: first, highest, lowest and last price of a span of time, and what was traded in it.

Those of a minute, an hour and a day are kept; others are put together from them.

Source: docs/specs/history.md, HIST-010 to HIST-014.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from chain.arithmetic import divide_down

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
KEPT_MS = (MINUTE_MS, HOUR_MS, DAY_MS)
INTERVALS_MS = {
    "1m": MINUTE_MS,
    "5m": 5 * MINUTE_MS,
    "15m": 15 * MINUTE_MS,
    "30m": 30 * MINUTE_MS,
    "1h": HOUR_MS,
    "4h": 4 * HOUR_MS,
    "12h": 12 * HOUR_MS,
    "1d": DAY_MS,
}
VOLUME_MAX_LOTS = 2**62
"""A volume stays there: beyond 63 bits the file would go on with a fraction."""


class Candle(NamedTuple):
    """One span that begins at `start_ms`; spans without a trade have none."""

    start_ms: int
    open_ticks: int
    high_ticks: int
    low_ticks: int
    close_ticks: int
    volume_lots: int
    trades_count: int


def start_of(time_ms: int, interval_ms: int) -> int:
    """Return when the span begins that a moment lies in. Rounds: down.

    >>> start_of(179_999, 60_000)
    120000
    """
    return divide_down(time_ms, interval_ms) * interval_ms


def kept_under(interval_ms: int) -> int:
    """Return the longest kept span of which an interval consists.

    >>> kept_under(INTERVALS_MS["15m"]), kept_under(INTERVALS_MS["4h"])
    (60000, 3600000)
    """
    return max(kept for kept in KEPT_MS if interval_ms % kept == 0)


def candle_of(
    prices_ticks: Sequence[int], sizes_lots: Sequence[int], time_ms: int, interval_ms: int
) -> Candle:
    """Return the candle of trades of one moment, in their order; there is at least one."""
    return Candle(
        start_of(time_ms, interval_ms),
        prices_ticks[0],
        max(prices_ticks),
        min(prices_ticks),
        prices_ticks[-1],
        min(sum(sizes_lots), VOLUME_MAX_LOTS),
        len(prices_ticks),
    )


def joined(first: Candle, later: Candle) -> Candle:
    """Return the candle of two, the second of which came later, from the first one's start."""
    return Candle(
        first.start_ms,
        first.open_ticks,
        max(first.high_ticks, later.high_ticks),
        min(first.low_ticks, later.low_ticks),
        later.close_ticks,
        min(first.volume_lots + later.volume_lots, VOLUME_MAX_LOTS),
        first.trades_count + later.trades_count,
    )


def at_interval(candles: Iterable[Candle], interval_ms: int) -> list[Candle]:
    """Return longer candles made of shorter ones, both ascending by time."""
    made: list[Candle] = []
    for candle in candles:
        start_ms = start_of(candle.start_ms, interval_ms)
        if made and made[-1].start_ms == start_ms:
            made[-1] = joined(made[-1], candle)
        else:
            made.append(candle._replace(start_ms=start_ms))
    return made
