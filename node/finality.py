"""Who waits for finality is told here, once the block is on this node's disk and not before.

The publisher never waits: a subscriber that does not read is cut off, and reads what it
missed from the store.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import trio

from chain.block.block import Block
from chain.block.certificate import Certificate
from chain.block.receipt import Receipt, decode_receipt, id_in
from chain.block.transaction import Transaction
from node.state_store import Head

NOTICES_MAX_COUNT = 256
"""Lists of notices that wait for one subscriber, about two minutes of blocks."""


@dataclass(frozen=True)
class FinalNotice:
    """One final block with what came of it."""

    block: Block
    block_id: bytes
    transactions: tuple[Transaction, ...]
    encoded_receipts: tuple[bytes, ...]
    refused_count: int
    certificate: Certificate
    """The Finalize certificate of this block or of the first certified one above it."""


@dataclass(frozen=True)
class FinalReceipt:
    """Where a transaction became final, and what came of it."""

    height: int
    index: int
    receipt: Receipt


@dataclass
class _Waiting:
    """Tasks that wait for one transaction, and what they will be told."""

    arrived: trio.Event
    final: FinalReceipt | None = None
    count: int = 0


Notices = trio.MemoryReceiveChannel[list[FinalNotice]]


class Finality:
    """The final head, and everybody who waits for it to move."""

    def __init__(self, head: Head) -> None:
        self._head = head
        self._moved = trio.Event()
        self._subscribers: set[trio.MemorySendChannel[list[FinalNotice]]] = set()
        self._waiting: dict[bytes, _Waiting] = {}

    @property
    def head(self) -> Head:
        """The newest final block that this node has executed and stored."""
        return self._head

    async def wait_head_above(self, height: int) -> Head:
        """Return the head as soon as it is higher than this."""
        while self._head.height <= height:
            await self._moved.wait()
        return self._head

    async def wait_transaction(self, transaction_id: bytes) -> FinalReceipt:
        """Return the receipt of a transaction that becomes final from now on.

        Ask the store before and after the first wait: what is final already is not told again.
        """
        waiting = self._waiting.setdefault(transaction_id, _Waiting(trio.Event()))
        waiting.count += 1
        try:
            await waiting.arrived.wait()
        finally:
            waiting.count -= 1
            if waiting.count == 0 and self._waiting.get(transaction_id) is waiting:
                del self._waiting[transaction_id]
        assert waiting.final is not None
        return waiting.final

    @asynccontextmanager
    async def subscribe(self) -> AsyncIterator[Notices]:
        """Give a channel of lists of notices, ascending by height, from the next block on.

        The channel ends early when its reader falls `NOTICES_MAX_COUNT` lists behind.
        """
        send, receive = trio.open_memory_channel[list[FinalNotice]](NOTICES_MAX_COUNT)
        self._subscribers.add(send)
        try:
            yield receive
        finally:
            self._subscribers.discard(send)
            send.close()
            receive.close()

    def publish(self, head: Head, notices: Sequence[FinalNotice]) -> None:
        """Move the head and tell everybody. Never waits."""
        self._head = head
        moved, self._moved = self._moved, trio.Event()
        moved.set()
        if self._waiting:
            self._tell_waiting(notices)
        for subscriber in list(self._subscribers):
            try:
                subscriber.send_nowait(list(notices))
            except trio.WouldBlock:
                self._subscribers.discard(subscriber)
                subscriber.close()

    def revert(self, head: Head) -> None:
        """Set the head back, on a development chain that went back to a snapshot."""
        self._head = head
        moved, self._moved = self._moved, trio.Event()
        moved.set()

    def _tell_waiting(self, notices: Sequence[FinalNotice]) -> None:
        for notice in notices:
            for data in notice.encoded_receipts:
                waiting = self._waiting.pop(id_in(data), None)
                if waiting is not None:
                    height, receipt = notice.block.header.height, decode_receipt(data)
                    waiting.final = FinalReceipt(height, receipt.index, receipt)
                    waiting.arrived.set()
