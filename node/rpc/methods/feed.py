"""What subscriptions are told, read from a node's rooms.

Source: docs/specs/rpc.md, RPC-052 to RPC-054.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from chain.codec.canonical import decode
from chain.crypto.addresses import text_of
from derivatives.orders.events import OrderFilled
from derivatives.trades.events import Traded
from node.rpc.clearing.liquidations import liquidation_form
from node.rpc.forms import addresses_in, event_form
from node.rpc.methods.blocks import told_block
from node.rpc.methods.standing import transaction_standing
from node.rpc.methods.trading.book import book_shape
from node.rpc.methods.trading.markets import mark_shape
from node.rpc.methods.trading.trades import time_of, trade_shape, traded_event
from node.rpc.subscriptions import ToldEvent
from node.services import Services
from node.storage.layout import StoredEvent

FILLS_OF_TRADE_MAX_COUNT = 2
"""Fills stand behind their trade; where two resting orders meet, one of each."""


def told_event(services: Services, stored: StoredEvent) -> dict[str, Any]:
    """Return a stored event: where it happened, its name, its fields."""
    application = services.application
    return {
        "seq": str(stored.sequence),
        "height": str(stored.height),
        "index": stored.index,
        "event": event_form(application, stored.module_number, stored.number, stored.payload),
    }


def concerned(
    services: Services, stored: StoredEvent, newest: Traded | None = None
) -> frozenset[str]:
    """Return the addresses that an event names.

    A fill names orders and nobody; it concerns whom the newest trade before it names.
    """
    event_type = services.application.event(stored.module_number, stored.number)
    if event_type is None:
        return frozenset()
    is_fill = event_type is OrderFilled and newest is not None
    event = newest if is_fill else decode(event_type, stored.payload)
    return frozenset(text_of(address) for address in addresses_in(event))


class ServicesFeed:
    """The feed of a running node."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def head_height(self) -> int:
        """Return the height of the newest final block."""
        return self._services.finality.head.height

    def oldest_block(self) -> int:
        """Return 0: blocks are kept for ever."""
        return 0

    def block(self, height: int) -> Mapping[str, Any]:
        """Return what is told of one final block."""
        storage = self._services.storage
        block = storage.block(height)
        assert block is not None, "the head and all below it are stored"
        return told_block(self._services, block, storage.receipts(height))

    def next_event(self) -> int:
        """Return the number that the next event will have."""
        tip = self._services.storage.tip()
        return tip.event_sequence if tip is not None else 0

    def events(self, from_seq: int, limit: int) -> Sequence[ToldEvent]:
        """Return stored events from this number on, ascending."""
        first = max(0, from_seq - FILLS_OF_TRADE_MAX_COUNT)
        told, newest = [], None
        for stored in self._services.storage.events(first, limit + from_seq - first):
            newest = traded_event(self._services, stored) or newest
            if stored.sequence >= from_seq:
                told.append(self._told(stored, newest))
        return told

    def _told(self, stored: StoredEvent, newest: Traded | None) -> ToldEvent:
        """Return an event as it is told; `newest` is the trade at or before it."""
        traded = traded_event(self._services, stored)
        trade = None
        if traded is not None:
            trade = trade_shape(traded, stored.height, time_of(self._services, stored.height))
        return ToldEvent(
            seq=stored.sequence,
            height=stored.height,
            shape=told_event(self._services, stored),
            addresses=concerned(self._services, stored, newest),
            market="" if traded is None else traded.instrument,
            trade=trade,
            liquidation=liquidation_form(self._services, stored),
        )

    def standing(self) -> Mapping[str, Any]:
        """Return how consensus stands."""
        standing = self._services.consensus.standing()
        return {
            "epoch": str(standing.epoch),
            "view": str(standing.view),
            "leader": standing.leader,
            "height": str(standing.height),
            "best_height": str(standing.best_height),
            "syncing": standing.syncing,
            "ready": standing.ready,
            "signing": standing.signing,
            "not_signing_why": standing.not_signing_why,
        }

    def transaction(self, transaction_id: bytes) -> Mapping[str, Any]:
        """Return where a transaction stands."""
        return transaction_standing(self._services, transaction_id)

    def mark(self, instrument: str) -> Mapping[str, Any]:
        """Return an instrument's prices."""
        return mark_shape(self._services.state_store.tables, instrument)

    def book(self, instrument: str) -> Mapping[str, Any]:
        """Return the best prices of an instrument's book."""
        tables = self._services.state_store.tables
        return book_shape(tables, instrument, self._services.finality.head.height)
