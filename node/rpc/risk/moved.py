"""What lines of margin would be if prices and volatilities were others.

An option is valued and shocked anew, by the chain's own rules, on a state in which its forward
and its surface have moved; a surface keeps its volatility at each strike but for the move of
volatility itself.

Source: docs/specs/rpc.md, RPC-131.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from chain.codec.order import KeyValue
from chain.kit import PPM, Key, Table, View, divide_down, replace
from derivatives.ids import FeedId, InstrumentId
from derivatives.instruments.state import EXPIRIES, INSTRUMENTS, SETTLEMENTS
from derivatives.instruments.terms import feed_of, is_option, price_of_ticks_e8
from derivatives.margin.rows import Line, line_of
from derivatives.marks.options import option_ticks
from derivatives.marks.state import MARKS
from derivatives.oracle.state import PRICES, SURFACES
from derivatives.oracle.surfaces import slice_of
from derivatives.pricing.surface.svi import scaled

V = TypeVar("V")


class Ratio(NamedTuple):
    """By what prices and volatilities of an underlying are multiplied: parts of a whole."""

    price: int = PPM
    price_whole: int = PPM
    volatility: int = PPM
    volatility_whole: int = PPM

    def then(self, price_move_ppm: int, volatility_move_ppm: int) -> "Ratio":
        """Return this and one more move after it."""
        return Ratio(
            self.price * (PPM + price_move_ppm),
            self.price_whole * PPM,
            self.volatility * (PPM + volatility_move_ppm),
            self.volatility_whole * PPM,
        )


STILL = Ratio()


class MovedView:
    """A state in which some records are others; it can be read and no more."""

    def __init__(self, view: View) -> None:
        """Begin with the state as it is."""
        self._view = view
        self._moved: dict[tuple[str, Key], Any] = {}

    def get(self, table: Table[V], key: Key) -> V | None:
        """Return the record under this key, the moved one where there is one."""
        found: V | None = self._moved.get((table.name, key))
        return self._view.get(table, key) if found is None else found

    def scan(
        self, table: Table[V], prefix: tuple[KeyValue, ...] = (), after: Key | None = None
    ) -> Iterator[tuple[Key, V]]:
        """Return keys and records in order of encoded key."""
        for key, row in self._view.scan(table, prefix, after):
            yield key, self._moved.get((table.name, key), row)

    def move(self, table: Table[V], key: Key, row: V) -> None:
        """Let the record under a key be another."""
        self._moved[table.name, key] = row


def feeds_of_underlying(view: View, underlying: FeedId) -> tuple[FeedId, ...]:
    """Return an underlying's feed and those of its dates, or the one feed of a date."""
    dates = {
        expiry.forward: None
        for key, expiry in view.scan(EXPIRIES)
        if (terms := view.get(INSTRUMENTS, key)) is not None and terms.underlying == underlying
    }
    return (underlying, *sorted(dates.keys() - {underlying}))


def moved_view(view: View, ratios: Mapping[FeedId, Ratio]) -> MovedView:
    """Return a state in which feeds and surfaces have moved by these ratios. Rounds: down."""
    moved = MovedView(view)
    for feed, ratio in ratios.items():
        price = view.get(PRICES, feed)
        if price is not None:
            price_e8 = max(1, divide_down(price.price_e8 * ratio.price, ratio.price_whole))
            moved.move(PRICES, feed, replace(price, price_e8=price_e8))
        stored = view.get(SURFACES, feed)
        if stored is not None and ratio.volatility != ratio.volatility_whole:
            over, under = ratio.volatility**2, ratio.volatility_whole**2
            smiles = []
            for smile in stored.smiles:
                one = scaled(slice_of(smile), over, under)
                smiles.append(replace(smile, a_q56=one.a_q56, b_q56=one.b_q56))
            moved.move(SURFACES, feed, replace(stored, smiles=tuple(smiles)))
    return moved


def moved_option_line(
    moved: MovedView, instrument_id: InstrumentId, schedule: str, time_ms: int
) -> Line | None:
    """Return an option's line in a state that has moved; None where it is worth what it was.

    That is of what is settled, or has no price.
    """
    terms, mark = moved.get(INSTRUMENTS, instrument_id), moved.get(MARKS, instrument_id)
    if terms is None or mark is None or not is_option(terms):
        return None
    settlement = moved.get(SETTLEMENTS, instrument_id)
    price = moved.get(PRICES, feed_of(moved, instrument_id, terms))
    if price is None or (settlement is not None and settlement.price_ticks):
        return None
    ticks = option_ticks(moved, instrument_id, terms, price.price_e8, time_ms)
    if ticks is None:
        return None
    value = ticks * terms.tick_value_quantums
    shown = replace(
        mark,
        mark_price_ticks=ticks,
        mark_value_quantums=value,
        index_price_e8=price_of_ticks_e8(ticks, terms),
        index_value_quantums=value,
    )
    moved.move(MARKS, instrument_id, shown)
    return line_of(moved, instrument_id, terms.compartment, schedule)
