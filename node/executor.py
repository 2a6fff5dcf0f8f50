"""Execute blocks in a worker thread, keep what they come to, and fold what becomes final.

One thing at a time: a block is executed on overlays that nobody changes, and the tables change
only while nothing executes. What failed for a reason of this machine says nothing of the
block: no vote, an alarm, and once more.

Source: docs/specs/node.md, NODE-030 to NODE-036.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import trio

from chain.block.block import Block
from chain.block.certificate import AuthoritySet, Certificate
from chain.block.receipt import Receipt, decode_receipt
from chain.block.transaction import Transaction, parse_transaction
from chain.consensus.effects import Verdict
from chain.kit.reason import InvalidBlock, Refusal
from chain.machine.application import Application
from chain.machine.audit import Breach, run_invariants
from chain.machine.run import BlockFacts, Outcome, Unfit, open_block
from chain.machine.validity import CheckedBlock, apply_block, check_block
from chain.modules.authorities.sets import authority_set_of
from chain.modules.system.standing import progress_of
from chain.state.view import CommittedView, View
from node.clock import Clock
from node.consensus.alarms import Alarms
from node.finality import FinalNotice
from node.proposer import Built, Contents, build_block
from node.signatures import Signatures
from node.state_store import StateStore
from node.storage.batch import FinalBatch, FinalBlock
from node.storage.leveldb import Storage
from node.telemetry.logs import log_of
from node.telemetry.metrics import APPLY_SECONDS, BUILD_SECONDS, COMMIT_SECONDS

T = TypeVar("T")

OURS = (MemoryError, RecursionError, OSError)
"""Failures of this machine, which say nothing of a block."""

DEFECTS = (AssertionError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""Failures of our code. No honest proposer's block raises them: it left the cause out."""


ADMITTED_MAX_COUNT = 20_000
"""Transactions kept as the door took them apart: as many as the pool holds."""


class ParentGone(Exception):
    """The parent of a block is neither the head nor executed here: the chain went elsewhere."""


@dataclass(frozen=True)
class Executed:
    """A block that is valid here, and what it comes to."""

    block: Block
    block_id: bytes
    transactions: tuple[Transaction, ...]
    outcome: Outcome

    @cached_property
    def by_id(self) -> dict[bytes, Transaction]:
        """The transactions by their ids."""
        return {transaction.id: transaction for transaction in self.transactions}


@dataclass(frozen=True)
class Judged:
    """What executing a block came to, and who votes after it if it closes an epoch."""

    verdict: Verdict
    following: AuthoritySet | None
    what: str


