"""Execute a block: open it, apply transactions one by one, close it.

A proposer does so while it builds, everybody else in `validity`; both get the same
outcome from the same steps.  What a refused transaction changed is undone; its sequence
and its fee are not.

Source: docs/specs/machine.md, MACH-020 to MACH-047.
"""

from dataclasses import dataclass

from chain.block.block import Block, body_roots
from chain.block.header import EPOCH_END, HEADER_VERSION, Header
from chain.block.reasons import (
    BLOCK_ALONE,
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
    Receipt,
    decode_receipt,
    encode_receipt,
    facts_of,
)
from chain.block.transaction import Transaction
from chain.codec.canonical import OutOfBounds, encode_bounded
from chain.codec.order import MalformedKey
from chain.crypto.digest import TAG_RECEIPTS, ZERO_HASH, tagged
from chain.crypto.merkle import merkle_root
from chain.kit.context import BlockContext
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
from chain.machine.frame import ALONE, BIN_HEADER_BYTES, WORK, Applied, Limits, emitted, frame_of
from chain.modules.authorities.sets import authorities_hash_of, authorities_of
from chain.modules.ledger.fees import charge_refusal, fee_refusal
from chain.modules.signers.authority import authority_refusal
from chain.modules.signers.lanes import next_sequence, sequence_refusal
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
    encoded_receipts: tuple[bytes, ...]
    refused_count: int
    state_root: bytes
    receipts_root: bytes
    history_root: bytes
    authorities_hash: bytes
    next_authorities_hash: bytes
    params_hash: bytes
    epoch_end: bool

    @property
    def receipts(self) -> tuple[Receipt, ...]:
        """Return the receipts, read from their bytes: those who go on with a block need few."""
        return tuple(map(decode_receipt, self.encoded_receipts))


