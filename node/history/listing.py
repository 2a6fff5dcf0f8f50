"""List what receipts tell: which lists an event belongs to, and which trades make candles.

Most of what a busy chain tells are trades, and each belongs to three lists: they are sorted here
with next to nothing said of each alone.

Source: docs/specs/history.md, HIST-001 to HIST-004, HIST-010, HIST-011.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from chain.block.receipt import HOOKS_KIND
from chain.block.told import Wanted, told_in
from chain.machine.application import Application
from derivatives.ids import AccountId, InstrumentId, is_account
from derivatives.perpetuals.events import FundingRateFixed
from derivatives.trades.events import Traded
from node.history.candles import KEPT_MS, Candle, candle_of, joined
from node.history.topics import (
    ACCOUNT_FIELDS,
    FORCED,
    LIQUIDATIONS,
    LISTED,
    account_of,
    rates_of,
    trades_of,
)

CandleKey = tuple[InstrumentId, int]
"""An instrument and a span in ms."""

TRADE_FIELDS = (
    "instrument",
    "price_ticks",
    "size_lots",
    "taker_side",
    "buyer_holder",
    "seller_holder",
)


class Kinds:
    """The kinds of events that are listed, by their numbers, and the fields that say where."""

    def __init__(self, application: Application) -> None:
        """Every kind that this application has."""
        self.trade = application.event_number(Traded)
        self.named = {
            application.event_number(kind): kind
            for kind in LISTED
            if kind in application.event_numbers
        }
        self.wanted: Wanted = {name: _places_of(kind) for name, kind in self.named.items()}


def _fields_of(kind: type[Any]) -> Sequence[str]:
    if kind is Traded:
        return TRADE_FIELDS
    return ("instrument",) if kind is FundingRateFixed else ACCOUNT_FIELDS[kind]


def _places_of(kind: type[Any]) -> tuple[int, ...]:
    return tuple(sorted(kind.__struct_fields__.index(field) for field in _fields_of(kind)))


class Listing:
    """What some blocks told, sorted: numbers of events by topic, and candles."""

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds
        self._accounts: dict[AccountId, list[int]] = {}
        self._others: dict[str, list[int]] = {}
        self.candles: dict[CandleKey, list[Candle]] = {}

    def lists(self) -> Mapping[str, Sequence[int]]:
        """Return the numbers of each topic, ascending. Holders that are no accounts have none."""
        return self._others | {
            account_of(holder): numbers
            for holder, numbers in self._accounts.items()
            if is_account(holder)
        }

    def add(self, encoded_receipts: tuple[bytes, ...], first_seq: int, time_ms: int) -> int:
        """Take a block whose first event has this number; return the number after its last."""
        count, told = told_in(encoded_receipts, self._kinds.wanted)
        trade, accounts = self._kinds.trade, self._accounts
        traded: dict[InstrumentId, tuple[list[int], list[int], list[int]]] = {}
        for row in told:
            if row[2] != trade:
                self._add_other(first_seq + row[0], row[2], row[3:])
                continue
            place, receipt_kind, _, instrument, price_ticks, size_lots, taker, buyer, seller = row
            seq = first_seq + place
            for holder in (buyer, seller) if buyer != seller else (buyer,):
                numbers = accounts.get(holder)
                if numbers is None:
                    accounts[holder] = [seq]
                else:
                    numbers.append(seq)
            found = traded.get(instrument)
            if found is None:
                found = traded[instrument] = ([], [], [])
            found[0].append(seq)
            # A book's trade has a taker; an auction's has none and is told by a hook. What a
            # keeper takes, and what two agree off the book, sets no price.
            if taker or receipt_kind == HOOKS_KIND:
                found[1].append(price_ticks)
                found[2].append(size_lots)
        for instrument, (numbers, prices_ticks, sizes_lots) in traded.items():
            self._others.setdefault(trades_of(instrument), []).extend(numbers)
            if prices_ticks:
                self._add_candles(instrument, prices_ticks, sizes_lots, time_ms)
        return first_seq + count

    def _add_other(self, seq: int, name: tuple[int, int], fields: Sequence[str]) -> None:
        """List an event that is no trade."""
        kind = self._kinds.named[name]
        if kind is FundingRateFixed:
            self._others.setdefault(rates_of(fields[0]), []).append(seq)
            return
        for holder in dict.fromkeys(fields):
            self._accounts.setdefault(holder, []).append(seq)
        if kind in FORCED:
            self._others.setdefault(LIQUIDATIONS, []).append(seq)

    def _add_candles(
        self,
        instrument: InstrumentId,
        prices_ticks: Sequence[int],
        sizes_lots: Sequence[int],
        time_ms: int,
    ) -> None:
        """Put trades of a block into the candles of every kept span, joining those of one span."""
        for interval_ms in KEPT_MS:
            made = self.candles.setdefault((instrument, interval_ms), [])
            candle = candle_of(prices_ticks, sizes_lots, time_ms, interval_ms)
            if made and made[-1].start_ms == candle.start_ms:
                made[-1] = joined(made[-1], candle)
            else:
                made.append(candle)
