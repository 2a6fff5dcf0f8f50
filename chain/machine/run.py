"""Execute a block: open it, apply transactions one by one, close it.

A proposer does so while it builds, everybody else in `validity`; both get the same
outcome from the same steps.  What a refused transaction changed is undone; its sequence
and its fee are not.

Source: docs/specs/machine.md, MACH-020 to MACH-047.
"""

from dataclasses import dataclass
from typing import Any

from chain.block.block import Block, body_roots
from chain.block.header import EPOCH_END, HEADER_VERSION, Header
from chain.block.reasons import (
    BLOCK_BYTES,
    BLOCK_COUNT,
    BLOCK_WORK,
    BLOCK_WRITES,
    EXPIRED,
    EXPIRY_TOO_FAR,
    OUT_OF_ORDER,
)
from chain.block.receipt import (
    HOOKS_KIND,
    Emitted,
    Receipt,
    encode_receipt,
    facts_of,
)
from chain.block.transaction import LIST_KIND, Transaction
from chain.codec.canonical import OutOfBounds, encode_bounded
from chain.codec.order import MalformedKey
from chain.codec.record import Raw
from chain.crypto.digest import TAG_RECEIPTS, ZERO_HASH, tagged
from chain.crypto.merkle import merkle_root
from chain.kit.context import BlockContext, Context
from chain.kit.module import BlockHook
from chain.kit.reason import Fact, InvalidBlock, Reason, Refusal
from chain.limits import (
    BLOCK_BODY_BYTES_MAX,
    BLOCK_TRANSACTIONS_MAX_COUNT,
    BLOCK_WORK_MAX_COUNT,
    BLOCK_WRITES_MAX_COUNT,
    MEMPOOL_FUTURE_PER_LANE_MAX_COUNT,
    MEMPOOL_PENDING_PER_SIGNER_MAX_COUNT,
    VALIDITY_MAX_BLOCKS,
)
from chain.machine.application import Application
from chain.modules.authorities.sets import authorities_hash_of, authorities_of
from chain.modules.ledger.fees import charge_refusal, fee_refusal
from chain.modules.signers.authority import authority_refusal
from chain.modules.signers.lanes import advance_lane, next_sequence, sequence_refusal
from chain.modules.system.reasons import OUT_OF_BOUNDS
from chain.modules.system.standing import (
    history_root_of,
    parameters_hash_of,
    progress_of,
)
from chain.state.overlay import Overlay
from chain.state.view import CommittedView, View

SEQUENCES_AHEAD_MAX_COUNT = MEMPOOL_PENDING_PER_SIGNER_MAX_COUNT + MEMPOOL_FUTURE_PER_LANE_MAX_COUNT
"""How far ahead of its lane a waiting transaction may be: all a signer may have, and a gap."""

BIN_HEADER_BYTES = 5
"""The most that msgpack puts before a byte string: a transaction counts with it."""


@dataclass(frozen=True, slots=True)
class BlockFacts:
    """What is known of a block before it is executed."""

    chain_id: bytes
    epoch: int
    height: int
    view: int
    parent_id: bytes
    proposer: int
    time_ms: int


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why a transaction would make the block invalid at this place; nothing changed."""

    reason: Reason
    facts: dict[str, Fact]

    @property
    def message(self) -> str:
        """Return the sentence with its numbers."""
        return self.reason.message(self.facts)


class Defect(RuntimeError):
    """Our own code failed inside one transaction; nothing of it is kept.

    A proposer leaves the transaction out and says so; a block that has it is not Valid.
    """

    def __init__(self, transaction_id: bytes, what: str) -> None:
        super().__init__(f"transaction {transaction_id.hex()}: {what}")
        self.transaction_id = transaction_id
        self.what = what


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a block comes to: its changes, sealed, its receipts, and the header's roots."""

    overlay: Overlay
    receipts: tuple[Receipt, ...]
    encoded_receipts: tuple[bytes, ...]
    state_root: bytes
    receipts_root: bytes
    history_root: bytes
    authorities_hash: bytes
    next_authorities_hash: bytes
    params_hash: bytes
    epoch_end: bool


