"""What a feeder looks at: anything that says what a feed costs at a moment.

Source: docs/specs/feeder.md, FEEDER-004.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Observed:
    """A price as it was seen, how far it may be off, and in how many places it was seen."""

    price_e8: int
    confidence_e8: int
    sources_count: int


class Source(Protocol):
    """Where prices come from."""

    def observe(self, feeds: Sequence[str], now_ms: int) -> Mapping[str, Observed]:
        """Return what is known now of these feeds; one of which nothing is known is left out."""
        ...

    def volatility_ppm(self, underlying: str, now_ms: int) -> int | None:
        """Return the volatility a year at the forward, None where nothing is known of it."""
        ...
