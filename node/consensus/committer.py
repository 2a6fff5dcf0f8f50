"""Final blocks to disk, into the tables, and then to whoever waits: one queue, in order.

Nobody hears of a block before it is durable: not the core, not the pool, not a subscriber.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import trio

from chain.block.certificate import Certificate
from node.executor import Executor
from node.finality import Finality, FinalNotice
from node.state_store import StateStore
from node.telemetry.logs import log_of
from node.telemetry.metrics import CHAIN_TRANSACTIONS


@dataclass
class _Order:
    block_ids: tuple[bytes, ...]
    certificate: Certificate
    done: trio.Event


class Committer:
    """Makes final what consensus or range sync says is final."""

    def __init__(self, executor: Executor, state_store: StateStore, finality: Finality) -> None:
        self._executor = executor
        self._state_store = state_store
        self._finality = finality
        self._orders: deque[_Order] = deque()
        self._woken = trio.Event()
        self._told: list[Callable[[list[FinalNotice]], None]] = []
        self._log = log_of("chain")

    def tell(self, told: Callable[[list[FinalNotice]], None]) -> None:
        """Call this with what became durable, before subscribers hear of it. Must not wait."""
        self._told.append(told)

    def put(self, block_ids: tuple[bytes, ...], certificate: Certificate) -> trio.Event:
        """Queue blocks and return the event of their being durable and folded."""
        order = _Order(block_ids, certificate, trio.Event())
        self._orders.append(order)
        self._woken.set()
        return order.done

    @property
    def waiting_count(self) -> int:
        """How many orders are not carried out yet."""
        return len(self._orders)

    async def run(self, *, task_status: Any = trio.TASK_STATUS_IGNORED) -> None:
        """Commit until cancelled. Raises what the store raises: then nobody knows the disk."""
        task_status.started()
        while True:
            while not self._orders:
                self._woken = trio.Event()
                await self._woken.wait()
            await self._carry_out(self._orders[0])

    async def _carry_out(self, order: _Order) -> None:
        """Commit, and tell; what nobody keeps then goes at once, while it is in the cache."""
        with trio.CancelScope(shield=True):
            notices = await self._executor.commit(order.block_ids, order.certificate)
        self._orders.popleft()
        if notices:
            self._tell(notices)
        order.done.set()

    def _tell(self, notices: list[FinalNotice]) -> None:
        for notice in notices:
            header = notice.block.header
            self._log.info(
                "block committed",
                height=header.height,
                view=header.view,
                transactions=header.tx_count,
                root=header.state_root[:8],
            )
            applied_count = len(notice.encoded_receipts) - notice.refused_count
            CHAIN_TRANSACTIONS.labels("applied").inc(applied_count)
            CHAIN_TRANSACTIONS.labels("refused").inc(notice.refused_count)
        for told in self._told:
            told(notices)
        self._finality.publish(self._state_store.head, notices)