class Run:
    """A block that is being executed on the state of its parent."""

    def __init__(self, application: Application, context: BlockContext, overlay: Overlay) -> None:
        self._application = application
        self._block = context
        self._overlay = overlay
        self._receipts: list[Receipt] = []
        self._class = 0
        self._bytes = 0
        self._work = 0
        self._writes = 0

    @property
    def view(self) -> View:
        """Return the state as the next transaction finds it."""
        return self._overlay

    @property
    def transaction_count(self) -> int:
        """Return how many transactions the block has so far."""
        return len(self._receipts)

    @property
    def body_bytes(self) -> int:
        """Return how many bytes of the body the transactions so far take, at most."""
        return self._bytes

    @property
    def work(self) -> int:
        """Return the work of the transactions so far, in tenths of a microsecond."""
        return self._work

    def apply(self, transaction: Transaction) -> Receipt | Unfit:
        """Apply one genuine transaction and return its receipt, or why it may not stand here.

        Unfit changes nothing.  Refused: sequence and fee move, nothing else.
        Raises: Defect, when our own code fails; nothing has changed then either.
        """
        overlay = self._overlay
        unfit = self._unfit(transaction)
        if unfit is not None:
            return Unfit(unfit.reason, unfit.facts)
        start = overlay.mark()
        body = transaction.body
        try:
            advance_lane(overlay, body.signer, body.lane, body.sequence)
            receipt = self._receipt(transaction, start)
        except (MemoryError, RecursionError, OSError):
            overlay.rollback(start)
            raise
        except Exception as fault:
            overlay.rollback(start)
            raise Defect(transaction.id, f"{type(fault).__name__}: {fault}") from fault
        writes = overlay.mark() - start
        if self._writes + writes > BLOCK_WRITES_MAX_COUNT:
            overlay.rollback(start)
            return Unfit(BLOCK_WRITES, {"limit_count": BLOCK_WRITES_MAX_COUNT})
        self._writes += writes
        self._bytes += len(transaction.data) + BIN_HEADER_BYTES
        self._work += transaction.weight
        self._class = transaction.transaction_class
        self._receipts.append(receipt)
        return receipt

    def close(self) -> Outcome:
        """Run the end hooks, seal the changes, and return what the block comes to."""
        context = self._block
        for hook in self._application.end_block:
            run_hook(self._application, context, self._overlay, hook)
        if context.events:
            told = self._emitted(context.events)
            index = len(self._receipts)
            self._receipts.append(Receipt(ZERO_HASH, index, HOOKS_KIND, 0, (), told, 0))
        overlay = self._overlay
        overlay.seal()
        encoded = tuple([encode_receipt(receipt) for receipt in self._receipts])
        listed = authorities_of(overlay, context.epoch)
        assert listed is not None, "the current epoch has its authorities"
        authorities_hash = authorities_hash_of(listed)
        return Outcome(
            overlay=overlay,
            receipts=tuple(self._receipts),
            encoded_receipts=encoded,
            state_root=overlay.root,
            receipts_root=tagged(TAG_RECEIPTS, merkle_root(encoded), overlay.changes_root),
            history_root=history_root_of(overlay),
            authorities_hash=authorities_hash,
            next_authorities_hash=authorities_hash,
            params_hash=parameters_hash_of(overlay),
            epoch_end=False,
        )

    def _unfit(self, transaction: Transaction) -> Unfit | Refusal | None:
        """Return why a transaction may not stand at this place, in order of precedence."""
        if transaction.transaction_class < self._class:
            return Unfit(OUT_OF_ORDER, {})
        if len(self._receipts) >= BLOCK_TRANSACTIONS_MAX_COUNT:
            return Unfit(BLOCK_COUNT, {"limit_count": BLOCK_TRANSACTIONS_MAX_COUNT})
        if self._bytes + len(transaction.data) + BIN_HEADER_BYTES > BLOCK_BODY_BYTES_MAX:
            return Unfit(BLOCK_BYTES, {"limit_bytes": BLOCK_BODY_BYTES_MAX})
        if self._work + transaction.weight > BLOCK_WORK_MAX_COUNT:
            return Unfit(BLOCK_WORK, {"limit_count": BLOCK_WORK_MAX_COUNT})
        block = self._block
        return unfit_refusal(self._overlay, block.height, block.time_ms, transaction)

    def _receipt(self, transaction: Transaction, start: int) -> Receipt:
        """Return the receipt of a fit transaction, its changes made or undone.

        The one change made since `start` is the lane's, which a refusal keeps.
        """
        kept = self._overlay.mark()
        index = len(self._receipts)
        kind = transaction.body.kind
        try:
            emitted = self._applied(transaction, start)
        except Refusal as refusal:
            self._overlay.rollback(kept)
            fee_quantums = charge_refusal(self._overlay, transaction.body.signer)
            self._overlay.check_since(start)
            facts = facts_of(refusal.facts.items())
            code = refusal.reason.code
            return Receipt(transaction.id, index, kind, code, facts, (), fee_quantums)
        return Receipt(transaction.id, index, kind, 0, (), emitted, 0)

    def _applied(self, transaction: Transaction, start: int) -> tuple[Emitted, ...]:
        """Apply every action and return the events. Refuses: whatever an action or hook does."""
        block = self._block
        context = Context(
            state=self._overlay,
            signer=transaction.body.signer,
            chain_id=block.chain_id,
            epoch=block.epoch,
            height=block.height,
            time_ms=block.time_ms,
            parent_time_ms=block.parent_time_ms,
            start_mark=start,
        )
        is_list = transaction.body.kind == LIST_KIND
        quick = self._application.quick
        try:
            for index, (_, payload) in enumerate(transaction.actions):
                done = quick.get(type(payload))
                try:
                    if done is None or done(payload, context) is not True:
                        payload.check()
                        payload.apply(context)
                except Refusal as refusal:
                    if is_list:
                        refusal.facts["action_index"] = index
                    raise
            for hook in self._application.end_transaction:
                needless = quick.get(hook)
                if needless is None or needless(context, context.touched) is not True:
                    hook(context, context.touched)
            self._overlay.check_since(start)
            return self._emitted(context.events)
        except (OutOfBounds, MalformedKey) as fault:
            raise Refusal(OUT_OF_BOUNDS, what=str(fault)) from fault

    def _emitted(self, events: list[Any]) -> tuple[Emitted, ...]:
        """Return events as receipts hold them. Refuses: OutOfBounds, for one out of its width."""
        number_of = self._application.event_number
        return tuple(
            [Emitted(*number_of(type(event)), Raw(encode_bounded(event))) for event in events]
        )


