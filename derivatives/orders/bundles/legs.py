"""One side of one instrument, as part of something that happens whole or not at all.

Source: docs/specs/orders.md, ORDR-100 and ORDR-101.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from chain.kit import ANY_LEG_FACT, Refusal, require
from derivatives.orders import reasons
from derivatives.orders.state import SIDES

LEGS_MAX_COUNT = 8
"""The most legs of anything: each is tested and filled on its own."""


class AnyLeg(Protocol):
    """What every leg says, whatever else it says."""

    @property
    def instrument(self) -> str:
        """Return what is traded."""
        ...

    @property
    def side(self) -> int:
        """Return 1 to buy, 2 to sell."""
        ...

    @property
    def size_lots(self) -> int:
        """Return how much of it."""
        ...


@contextmanager
def leg_named(index: int) -> Iterator[None]:
    """Let whatever is refused inside say which leg it is about."""
    try:
        yield
    except Refusal as refusal:
        refusal.facts[ANY_LEG_FACT] = index
        raise


def check_legs(legs: Sequence[AnyLeg], lowest_count: int) -> None:
    """Refuse legs that are too few or too many, that are none, or two in one instrument.

    Refuses: orders.legs_count_wrong, .side_unknown, .size_not_positive, .leg_repeated.
    """
    require(
        lowest_count <= len(legs) <= LEGS_MAX_COUNT,
        reasons.LEGS_COUNT_WRONG,
        given_count=len(legs),
        lowest_count=lowest_count,
        highest_count=LEGS_MAX_COUNT,
    )
    named: list[str] = []
    for index, leg in enumerate(legs):
        with leg_named(index):
            require(leg.side in SIDES, reasons.SIDE_UNKNOWN, side_number=leg.side)
            lots = leg.size_lots
            require(lots > 0, reasons.SIZE_NOT_POSITIVE, size_lots=lots)
            repeated = leg.instrument in named
            require(not repeated, reasons.LEG_REPEATED, instrument=leg.instrument)
        named.append(leg.instrument)
