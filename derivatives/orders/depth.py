"""What the book shows: its best prices and its levels.

Source: docs/specs/orders.md, ORDR-070 to ORDR-072.
"""

from chain.kit import View
from derivatives.ids import InstrumentId
from derivatives.orders.state import SIDE_BUY, SIDE_SELL, TOPS, price_of_rank, resting


def best_price(view: View, instrument_id: InstrumentId, side: int) -> int | None:
    """Return the best price of one side in ticks, None where nothing rests."""
    top = view.get(TOPS, (instrument_id, side))
    return None if top is None else price_of_rank(side, top.rank)


def best_bid(view: View, instrument_id: InstrumentId) -> int | None:
    """Return the highest price that somebody buys at, in ticks, if anybody does."""
    return best_price(view, instrument_id, SIDE_BUY)


def best_ask(view: View, instrument_id: InstrumentId) -> int | None:
    """Return the lowest price that somebody sells at, in ticks, if anybody does."""
    return best_price(view, instrument_id, SIDE_SELL)


def levels(
    view: View, instrument_id: InstrumentId, side: int, limit_count: int
) -> tuple[tuple[int, int], ...]:
    """Return (price in ticks, lots) of the best prices of one side, at most so many."""
    found: list[tuple[int, int]] = []
    for price_ticks, remaining_lots, _, _ in resting(view, instrument_id, side):
        if found and found[-1][0] == price_ticks:
            found[-1] = (price_ticks, found[-1][1] + remaining_lots)
        elif len(found) == limit_count:
            break
        else:
            found.append((price_ticks, remaining_lots))
    return tuple(found)
