"""A market that was recorded: a CSV file, played from a given moment on.

    time_ms,feed,price
    0,BTC,64000
    500,BTC,64012.5

Rows ascend by time, which counts from the first moment of playing; a row holds until the
feed's next. After its last row a recording says nothing more, unless it is to repeat.

Source: docs/specs/feeder.md, FEEDER-020 to FEEDER-023.
"""

import csv
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

from node.agents.feeder.fault import FeederFault
from node.agents.feeder.source import Observed
from node.reports.own import UNIT_E8, confidence_of

HEAD = ["time_ms", "feed", "price"]
PRICE_MAX_E8 = 2**62
HOLD_LAST_MS = 500
"""How long the last row of a recording holds."""


class Recorded:
    """A recording that plays since `start_ms`."""

    def __init__(
        self, rows: Mapping[str, Sequence[tuple[int, int]]], start_ms: int, *, repeat: bool
    ) -> None:
        """`rows`: for each feed (time from the start, price), ascending by time."""
        self._times = {feed: [time_ms for time_ms, _ in line] for feed, line in rows.items()}
        self._prices = {feed: [price_e8 for _, price_e8 in line] for feed, line in rows.items()}
        self._length_ms = HOLD_LAST_MS + max(times[-1] for times in self._times.values())
        self._start_ms = start_ms
        self._repeat = repeat

    def observe(self, feeds: Sequence[str], now_ms: int) -> Mapping[str, Observed]:
        """Return the prices of the row that holds now, for each feed that has one."""
        at_ms = now_ms - self._start_ms
        if self._repeat:
            at_ms %= self._length_ms
        if not 0 <= at_ms < self._length_ms:
            return {}
        seen = {}
        for feed in feeds:
            place = bisect_right(self._times.get(feed, ()), at_ms) - 1
            if place >= 0:
                price_e8 = self._prices[feed][place]
                seen[feed] = Observed(price_e8, confidence_of(price_e8), 1)
        return seen

    def volatility_ppm(self, underlying: str, now_ms: int) -> int | None:  # noqa: ARG002
        """Return nothing: a recording holds prices alone."""
        return None


def rows_of(path: Path) -> dict[str, list[tuple[int, int]]]:
    """Return the rows of a recording by feed.

    Refuses: FeederFault, with the line that is wrong.
    """
    rows: dict[str, list[tuple[int, int]]] = {}
    last_ms = 0
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.reader(file)
            if next(reader, None) != HEAD:
                raise _wrong(path, 1, f"the first line is {','.join(HEAD)}")
            for number, row in enumerate(reader, 2):
                time_ms, feed, price_e8 = _row_of(path, number, row)
                if time_ms < last_ms:
                    raise _wrong(path, number, f"{time_ms} ms lies before {last_ms} ms")
                last_ms = time_ms
                rows.setdefault(feed, []).append((time_ms, price_e8))
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        raise _wrong(path, 0, str(fault)) from fault
    if not rows:
        raise _wrong(path, 1, "it holds no row")
    return rows


def price_e8_of(value: Decimal) -> int:
    """Return a price in 10^-8 units; 0 for what is none. Rounds: down.

    >>> price_e8_of(Decimal("64012.5"))
    6401250000000
    """
    if not value.is_finite() or value <= 0 or value.adjusted() > 20:
        return 0
    price_e8 = int(value * UNIT_E8)
    return price_e8 if price_e8 < PRICE_MAX_E8 else 0


def _row_of(path: Path, number: int, row: Sequence[str]) -> tuple[int, str, int]:
    try:
        time_text, feed, price_text = row
        time_ms, price_e8 = int(time_text), price_e8_of(Decimal(price_text))
    except (ValueError, InvalidOperation) as fault:
        raise _wrong(path, number, f"no row: {','.join(row)[:60]}") from fault
    if not price_e8 or time_ms < 0 or not 1 <= len(feed) <= 16:
        raise _wrong(path, number, f"no row: {','.join(row)[:60]}")
    return time_ms, feed, price_e8


def _wrong(path: Path, line: int, why: str) -> FeederFault:
    return FeederFault(
        "feeder_recording",
        f"{path}{f':{line}' if line else ''}: {why}.",
        spared="Nothing was reported.",
        hint="Its form is in docs/specs/feeder.md.",
        line=line,
    )
