"""Tell the others what was submitted here, in batches, and hear what was submitted there.

Only what this node admitted is published, once, by the node that admitted it first.
"""

from typing import Any

import trio

from chain.block.transaction import Transaction
from chain.codec.record import MalformedRecord
from node.admission import Admission
from node.peers.batch import batches_of, transactions_of
from p2p.network import Network, PeerId

PUBLISH_EVERY_S = 0.1
"""The first goes at once; what comes meanwhile is one message and costs what a small one does."""
OUTBOX_MAX_BYTES = 4 * 1024 * 1024
"""Admitted here and not yet published; beyond it only this node can propose them."""

UNREADABLE_BATCH = "gossip.unreadable_batch"
FORGED_TRANSACTION = "gossip.forged_transaction"


def transaction_topic(chain_id: bytes) -> str:
    """Return the topic on which a chain's transactions are published."""
    return f"novation/transactions/{chain_id.hex()[:16]}"


class TransactionGossip:
    """Publishes what was admitted here, and admits what others publish."""

    def __init__(self, network: Network, admission: Admission, chain_id: bytes) -> None:
        self._network = network
        self._admission = admission
        self._topic = transaction_topic(chain_id)
        self._outbox: list[bytes] = []
        self._outbox_bytes = 0
        self._filled = trio.Event()

    def admitted(self, transactions: list[Transaction], local: bool) -> None:
        """Take what was let in; what was submitted here goes out with the next batch."""
        if not local:
            return
        for transaction in transactions:
            if self._outbox_bytes + len(transaction.data) > OUTBOX_MAX_BYTES:
                break
            self._outbox.append(transaction.data)
            self._outbox_bytes += len(transaction.data)
        self._filled.set()

    async def run(self, *, task_status: Any = trio.TASK_STATUS_IGNORED) -> None:
        """Publish and hear until cancelled."""
        deliveries = self._network.subscribe(self._topic)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._publish)
            task_status.started()
            async for delivered in deliveries:
                for peer, data in delivered:
                    await self._hear(peer, data)

    async def _publish(self) -> None:
        while True:
            await self._filled.wait()
            self._filled = trio.Event()
            outbox, self._outbox, self._outbox_bytes = self._outbox, [], 0
            for batch in batches_of(outbox):
                await self._network.publish(self._topic, batch)
            await trio.sleep(PUBLISH_EVERY_S)

    async def _hear(self, peer: PeerId, data: bytes) -> None:
        try:
            batch = transactions_of(data)
        except MalformedRecord:
            self._network.charge(peer, UNREADABLE_BATCH)
            return
        gossiped = await self._admission.submit_many(batch)
        if gossiped.offence_count:
            self._network.charge(peer, FORGED_TRANSACTION)