def unfit_refusal(
    view: View, height: int, time_ms: int, transaction: Transaction, *, may_wait: bool = False
) -> Refusal | None:
    """Return why a transaction may not be in a block of this height and time, by the state.

    One that `may_wait` may also be a few sequences ahead of its lane.

    In order: transaction.expired, .expiry_too_far, signers.signer_unknown,
    .key_not_authorised, .agent_expired, .threshold_not_met, .sequence_stale,
    .sequence_ahead, ledger.fee_not_payable.
    """
    body = transaction.body
    valid_until_height = body.valid_until_height
    if valid_until_height < height:
        return Refusal(EXPIRED, valid_until_height=valid_until_height, next_height=height)
    if valid_until_height > height + VALIDITY_MAX_BLOCKS:
        latest_height = height + VALIDITY_MAX_BLOCKS
        return Refusal(
            EXPIRY_TOO_FAR, valid_until_height=valid_until_height, latest_height=latest_height
        )
    signer = body.signer
    return (
        authority_refusal(
            view,
            signer=signer,
            signing_keys=transaction.signing_keys,
            actions=transaction.actions,
            transaction_class=transaction.transaction_class,
            time_ms=time_ms,
        )
        or sequence_refusal(
            next_sequence(view, signer, body.lane),
            body.sequence,
            SEQUENCES_AHEAD_MAX_COUNT if may_wait else 0,
        )
        or fee_refusal(view, signer)
    )


