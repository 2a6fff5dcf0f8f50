"""Who holds positions in a compartment, how they stand, and what this block brought each.

The pass of step 5 has looked at everybody; one more over the same arrays says who gained.
Whom it declines, or whom the kernel has not, whoever asks looks at one by one.

Source: docs/specs/insurance.md, INS-020, INS-030; docs/specs/margin.md, MARG-018.
"""

from array import array
from typing import NamedTuple

from chain.kit import BlockContext, View
from derivatives.ids import AccountId, CompartmentId
from derivatives.margin.book.market import FUNDING_MAX_E18, LOW_MASK, Market
from derivatives.margin.book.packed import book_of
from derivatives.margin.book.slab import Gained, Moved
from derivatives.margin.sweep import Maintenance
from derivatives.marks.state import MARKS
from derivatives.perpetuals.funding import index_of

MOVED_QUANTUMS_MAX = 2**62


class Holders(NamedTuple):
    """The accounts of a compartment that hold positions, those aside that are `declined`."""

    markets: tuple[Gained, ...]
    declined: list[AccountId]

    @property
    def positions_count(self) -> int:
        """Return how many positions they hold."""
        return sum(sum(market.held_counts) for market in self.markets)

    def gains_quantums(self) -> dict[AccountId, int]:
        """Return what those gained who did, in no order."""
        return {
            name: gain
            for market in self.markets
            for name, gain in zip(market.names, market.gains_quantums, strict=True)
            if gain > 0 and name is not None
        }

    def standing(self) -> dict[AccountId, Maintenance]:
        """Return how everybody who holds positions stands, in no order."""
        return {
            name: market.standing_of(slot)
            for market in self.markets
            for slot, name in enumerate(market.names)
            if market.held_counts[slot] and name is not None
        }


def holders_of(context: BlockContext, compartment: CompartmentId) -> Holders | None:
    """Return who holds positions in a compartment, None where no book is kept.

    The declined may hold none.
    """
    with book_of(context) as book:
        if book is None:
            return None
        book.stand(context.state)
        markets, declined = [], book.strays
        for market, slab in book.markets_of(compartment):
            moved = _moved(context.state, context.before(), market)
            if not market.is_packable or moved is None:
                declined.extend(slab.slots)
                continue
            found = slab.gain(market, moved)
            markets.append(found)
            for slot, name in enumerate(found.names):
                if found.gains_quantums[slot] < 0 and name is not None:
                    declined.append(name)
                    found.held_counts[slot] = 0
        return Holders(tuple(markets), declined)


def _moved(view: View, before: View, market: Market) -> Moved | None:
    """Return how far every place came, None where the kernel does not take some of it."""
    values, lows, highs = array("q"), array("Q"), array("q")
    for place in market.places:
        mark = view.get(MARKS, place.name) if place.is_instrument else None
        moved = 0
        if mark is not None:
            moved = mark.index_value_quantums - mark.parent_index_value_quantums
        index_e18 = index_of(before, place.name) if place.is_instrument else 0
        if abs(moved) >= MOVED_QUANTUMS_MAX or abs(index_e18) >= FUNDING_MAX_E18:
            return None
        values.append(moved)
        lows.append(index_e18 & LOW_MASK)
        highs.append(index_e18 >> 64)
    return Moved(values, lows, highs)
