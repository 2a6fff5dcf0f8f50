"""The door of the mempool: form, state, signatures, place, in the order of their cost.

What this node refuses here it neither proposes nor publishes.

Source: docs/specs/node.md, NODE-010 to NODE-013.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import trio

from chain.block.reasons import BAD_SIGNATURE
from chain.block.transaction import Transaction, parse_transaction
from chain.kit.reason import Refusal
from chain.machine.admit import Admissions
from chain.machine.application import Application
from node.clock import Clock
from node.mempool.pool import Mempool
from node.signatures import Signatures
from node.state_store import StateStore
from node.telemetry.metrics import MEMPOOL_REFUSED

AT_ONCE_BYTES = 32 * 1024
"""Taken apart and held against the state between two looks of the main loop at consensus: half a
millisecond, be it a hundred and fifty transfers or two of the longest lists."""
DOUBTED_AT_ONCE_COUNT = 256
"""Transactions held against a new state between two looks: a third of a millisecond, too."""


@dataclass(frozen=True)
class Gossiped:
    """What came of a batch that a peer published."""

    admitted_count: int
    known_count: int
    offence_count: int
    """Transactions that no honest node publishes: malformed, or with a false signature."""


class Admission:
    """Lets transactions into the mempool, from the user's side and from peers."""

    def __init__(
        self,
        *,
        application: Application,
        chain_id: bytes,
        state_store: StateStore,
        mempool: Mempool,
        signatures: Signatures,
        clock: Clock,
    ) -> None:
        self._application = application
        self._chain_id = chain_id
        self._state_store = state_store
        self._mempool = mempool
        self._signatures = signatures
        self._clock = clock
        view, head = state_store.view_at(None)
        self._admissions, self._admissions_at = Admissions(view, head.height), head.block_id
        self._doubtful: deque[Transaction] = deque()
        self._doubt = trio.Event()
        self._told: list[Callable[[list[Transaction], bool], None]] = []

    def tell(self, told: Callable[[list[Transaction], bool], None]) -> None:
        """Call this with every list that was let in, and whether it was submitted here."""
        self._told.append(told)

    async def submit(self, data: bytes, *, local: bool = True) -> bytes:
        """Admit the bytes of one transaction and return its id.

        Refuses: with the codes of areas transaction, signers and mempool.
        """
        try:
            return await self._submitted(data, local=local)
        except Refusal as refusal:
            MEMPOOL_REFUSED.labels(refusal.reason.slug.partition(".")[0]).inc()
            raise

    async def _submitted(self, data: bytes, *, local: bool) -> bytes:
        transaction = parse_transaction(self._application, self._chain_id, data)
        await self._let_in(transaction, local=local)
        return transaction.id

    async def submit_parsed(self, transaction: Transaction) -> None:
        """Admit a transaction that was taken apart already, as submitted here.

        Refuses: with the codes of areas transaction, signers and mempool.
        """
        await self._let_in(transaction, local=True)

    async def _let_in(self, transaction: Transaction, *, local: bool) -> None:
        seen_at = self._admit(transaction)
        verdicts = await self._signatures.genuine([transaction])
        (refusal,) = self._add_many([(transaction, seen_at)], verdicts)
        if refusal is not None:
            raise refusal
        self._tell([transaction], local=local)

    async def submit_list(self, transactions: Sequence[Transaction]) -> list[Refusal | None]:
        """Admit transactions that were taken apart already, as submitted here, in their order.

        Returns for each why it was refused, or None: one that is refused does not stop the rest.
        Their signatures are checked together.
        """
        answers: list[Refusal | None] = []
        fresh: list[tuple[int, Transaction, bytes]] = []
        seen_bytes = 0
        for place, transaction in enumerate(transactions):
            if seen_bytes > AT_ONCE_BYTES:
                await trio.lowlevel.checkpoint()
                seen_bytes = 0
            seen_bytes += len(transaction.data)
            try:
                fresh.append((place, transaction, self._admit(transaction)))
                answers.append(None)
            except Refusal as refusal:
                answers.append(refusal)
        verdicts = await self._signatures.genuine([one for _, one, _ in fresh])
        added_or_not = self._add_many([(one, seen_at) for _, one, seen_at in fresh], verdicts)
        for (place, _, _), answer in zip(fresh, added_or_not, strict=True):
            answers[place] = answer
        for answer in filter(None, answers):
            MEMPOOL_REFUSED.labels(answer.reason.slug.partition(".")[0]).inc()
        added = [one for one, answer in zip(transactions, answers, strict=True) if answer is None]
        self._tell(added, local=True)
        return answers

    async def submit_many(self, batch: Sequence[bytes]) -> Gossiped:
        """Admit what a peer published, leaving out what it should not have."""
        fresh: list[tuple[Transaction, bytes]] = []
        offence_count = 0
        admissions, block_id = self._standing()
        seen_bytes = 0
        for data in batch:
            if seen_bytes > AT_ONCE_BYTES:
                await trio.lowlevel.checkpoint()
                admissions, block_id = self._standing()
                seen_bytes = 0
            seen_bytes += len(data)
            try:
                transaction = parse_transaction(self._application, self._chain_id, data)
            except Refusal:
                offence_count += 1
                continue
            if self._is_welcome(transaction, admissions):
                fresh.append((transaction, block_id))
        verdicts = await self._signatures.genuine([one for one, _ in fresh])
        offence_count += verdicts.count(False)
        answers = self._add_many(fresh, verdicts)
        added = [one for (one, _), answer in zip(fresh, answers, strict=True) if answer is None]
        self._tell(added, local=False)
        known_count = len(batch) - offence_count - len(added)
        return Gossiped(len(added), known_count, offence_count)

    def look_again(self, transactions: Iterable[Transaction]) -> None:
        """Have these, which wait, held against the final state anew. Never waits."""
        self._doubtful.extend(transactions)
        self._doubt.set()

    async def run(self, *, task_status: Any = trio.TASK_STATUS_IGNORED) -> None:
        """Let go of what has no hope since the final state moved, a few at a time."""
        task_status.started()
        while True:
            await self._doubt.wait()
            self._doubt = trio.Event()
            while self._doubtful:
                admissions, _ = self._standing()
                for _ in range(min(DOUBTED_AT_ONCE_COUNT, len(self._doubtful))):
                    transaction = self._doubtful.popleft()
                    if admissions.refusal(transaction) is not None:
                        self._mempool.refuse(transaction.id)
                await trio.lowlevel.checkpoint()

    def _standing(self) -> tuple[Admissions, bytes]:
        """Return what the final state admits, and the id of the block it is after."""
        view, head = self._state_store.view_at(None)
        if head.block_id != self._admissions_at:
            self._admissions = Admissions(view, head.height)
            self._admissions_at = head.block_id
        return self._admissions, head.block_id

    def _admit(self, transaction: Transaction) -> bytes:
        """Hold a transaction against the final state; return the id of the block it is after."""
        admissions, block_id = self._standing()
        admissions.admit(transaction)
        return block_id

    def _is_welcome(self, transaction: Transaction, admissions: Admissions) -> bool:
        """Return whether the pool does not know it and the state would take it."""
        if self._mempool.status(transaction.id) is not None:
            return False
        try:
            admissions.admit(transaction)
        except Refusal:
            return False
        return True

    def _add_many(
        self, seen: Sequence[tuple[Transaction, bytes]], verdicts: Sequence[bool]
    ) -> list[Refusal | None]:
        """Put those of genuine signatures into the pool; return why not, or None, for each.

        `seen` says of each after which block the state admitted it.  Signatures took time, and
        a block may have become final meanwhile: then the state is asked again.
        """
        block_id = self._state_store.head.block_id
        now_ms = self._clock.monotonic_ms()
        answers: list[Refusal | None] = []
        for (transaction, seen_at), genuine in zip(seen, verdicts, strict=True):
            if not genuine:
                answers.append(Refusal(BAD_SIGNATURE))
                continue
            try:
                if seen_at != block_id:
                    self._admit(transaction)
            except Refusal as refusal:
                answers.append(refusal)
                continue
            answer = self._mempool.add(transaction, now_ms)
            answers.append(answer if isinstance(answer, Refusal) else None)
        return answers

    def _tell(self, transactions: list[Transaction], *, local: bool) -> None:
        if transactions:
            for told in self._told:
                told(transactions, local)
