"""Prices from JSON over HTTP: several places a feed, their median, all asked at once.

A place that does not answer in time is passed over; what it said before holds for a few
rounds and is then forgotten. A feed is reported with the number of places that still count,
and the oracle asks for as many as the feed's terms say.

Source: docs/specs/feeder.md, FEEDER-030 to FEEDER-034.
"""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from node.agents.feeder.recorded import price_e8_of
from node.agents.feeder.source import Observed
from node.clock import Clock
from node.reports.own import confidence_of

ANSWER_MAX_BYTES = 1024 * 1024
TIMEOUT_MS = 1_000
FORGOTTEN_AFTER_TURNS = 3


@dataclass(frozen=True)
class Place:
    """Where one feed's price stands: an address, and the way to it in the JSON: `data.0.price`."""

    feed: str
    url: str
    path: str


class Web:
    """The places of all feeds, asked again every `every_ms`."""

    def __init__(self, places: Sequence[Place], every_ms: int, clock: Clock) -> None:
        self._places = tuple(places)
        self._every_ms = every_ms
        self._clock = clock
        self._heard: dict[Place, tuple[int, int]] = {}
        """Place -> when it answered, and with which price."""
        self._asked_ms: int | None = None
        self._threads = ThreadPoolExecutor(max_workers=max(1, min(16, len(self._places))))

    def observe(self, feeds: Sequence[str], now_ms: int) -> Mapping[str, Observed]:
        """Return the median of what the places of each feed said lately."""
        del now_ms  # ages are of the machine's own clock, which never goes back
        moment_ms = self._clock.monotonic_ms()
        if self._asked_ms is None or moment_ms - self._asked_ms >= self._every_ms:
            self._asked_ms = moment_ms
            answers = self._threads.map(asked, self._places)
            for place, price_e8 in zip(self._places, answers, strict=True):
                if price_e8:
                    self._heard[place] = (moment_ms, price_e8)
        oldest_ms = moment_ms - FORGOTTEN_AFTER_TURNS * self._every_ms
        seen = {}
        for feed in feeds:
            prices_e8 = sorted(
                price_e8
                for place, (heard_ms, price_e8) in self._heard.items()
                if place.feed == feed and heard_ms >= oldest_ms
            )
            if prices_e8:
                seen[feed] = observed_of(prices_e8)
        return seen

    def volatility_ppm(self, underlying: str, now_ms: int) -> int | None:  # noqa: ARG002
        """Return nothing: a place holds prices alone."""
        return None

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def observed_of(prices_e8: Sequence[int]) -> Observed:
    """Return the lower median of ascending prices; as unsure as the farthest of them is off."""
    median_e8 = prices_e8[(len(prices_e8) - 1) // 2]
    spread_e8 = max(prices_e8[-1] - median_e8, median_e8 - prices_e8[0])
    return Observed(median_e8, max(confidence_of(median_e8), spread_e8), len(prices_e8))


def asked(place: Place) -> int:
    """Return the price that a place gives now, 0 when it gives none in time."""
    try:
        with urllib.request.urlopen(place.url, timeout=TIMEOUT_MS / 1000) as response:  # noqa: S310  # schemes are checked when read
            data = response.read(ANSWER_MAX_BYTES)
        return price_at(json.loads(data, parse_float=Decimal, parse_int=Decimal), place.path)
    except (OSError, ValueError, RecursionError, http.client.HTTPException):
        return 0


def price_at(document: Any, path: str) -> int:
    """Return the price at a path, 0 when there is none.

    >>> price_at({"data": [{"price": "2.5"}]}, "data.0.price")
    250000000
    """
    for part in path.split("."):
        if isinstance(document, dict):
            document = document.get(part)
        elif isinstance(document, list) and part.isdigit() and int(part) < len(document):
            document = document[int(part)]
        else:
            return 0
    try:
        return price_e8_of(Decimal(document)) if isinstance(document, str | Decimal) else 0
    except InvalidOperation:
        return 0
