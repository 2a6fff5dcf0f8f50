"""Admission to the mempool: form, state, signatures, place, in the order of their cost.

What this node refuses here it neither proposes nor publishes.

Source: docs/specs/node.md, NODE-010 to NODE-013.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import trio

from chain.block.reasons import BAD_SIGNATURE
from chain.block.transaction import Transaction, parse_transaction, parse_transactions
from chain.kit.reason import Refusal
from chain.machine.admit import Admissions, check_refusal
from chain.machine.application import Application
from node.clock import Clock
from node.mempool.pieces import pieces_of
from node.mempool.pool import Mempool
from node.signatures import Signatures
from node.state_store import StateStore
from node.telemetry.metrics import MEMPOOL_REFUSED

AT_ONCE_BYTES = 32 * 1024
"""Taken apart and held against the state between two looks of the main loop at consensus: half a
millisecond, be it a hundred and fifty transfers or two of the longest lists."""
LOOK_EVERY_S = 1.0
"""Whose transactions are in one block has some in the next: one look is enough for several."""
LOOKS_AT_ONCE_COUNT = 256
"""Signers and transactions held against a new state between two looks: as long, too."""


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
        self._doubtful: dict[bytes, None] = {}
        self._doubt = trio.Event()
        self._told: list[Callable[[list[Transaction], bool], None]] = []

    def tell(self, told: Callable[[list[Transaction], bool], None]) -> None:
        """Call this with every list that was let in, and whether it was submitted here."""
        self._told.append(told)

    async def submit(self, data: bytes) -> bytes:
        """Admit the bytes of one transaction and return its id.

        Refuses: with the codes of areas transaction, signers and mempool.
        """
        try:
            transaction = parse_transaction(self._application, self._chain_id, data)
        except Refusal as refusal:
            _count_refused(refusal)
            raise
        await self.submit_parsed(transaction)
        return transaction.id

    async def submit_parsed(self, transaction: Transaction) -> None:
        """Admit a transaction that was taken apart already, as submitted here.

        Refuses: with the codes of areas transaction, signers and mempool.
        """
        (refusal,) = await self.submit_list([transaction])
        if refusal is not None:
            raise refusal

    async def submit_list(self, transactions: Sequence[Transaction]) -> list[Refusal | None]:
        """Admit transactions that were taken apart already, as submitted here, in their order.

        Returns for each why it was refused, or None: one that is refused does not stop the rest.
        Their signatures are checked together.
        """
        answers = await self._answers(transactions)
        for answer in filter(None, answers):
            _count_refused(answer)
        added = [one for one, answer in zip(transactions, answers, strict=True) if answer is None]
        self._tell(added, local=True)
        return answers

    async def _answers(self, transactions: Sequence[Transaction]) -> list[Refusal | None]:
        """Admit transactions, and return for each why it was refused, or None."""
        asked_at = self._state_store.head.block_id
        answers: list[Refusal | None] = []
        for some in pieces_of(transactions, lambda one: len(one.data), AT_ONCE_BYTES):
            if answers:
                await trio.lowlevel.checkpoint()
            answers += self._held_against_the_state(some)
        fresh = [one for one, answer in zip(transactions, answers, strict=True) if answer is None]
        verdicts = await self._signatures.genuine(fresh)
        added = iter(self._add_many(fresh, verdicts, asked_at))
        return [next(added) if answer is None else answer for answer in answers]

    async def submit_many(self, batch: Sequence[bytes]) -> Gossiped:
        """Admit what a peer published, leaving out what it should not have."""
        (gossiped,) = await self.submit_batches([batch])
        return gossiped

    async def submit_batches(self, batches: Sequence[Sequence[bytes]]) -> list[Gossiped]:
        """Admit what peers published, and return what came of each batch.

        The signatures of all are checked together.
        """
        asked_at = self._state_store.head.block_id
        offences = [0] * len(batches)
        fresh: list[Transaction] = []
        fresh_of: list[int] = []
        is_first = True
        for place, batch in enumerate(batches):
            for some in pieces_of(batch, len, AT_ONCE_BYTES):
                if not is_first:
                    await trio.lowlevel.checkpoint()
                is_first = False
                welcome, offence_count = self._welcome(some)
                fresh += welcome
                fresh_of += [place] * len(welcome)
                offences[place] += offence_count
        verdicts = await self._signatures.genuine(fresh)
        answers = self._add_many(fresh, verdicts, asked_at)
        admitted = [0] * len(batches)
        added: list[Transaction] = []
        for transaction, place, genuine, answer in zip(
            fresh, fresh_of, verdicts, answers, strict=True
        ):
            if answer is None:
                admitted[place] += 1
                added.append(transaction)
            elif not genuine:
                offences[place] += 1
        self._tell(added, local=False)
        return [
            Gossiped(admitted_count, len(batch) - admitted_count - offence_count, offence_count)
            for batch, admitted_count, offence_count in zip(
                batches, admitted, offences, strict=True
            )
        ]

    def look_again(self, signers: Iterable[bytes]) -> None:
        """Have what waits of these held against the final state soon. Never waits."""
        self._doubtful.update(dict.fromkeys(signers))
        self._doubt.set()

    async def run(self, *, task_status: Any = trio.TASK_STATUS_IGNORED) -> None:
        """Let go of what has no hope since the final state moved, a few at a time."""
        task_status.started()
        while True:
            await self._doubt.wait()
            self._doubt = trio.Event()
            while self._doubtful:
                admissions = self._standing()
                looks_count = 0
                while self._doubtful and looks_count < LOOKS_AT_ONCE_COUNT:
                    looks_count += self._look_at(self._doubtful.popitem()[0], admissions)
                await trio.lowlevel.checkpoint()
            await trio.sleep(LOOK_EVERY_S)

    def _look_at(self, signer: bytes, admissions: Admissions) -> int:
        """Let go of what waits of a signer without hope, and return how much was looked at.

        Where the state says of the signer what it said when all of it was looked at, and its own
        keys signed all, nothing has changed.
        """
        pool, standing = self._mempool, admissions.standing_of(signer)
        if standing is not None and pool.is_noted(signer, standing, admissions.height):
            return 1
        waiting = pool.waiting_of(signer)
        are_own = True
        for transaction, refusal in zip(waiting, admissions.refusals(waiting), strict=True):
            if refusal is not None:
                pool.refuse(transaction.id)
            elif not admissions.is_by_own_keys(transaction):
                are_own = False
        pool.note(signer, standing if are_own else None)
        return 1 + len(waiting)

    def _standing(self) -> Admissions:
        """Return what the final state admits."""
        view, head = self._state_store.view_at(None)
        if head.block_id != self._admissions_at:
            self._admissions = Admissions(view, head.height)
            self._admissions_at = head.block_id
        return self._admissions

    def _held_against_the_state(self, some: Sequence[Transaction]) -> list[Refusal | None]:
        """Return for each why the final state, or what no state makes right, refuses it."""
        refusals = self._standing().refusals(some)
        return [refusal or check_refusal(one) for one, refusal in zip(some, refusals, strict=True)]

    def _welcome(self, some: Sequence[bytes]) -> tuple[list[Transaction], int]:
        """Return what the pool does not know and the state would take, and how many are none."""
        read = parse_transactions(self._application, self._chain_id, some, self._mempool.known)
        whole = [one for one in read if type(one) is Transaction]
        answers = self._held_against_the_state(whole)
        welcome = [one for one, answer in zip(whole, answers, strict=True) if answer is None]
        return welcome, sum([isinstance(one, Refusal) for one in read])

    def _add_many(
        self, transactions: Sequence[Transaction], verdicts: Sequence[bool], asked_at: bytes
    ) -> list[Refusal | None]:
        """Put those of genuine signatures into the pool; return why not, or None, for each.

        The state after `asked_at` or a later block admitted them.  Signatures took time, and a
        block may have become final meanwhile: then the state is asked again.
        """
        answers = [None if genuine else Refusal(BAD_SIGNATURE) for genuine in verdicts]
        admissions = self._standing()
        if asked_at != self._state_store.head.block_id:
            refusals = admissions.refusals(transactions)
            answers = [first or then for first, then in zip(answers, refusals, strict=True)]
        fit = [one for one, answer in zip(transactions, answers, strict=True) if answer is None]
        added = iter(self._mempool.add_many(fit, self._clock.monotonic_ms()))
        for place, answer in enumerate(answers):
            if answer is None and isinstance(outcome := next(added), Refusal):
                answers[place] = outcome
        for signer in admissions.signed_by_others:
            self._mempool.note(signer, None)
        return answers

    def _tell(self, transactions: list[Transaction], *, local: bool) -> None:
        if transactions:
            for told in self._told:
                told(transactions, local)


def _count_refused(refusal: Refusal) -> None:
    MEMPOOL_REFUSED.labels(refusal.reason.slug.partition(".")[0]).inc()
