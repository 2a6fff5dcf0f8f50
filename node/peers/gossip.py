"""Tell the others what was submitted here, in batches, and hear what was submitted there.

Only what was submitted here and admitted is published from here. What waits longer than a few
seconds is said again: perhaps nobody was there to hear it.
"""

import math
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import islice
from typing import Any

import trio

from chain.block.transaction import Transaction
from chain.codec.record import MalformedRecord
from node.admission import Admission
from node.peers.batch import batches_of, transactions_of
from node.telemetry.metrics import GOSSIP_FRAMES
from p2p.network import Deliveries, Network, PeerId

PUBLISH_EVERY_S = 0.02
PUBLISH_BUSY_EVERY_S = 0.2
BUSY_COUNT_PER_S = 250
"""The first goes at once; what comes meanwhile is one message and costs what a small one does.

While little comes the pause is short, since a transaction may wait here for the next block.
"""
OUTBOX_MAX_BYTES = 4 * 1024 * 1024
"""Admitted here and not yet published; beyond it only this node can propose them."""

AGAIN_EVERY_S = 5.0
AGAIN_MAX_COUNT = 256
"""Said again at one time, oldest first: a full pool must not fill the wires."""

OWN_MAX_COUNT = 20_000

HEARD_TOGETHER_COUNT = 512
"""Transactions of several messages whose signatures are checked together, as many as keep two
threads busy: each time costs a hop to a thread, as much as two signatures do."""

UNREADABLE_BATCH = "gossip.unreadable_batch"
FORGED_TRANSACTION = "gossip.forged_transaction"


def transaction_topic(chain_id: bytes) -> str:
    """Return the topic on which a chain's transactions are published."""
    return f"novation/transactions/{chain_id.hex()[:16]}"


class TransactionGossip:
    """Publishes what was admitted here, and admits what others publish."""

    def __init__(
        self,
        network: Network,
        admission: Admission,
        chain_id: bytes,
        is_waiting: Callable[[bytes], bool],
    ) -> None:
        """`is_waiting` says of a transaction's id whether it is in this node's pool."""
        self._is_waiting = is_waiting
        self._network = network
        self._admission = admission
        self._topic = transaction_topic(chain_id)
        self._outbox: list[bytes] = []
        self._outbox_bytes = 0
        self._said_count = 0
        self._fresh: dict[bytes, bytes] = {}
        """Id -> bytes of what was submitted here since the last look."""
        self._waiting: dict[bytes, bytes] = {}
        """Likewise of what waited at the last look already, oldest first."""
        self._filled = trio.Event()

    def admitted(self, transactions: list[Transaction], local: bool) -> None:
        """Take what was let in; what was submitted here goes out with the next batch."""
        if not local:
            return
        self._say([transaction.data for transaction in transactions])
        room_count = max(0, OWN_MAX_COUNT - len(self._fresh) - len(self._waiting))
        for transaction in transactions[:room_count]:
            self._fresh[transaction.id] = transaction.data

    def _say(self, said: Iterable[bytes]) -> None:
        for data in said:
            if self._outbox_bytes + len(data) <= OUTBOX_MAX_BYTES:
                self._outbox.append(data)
                self._outbox_bytes += len(data)
        if self._outbox:
            self._filled.set()

    async def run(self, *, task_status: Any = trio.TASK_STATUS_IGNORED) -> None:
        """Publish and hear until cancelled."""
        deliveries = self._network.subscribe(self._topic)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._publish)
            nursery.start_soon(self._say_again)
            task_status.started()
            async for delivered in deliveries:
                waiting = deque(delivered)
                while waiting:
                    _take_what_waits(deliveries, waiting)
                    await self._hear_some(waiting)

    async def _publish(self) -> None:
        published_at = -math.inf
        while True:
            await self._filled.wait()
            self._filled = trio.Event()
            now, before = trio.current_time(), published_at
            published_at = now
            is_busy = len(self._outbox) > BUSY_COUNT_PER_S * (now - before)
            outbox, self._outbox, self._outbox_bytes = self._outbox, [], 0
            for batch in batches_of(outbox, self._said_count):
                self._said_count += 1
                await self._network.publish(self._topic, batch)
                GOSSIP_FRAMES.labels("transactions", "out").inc()
            await trio.sleep(PUBLISH_BUSY_EVERY_S if is_busy else PUBLISH_EVERY_S)

    async def _say_again(self) -> None:
        """Say again what has waited for a whole round, as long as it waits."""
        while True:
            await trio.sleep(AGAIN_EVERY_S)
            still = {one: data for one, data in self._waiting.items() if self._is_waiting(one)}
            self._say(islice(still.values(), AGAIN_MAX_COUNT))
            fresh, self._fresh = self._fresh, {}
            still.update((one, data) for one, data in fresh.items() if self._is_waiting(one))
            self._waiting = still

    async def _hear_some(self, waiting: deque[tuple[PeerId, bytes]]) -> None:
        """Hear what came first, as many messages as are together worth a thread's time."""
        heard: list[tuple[PeerId, bytes]] = []
        batches: list[tuple[bytes, ...]] = []
        count = 0
        while waiting and count < HEARD_TOGETHER_COUNT:
            peer, data = waiting.popleft()
            GOSSIP_FRAMES.labels("transactions", "in").inc()
            try:
                batch = transactions_of(data)
            except MalformedRecord:
                self._network.charge(peer, UNREADABLE_BATCH)
                continue
            heard.append((peer, data))
            batches.append(batch)
            count += max(1, len(batch))
        gossiped = await self._admission.submit_batches(batches)
        for (peer, data), each in zip(heard, gossiped, strict=True):
            if each.offence_count:
                self._network.charge(peer, FORGED_TRANSACTION)
            else:
                await self._network.pass_on(self._topic, peer, data)


def _take_what_waits(deliveries: Deliveries, waiting: deque[tuple[PeerId, bytes]]) -> None:
    """Take every list that was delivered meanwhile."""
    with suppress(trio.WouldBlock, trio.EndOfChannel):
        while True:
            waiting += deliveries.receive_nowait()