class Executor:
    """All executed blocks that are not final yet, and the one worker that executes."""

    def __init__(
        self,
        *,
        application: Application,
        chain_id: bytes,
        storage: Storage,
        state_store: StateStore,
        signatures: Signatures,
        clock: Clock,
        alarms: Alarms,
    ) -> None:
        self._application = application
        self._chain_id = chain_id
        self._storage = storage
        self._state_store = state_store
        self._signatures = signatures
        self._clock = clock
        self._alarms = alarms
        self._executed: dict[bytes, Executed] = {}
        self._busy = trio.Lock()
        self._simulating = trio.Semaphore(1)
        self._auditing = trio.Semaphore(1)
        self._admitted: OrderedDict[bytes, Transaction] = OrderedDict()
        self._log = log_of("executor")

    def knows(self, block_id: bytes) -> bool:
        """Return whether this block is executed here and not yet final."""
        return block_id in self._executed

    def remember(self, transactions: Iterable[Transaction]) -> None:
        """Keep what was taken apart and found genuine at the door: blocks will bring it again."""
        admitted = self._admitted
        for transaction in transactions:
            admitted[transaction.data] = transaction
        while len(admitted) > ADMITTED_MAX_COUNT:
            admitted.popitem(last=False)

    @property
    def pending_count(self) -> int:
        """How many transactions are in executed blocks that are not final, in all branches."""
        return sum(len(executed.transactions) for executed in self._executed.values())

    def pending_ids(self, parent_id: bytes) -> set[bytes]:
        """Return the transactions of the blocks from this parent down to the head."""
        pending: set[bytes] = set()
        for executed in self._branch(parent_id):
            pending.update(executed.by_id)
        return pending

    def state_after(self, block_id: bytes) -> CommittedView:
        """Return the state after the head or an executed block. Raises `ParentGone`."""
        if block_id == self._state_store.head.block_id:
            return self._state_store.tables
        executed = self._executed.get(block_id)
        if executed is None:
            raise ParentGone(block_id.hex())
        return executed.outcome.overlay

    def pending(self, transaction_id: bytes) -> Transaction | None:
        """Return a transaction of an executed block that is not final, of any branch."""
        for executed in self._executed.values():
            if transaction_id in executed.by_id:
                return executed.by_id[transaction_id]
        return None

    async def judge(self, block: Block, block_id: bytes, parent_id: bytes) -> Judged:
        """Execute a block on its parent. Raises `ParentGone`.

        UNDECIDED, when this machine failed, is for the asker to try again.
        """
        async with self._busy:
            if block_id in self._executed:
                return Judged(Verdict.VALID, self._following(self._executed[block_id]), "")
            state = self.state_after(parent_id)
            judged, executed = await trio.to_thread.run_sync(self._judge, block, block_id, state)
            if executed is not None:
                self._executed[block_id] = executed
        if judged.verdict is not Verdict.VALID:
            self._log.warning(
                f"block {judged.verdict.value}",
                height=block.header.height,
                block=block_id,
                why=judged.what,
            )
        return judged

    async def build(
        self,
        facts: BlockFacts,
        contents: Callable[[CommittedView], Contents],
        build_max_ms: int,
    ) -> tuple[Built | None, AuthoritySet | None]:
        """Build a block on an executed parent; `contents` is asked once it is this one's turn.

        None when this machine failed; the view's time then runs out. Raises `ParentGone`.
        """
        async with self._busy:
            state = self.state_after(facts.parent_id)
            chosen = contents(state)
            ends_at_ms = self._clock.monotonic_ms() + build_max_ms
            built = await trio.to_thread.run_sync(self._build, state, facts, chosen, ends_at_ms)
            if built is None:
                return None, None
            executed = Executed(built.block, built.block_id, built.transactions, built.outcome)
            self._executed[built.block_id] = executed
            return built, self._following(executed)

    async def commit(
        self, block_ids: tuple[bytes, ...], certificate: Certificate
    ) -> list[FinalNotice]:
        """Make executed blocks durable and fold them, and return what to tell.

        The certificate is the last one's, or of a block above it whose turn is still to come.
        Blocks at or below the head are passed over. Everything that is executed at or below
        the new head, and everything that stands on what lost, is dropped.

        Raises `ParentGone`, and what the store raises.
        """
        async with self._busy:
            head = self._state_store.head
            blocks = [self._executed[block_id] for block_id in block_ids if self.knows(block_id)]
            blocks = [one for one in blocks if one.block.header.height > head.height]
            if not blocks:
                # What range sync stored without its own certificate may get it now.
                await trio.to_thread.run_sync(self._certify, certificate)
                return []
            if blocks[0].block.header.parent_id != head.block_id:
                raise ParentGone(blocks[0].block_id.hex())
            batch = FinalBatch(
                tuple(
                    FinalBlock(
                        one.block,
                        one.block_id,
                        one.outcome.encoded_receipts,
                        one.outcome.overlay,
                    )
                    for one in blocks
                ),
                certificate if certificate.block_id == blocks[-1].block_id else None,
            )
            with COMMIT_SECONDS.time():
                await trio.to_thread.run_sync(self._state_store.make_durable, batch)
            self._state_store.take_in(batch)
            self._drop_settled()
            # No block brings these again.
            for done in blocks:
                for transaction in done.transactions:
                    self._admitted.pop(transaction.data, None)
        return [
            FinalNotice(
                one.block,
                one.block_id,
                one.transactions,
                one.outcome.encoded_receipts,
                one.outcome.refused_count,
                certificate,
            )
            for one in blocks
        ]

    async def simulate(self, data: bytes) -> Receipt:
        """Return the receipt that a transaction would get in the next block.

        Refuses: what makes it no transaction, and what makes it unfit for that block.
        """
        receipt, _, _ = await self.try_out(data, lambda _: None)
        return receipt

    async def try_out(
        self, data: bytes, look: Callable[[View], T], earlier: Sequence[Transaction] = ()
    ) -> tuple[Receipt, T, T]:
        """Return what `simulate` does, with what a look finds before and after.

        What is `earlier` goes before it, and before the first look: what waits in its lane.
        The look runs in a thread, on a state that is forgotten. Refuses: as `simulate`.
        """
        transaction = parse_transaction(self._application, self._chain_id, data)
        async with self._simulating, self._busy:
            answer, before, after = await trio.to_thread.run_sync(
                self._try_out, transaction, look, earlier
            )
        if isinstance(answer, Unfit):
            raise Refusal(answer.reason, **answer.facts)
        return decode_receipt(answer), before, after

    async def audit(self) -> list[Breach]:
        """Return every invariant that the final state of this moment breaks.

        It is looked at in a copy: blocks are executed and made durable meanwhile.
        """
        async with self._auditing:
            state = self._state_store.tables.copied()
            return await trio.to_thread.run_sync(run_invariants, self._application, state)

    def forget(self) -> None:
        """Drop everything that is not final, on a chain that goes back to a snapshot."""
        self._executed.clear()

    def _branch(self, block_id: bytes) -> Iterator[Executed]:
        executed = self._executed.get(block_id)
        while executed is not None:
            yield executed
            executed = self._executed.get(executed.block.header.parent_id)

    def _drop_settled(self) -> None:
        """Keep only what stands on the head."""
        standing = {self._state_store.head.block_id}
        kept: dict[bytes, Executed] = {}
        for executed in sorted(self._executed.values(), key=lambda one: one.block.header.height):
            if executed.block.header.parent_id in standing:
                standing.add(executed.block_id)
                kept[executed.block_id] = executed
        self._executed = kept

    def _certify(self, certificate: Certificate) -> None:
        height = self._storage.height_of(certificate.block_id)
        if height is not None and self._storage.certificate(height) is None:
            self._storage.certify(certificate)

    def _judge(
        self, block: Block, block_id: bytes, state: CommittedView
    ) -> tuple[Judged, Executed | None]:
        """Judge in the worker thread."""
        try:
            checked = self._checked(block)
            authorities = authority_set_of(state, block.header.epoch)
            if authorities is None:
                return Judged(Verdict.INVALID, None, "an epoch that is not the parent's"), None
            with APPLY_SECONDS.time():
                outcome = apply_block(self._application, state, checked, authorities)
        except InvalidBlock as invalid:
            return Judged(Verdict.INVALID, None, str(invalid)), None
        except OURS as failure:
            return Judged(Verdict.UNDECIDED, None, repr(failure)), None
        except DEFECTS as defect:
            self._log.exception("block raised a defect", height=block.header.height)
            return Judged(Verdict.INVALID, None, repr(defect)), None
        executed = Executed(block, block_id, checked.transactions, outcome)
        return Judged(Verdict.VALID, self._following(executed), ""), executed

    def _checked(self, block: Block) -> CheckedBlock:
        """Return the block with every signature known to be genuine, checked on all threads.

        Of what was admitted here that is known, and nothing of it is looked at again.
        """
        known: dict[bytes, Transaction] = {}
        strange: list[Transaction] = []
        for data in block.transactions:
            transaction = self._admitted.get(data)
            if transaction is None:
                try:
                    transaction = self._parse(data)
                except Refusal:
                    break
                strange.append(transaction)
            known[data] = transaction
        verdicts = self._signatures.genuine_many_in_thread(strange)
        false = {
            transaction.digest
            for transaction, verdict in zip(strange, verdicts, strict=True)
            if not verdict
        }
        return check_block(
            self._application,
            self._chain_id,
            block,
            is_genuine=lambda one: one.data in known and one.digest not in false,
            parse=lambda data: known.get(data) or self._parse(data),
        )

    def _parse(self, data: bytes) -> Transaction:
        return parse_transaction(self._application, self._chain_id, data)

    def _build(
        self, state: CommittedView, facts: BlockFacts, contents: Contents, ends_at_ms: int
    ) -> Built | None:
        try:
            with BUILD_SECONDS.time():
                return build_block(
                    self._application,
                    state,
                    facts,
                    contents,
                    lambda: self._clock.monotonic_ms() >= ends_at_ms,
                )
        except OURS as failure:
            self._alarms.sound("undecided", height=facts.height, why=repr(failure))
            return None

    def _try_out(
        self, transaction: Transaction, look: Callable[[View], T], earlier: Sequence[Transaction]
    ) -> tuple[bytes | Unfit, T, T]:
        tables = self._state_store.tables
        head = self._state_store.head
        progress = progress_of(tables)
        facts = BlockFacts(
            chain_id=self._chain_id,
            epoch=progress.epoch,
            height=head.height + 1,
            view=progress.view + 1,
            parent_id=head.block_id,
            proposer=0,
            time_ms=max(self._clock.wall_ms(), head.time_ms + 1_000),
        )
        run = open_block(self._application, tables, facts, b"", ())
        for one in earlier:
            run.apply(one)
        before = look(run.view)
        answer = run.apply(transaction)
        return answer, before, look(run.view)

    @staticmethod
    def _following(executed: Executed) -> AuthoritySet | None:
        header = executed.block.header
        if not header.epoch_end:
            return None
        return authority_set_of(executed.outcome.overlay, header.epoch + 1)