class Run:
    """A block that is being executed on the state of its parent."""

    def __init__(self, application: Application, context: BlockContext, overlay: Overlay) -> None:
        self._application = application
        self._block = context
        self._overlay = overlay
        self._refused_count = 0
        self._limits = Limits(
            BLOCK_TRANSACTIONS_MAX_COUNT,
            BLOCK_BODY_BYTES_MAX,
            BLOCK_WORK_MAX_COUNT,
            BLOCK_WRITES_MAX_COUNT,
            VALIDITY_MAX_BLOCKS,
        )
        self._frame = frame_of(application, context, overlay, self._limits)

    @property
    def view(self) -> View:
        """Return the state as the next transaction finds it."""
        return self._overlay

    @property
    def transaction_count(self) -> int:
        """Return how many transactions the block has so far."""
        return len(self._frame.encoded_receipts)

    @property
    def body_bytes(self) -> int:
        """Return how many bytes of the body the transactions so far take, at most."""
        return self._frame.body_bytes

    @property
    def work(self) -> int:
        """Return the work of the transactions so far, in tenths of a microsecond."""
        return self._frame.work

    def apply(self, transaction: Transaction) -> bytes | Unfit:
        """Apply one genuine transaction, and return its receipt or why it may not stand here.

        A receipt as it is hashed and stored: whoever wants to read it makes one of its bytes.

        Unfit changes nothing.  Refused: sequence and fee move, nothing else.
        Raises: Defect, when our own code fails; nothing has changed then either.
        """
        start = self._overlay.mark()
        receipt = self._applied(transaction, start, is_fit=False)
        if receipt is None:
            unfit = self._unfit(transaction)
            if unfit is not None:
                return Unfit(unfit.reason, unfit.facts)
            receipt = self._applied(transaction, start, is_fit=True)
            assert receipt is not None, "what is fit is applied"
        if isinstance(receipt, bytes):
            return receipt
        is_alone, limit = divmod(receipt, ALONE)
        beyond = BLOCK_ALONE if is_alone else BLOCK_WORK if limit == WORK else BLOCK_WRITES
        return Unfit(beyond, {"limit_count": self._limits[limit]})

    def close(self) -> Outcome:
        """Run the end hooks, seal the changes, and return what the block comes to."""
        context, overlay = self._block, self._overlay
        receipts = list(self._frame.encoded_receipts)
        for hook in self._application.end_block:
            run_hook(self._application, context, overlay, hook)
        if context.events:
            told = emitted(self._application.event_numbers, context.events)
            of_hooks = Receipt(ZERO_HASH, len(receipts), HOOKS_KIND, 0, (), told, 0)
            receipts.append(encode_receipt(of_hooks))
        overlay.seal()
        listed = authorities_of(overlay, context.epoch)
        assert listed is not None, "the current epoch has its authorities"
        authorities_hash = authorities_hash_of(listed)
        return Outcome(
            overlay=overlay,
            encoded_receipts=tuple(receipts),
            refused_count=self._refused_count,
            state_root=overlay.root,
            receipts_root=tagged(TAG_RECEIPTS, merkle_root(receipts), overlay.changes_root),
            history_root=history_root_of(overlay),
            authorities_hash=authorities_hash,
            next_authorities_hash=authorities_hash,
            params_hash=parameters_hash_of(overlay),
            epoch_end=False,
        )

    def _unfit(self, transaction: Transaction) -> Unfit | Refusal | None:
        """Return why a transaction may not stand at this place, in order of precedence."""
        frame = self._frame
        if transaction.transaction_class < frame.transaction_class:
            return Unfit(OUT_OF_ORDER, {})
        if len(frame.encoded_receipts) >= BLOCK_TRANSACTIONS_MAX_COUNT:
            return Unfit(BLOCK_COUNT, {"limit_count": BLOCK_TRANSACTIONS_MAX_COUNT})
        if frame.body_bytes + len(transaction.data) + BIN_HEADER_BYTES > BLOCK_BODY_BYTES_MAX:
            return Unfit(BLOCK_BYTES, {"limit_bytes": BLOCK_BODY_BYTES_MAX})
        if frame.work + transaction.weight > BLOCK_WORK_MAX_COUNT:
            return Unfit(BLOCK_WORK, {"limit_count": BLOCK_WORK_MAX_COUNT})
        block = self._block
        return unfit_refusal(self._overlay, block.height, block.time_ms, transaction)

    def _applied(self, transaction: Transaction, start: int, *, is_fit: bool) -> Applied:
        """Return what the frame says of a transaction, its changes made or undone."""
        try:
            try:
                return self._frame.apply(transaction, is_fit)
            except (OutOfBounds, MalformedKey) as fault:
                refusal = Refusal(OUT_OF_BOUNDS, what=str(fault))
            except Refusal as raised:
                refusal = raised
                if self._frame.action_index >= 0:
                    refusal.facts["action_index"] = self._frame.action_index
            receipt = self._refused(transaction, start, refusal)
        except (MemoryError, RecursionError, OSError):
            self._overlay.rollback(start)
            raise
        except Exception as fault:
            self._overlay.rollback(start)
            raise Defect(transaction.id, f"{type(fault).__name__}: {fault}") from fault
        taken = self._frame.take(transaction, encode_receipt(receipt), start)
        self._refused_count += isinstance(taken, bytes)
        return taken

    def _refused(self, transaction: Transaction, start: int, refusal: Refusal) -> Receipt:
        """Return the receipt of a refused transaction, its fee paid and all else undone.

        The first change since `start` is the lane's, which a refusal keeps.
        """
        overlay, body = self._overlay, transaction.body
        overlay.rollback(start + 1)
        fee_quantums = charge_refusal(overlay, body.signer)
        overlay.check_since(start)
        facts = facts_of(refusal.facts.items())
        index, code = len(self._frame.encoded_receipts), refusal.reason.code
        return Receipt(transaction.id, index, body.kind, code, facts, (), fee_quantums)


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
