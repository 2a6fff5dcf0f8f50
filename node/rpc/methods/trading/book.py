"""The book of an instrument: what rests at which price, best first.

Source: docs/specs/rpc.md, RPC-115.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import Meta

from chain.kit import View
from derivatives.orders.depth import levels
from derivatives.orders.state import SIDE_BUY, SIDE_SELL
from node.rpc.method import Answer, Call, Parameters, method
from node.rpc.methods.reading import SteadyView, read_at
from node.rpc.methods.state import REFUSALS_AT
from node.rpc.methods.trading.given import known_instrument
from node.rpc.methods.values import At, NumberText, height_from
from node.state_store import Head

DEPTH_DEFAULT_COUNT = 20
DEPTH_MAX_COUNT = 200
Level = list[NumberText]
"""A price in ticks, and the lots that rest there."""


class WhichBook(Parameters, frozen=True):
    """An instrument, how many prices a side, and the state to look at."""

    instrument: str
    depth_count: Annotated[int, Meta(ge=1, le=DEPTH_MAX_COUNT)] = DEPTH_DEFAULT_COUNT
    at: At = "finalized"


class Book(Answer, frozen=True):
    """Both sides of a book, best first, each price with the lots that rest there.

    `sequence` is the height of the block after which the book is like this.
    """

    instrument: str
    sequence: NumberText
    bids: list[Level]
    asks: list[Level]
    height: NumberText
    time_ms: int
    finalized: bool


@method("market_getBook", weight=3, refusals=("lookup.instrument_unknown", *REFUSALS_AT))
async def get_book(call: Call, asked: WhichBook) -> Book:
    """Return an instrument's book as [[price_ticks, size_lots], ...] a side, best first."""

    def look(view: SteadyView, head: Head) -> Book:
        known_instrument(view, asked.instrument)
        return Book(
            **book_shape(view, asked.instrument, head.height, asked.depth_count),
            height=str(head.height),
            time_ms=head.time_ms,
            finalized=True,
        )

    return await read_at(call.services, height_from(asked.at), look)


def book_shape(
    view: View, instrument_id: str, height: int, depth_count: int = DEPTH_DEFAULT_COUNT
) -> Mapping[str, Any]:
    """Return what is told of one book after a block."""
    bids, asks = (
        [[str(price), str(lots)] for price, lots in levels(view, instrument_id, side, depth_count)]
        for side in (SIDE_BUY, SIDE_SELL)
    )
    return {"instrument": instrument_id, "sequence": str(height), "bids": bids, "asks": asks}


METHODS = (get_book,)