def run_hook(
    application: Application, context: BlockContext, overlay: Overlay, hook: BlockHook
) -> None:
    """Let a hook do its work, past compartments that stand still.

    Where it fails, its changes are undone and it is tried without any compartment, then
    with one after the other: those without which it works are frozen, the others go on.
    Raises: what it fails with where it fails without any of them.
    """
    quarantine = application.quarantine
    if quarantine is None:
        hook(context)
        return
    frozen = quarantine.frozen(overlay)
    trial = _Trial(application, context, overlay, hook)
    fault = trial.fault_without(frozen)
    if fault is None:
        return
    hidden = quarantine.compartments(overlay)
    if trial.fault_without(hidden) is not None:
        raise fault
    for name in hidden:
        fewer = tuple(other for other in hidden if other != name)
        if name not in frozen and trial.fault_without(fewer) is None:
            hidden = fewer
    again = trial.fault_without(hidden)
    assert again is None, f"{hook.__name__} does not do the same twice: {again}"
    for name in hidden:
        if name not in frozen:
            quarantine.freeze(context, name, hook.__name__)


class _Trial:
    """A hook that may be run several times, each time from where it began."""

    def __init__(
        self, application: Application, context: BlockContext, overlay: Overlay, hook: BlockHook
    ) -> None:
        self._application = application
        self._context = context
        self._overlay = overlay
        self._hook = hook
        self._mark = overlay.mark()
        self._told_count = len(context.events)
        self._touched = dict(context.touched)

    def fault_without(self, hidden: tuple[str, ...]) -> Exception | None:
        """Run the hook past these compartments, and return why its changes were not kept."""
        context, overlay, quarantine = self._context, self._overlay, self._application.quarantine
        assert quarantine is not None
        self._undo()
        try:
            context.state = quarantine.without(overlay, hidden) if hidden else overlay
            self._hook(context)
            overlay.check_since(self._mark)
            for event in context.events[self._told_count :]:
                encode_bounded(event)
        except (InvalidBlock, MemoryError, RecursionError, OSError):
            raise
        except Exception as fault:  # noqa: BLE001 - a defect of ours stops one compartment
            self._undo()
            return fault
        finally:
            context.state = overlay
        return None

    def _undo(self) -> None:
        self._overlay.rollback(self._mark)
        del self._context.events[self._told_count :]
        self._context.touched = dict(self._touched)


def open_block(
    application: Application,
    state: CommittedView,
    facts: BlockFacts,
    oracle: bytes,
    evidence: tuple[bytes, ...],
) -> Run:
    """Return a run on the parent's state, its begin hooks done.

    Refuses: InvalidBlock, for facts, oracle section or evidence that this state forbids.
    """
    if oracle and not application.takes_oracle_section:
        raise InvalidBlock("an oracle section where no module takes one")
    overlay = Overlay(state)
    context = BlockContext(
        state=overlay,
        chain_id=facts.chain_id,
        epoch=facts.epoch,
        height=facts.height,
        view=facts.view,
        parent_id=facts.parent_id,
        proposer=facts.proposer,
        time_ms=facts.time_ms,
        parent_time_ms=progress_of(state).time_ms,
        oracle=oracle,
        evidence=evidence,
    )
    for hook in application.begin_block:
        run_hook(application, context, overlay, hook)
    return Run(application, context, overlay)


def seal(
    facts: BlockFacts,
    transactions: tuple[bytes, ...],
    oracle: bytes,
    evidence: tuple[bytes, ...],
    outcome: Outcome,
) -> Block:
    """Return the block that these facts, this body and this outcome make."""
    roots = body_roots(transactions, oracle, evidence)
    header = Header(
        version=HEADER_VERSION,
        chain_id=facts.chain_id,
        epoch=facts.epoch,
        height=facts.height,
        view=facts.view,
        parent_id=facts.parent_id,
        proposer=facts.proposer,
        time_ms=facts.time_ms,
        tx_root=roots.tx_root,
        tx_count=roots.tx_count,
        body_bytes=roots.body_bytes,
        oracle_root=roots.oracle_root,
        evidence_root=roots.evidence_root,
        state_root=outcome.state_root,
        receipts_root=outcome.receipts_root,
        history_root=outcome.history_root,
        authorities_hash=outcome.authorities_hash,
        next_authorities_hash=outcome.next_authorities_hash,
        params_hash=outcome.params_hash,
        flags=EPOCH_END if outcome.epoch_end else 0,
    )
    return Block(header, transactions, oracle, evidence)


__all__ = [
    "BlockFacts",
    "Defect",
    "Outcome",
    "Run",
    "Unfit",
    "open_block",
    "seal",
    "unfit_refusal",
]
