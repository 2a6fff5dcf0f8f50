"""What is the same for every transaction of a block, whatever it asks.

Its sequence is used up, its actions are applied, hooks look at what they touched, what
changed is held against its stored form, and what was told becomes a receipt.  This is what
`chain.kernel` does in one call in C where it is built, and what says what is right.

Source: docs/specs/machine.md, MACH-007, MACH-020 to MACH-028.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple, TypeAlias

from chain.block.receipt import Emitted, Receipt, encode_receipt
from chain.block.transaction import LIST_KIND, Body, Transaction
from chain.codec.canonical import encode_bounded
from chain.codec.record import Raw
from chain.kernel.level import kernel
from chain.kit.context import BlockContext, Context
from chain.kit.module import Quick, TransactionHook
from chain.limits import CHANGE_WORK_COUNT
from chain.machine.application import Application
from chain.modules.ledger.events import Transferred
from chain.modules.ledger.state import (
    ASSETS,
    BALANCES,
    LEDGER_PARAMETERS,
    Balance,
    LedgerParameters,
)
from chain.modules.ledger.transactions import Transfer
from chain.modules.signers.lanes import advance_lane
from chain.modules.signers.state import LANES, SIGNERS, Lane, Signer
from chain.state.overlay import Overlay

BIN_HEADER_BYTES = 5
"""The most that msgpack puts before a byte string: a transaction counts with it."""

Applied: TypeAlias = bytes | int | None
"""A receipt's bytes, counted; which of `Limits` it went beyond, undone; None for no answer.

`ALONE` is added where the transaction by itself went beyond it.
"""

_RECORDS: tuple[type[Any], ...] = (
    *(Balance, Body, Context, Lane, LedgerParameters, Signer, Transaction, Transfer, Transferred),
)
_TABLES = (ASSETS, BALANCES, LANES, LEDGER_PARAMETERS, SIGNERS)


class Limits(NamedTuple):
    """How much the transactions of a block may be, and for how long one may wait for it."""

    transactions_count: int
    body_bytes: int
    work_count: int
    writes_count: int
    validity_blocks: int


WORK, WRITES = map(Limits._fields.index, ("work_count", "writes_count"))
ALONE = len(Limits._fields)
"""Added to either where not even a block of its own would hold a transaction."""


class PlainFrame:
    """What the transactions of a block come to so far, and what one more adds."""

    __slots__ = (
        "_context",
        "_hooks",
        "_limits",
        "_numbers",
        "_opened_count",
        "_overlay",
        "_quick",
        "action_index",
        "body_bytes",
        "encoded_receipts",
        "transaction_class",
        "work",
        "writes",
    )

    def __init__(
        self,
        *,
        overlay: Overlay,
        context: Context,
        quick: dict[Any, Quick],
        hooks: tuple[tuple[TransactionHook, Quick | None], ...],
        numbers: dict[type[Any], tuple[int, int]],
        height: int,  # noqa: ARG002 - the kernel's own look asks for it
        limits: Limits,
    ) -> None:
        self._overlay = overlay
        self._context = context
        self._quick = quick
        self._hooks = hooks
        self._numbers = numbers
        self._limits = limits
        self._opened_count = overlay.changed_count()
        self.encoded_receipts: list[bytes] = []
        self.transaction_class = 0
        self.body_bytes = 0
        self.work = 0
        self.writes = 0
        self.action_index = -1
        """Which action of a signed list is being applied; -1 where none is, or no list."""

    def apply(self, transaction: Transaction, is_fit: bool) -> Applied:
        """Apply a transaction that may stand here, None where nobody has said so yet.

        What those before it changed is for good.
        Raises: Refusal, OutOfBounds, MalformedKey and whatever else comes of it; whoever
        called undoes what has changed since.
        """
        self.action_index = -1
        if self.encoded_receipts:
            self._overlay.settle()
        if not is_fit:
            return None
        overlay, body = self._overlay, transaction.body
        start = overlay.mark()
        advance_lane(overlay, body.signer, body.lane, body.sequence)
        context = self._context.__copy__()  # type: ignore[attr-defined]
        context.signer, context.start_mark = body.signer, start
        context.events, context.touched = [], {}
        self._act(transaction, context)
        for hook, needless in self._hooks:
            if needless is None or needless(context, context.touched) is not True:
                hook(context, context.touched)
        overlay.check_since(start)
        told = emitted(self._numbers, context.events)
        index = len(self.encoded_receipts)
        receipt = Receipt(transaction.id, index, body.kind, 0, (), told, 0)
        return self.take(transaction, encode_receipt(receipt), start)

    def _act(self, transaction: Transaction, context: Context) -> None:
        """Apply every action, noting which of a list is at work."""
        is_list = transaction.body.kind == LIST_KIND
        for index, (_, payload) in enumerate(transaction.actions):
            self.action_index = index if is_list else -1
            quick = self._quick.get(type(payload))
            if quick is None or quick(payload, context) is not True:
                payload.check()
                payload.apply(context)
        self.action_index = -1

    def take(self, transaction: Transaction, receipt: bytes, start: int) -> Applied:
        """Count a transaction that changed what changed since `start`, and keep its receipt."""
        overlay, limits = self._overlay, self._limits
        work = max(transaction.weight, CHANGE_WORK_COUNT * (overlay.mark() - start))
        writes = overlay.changed_count() - self._opened_count - self.writes
        for beyond, had_work, had_writes in ((ALONE, 0, 0), (0, self.work, self.writes)):
            if had_work + work > limits.work_count:
                overlay.rollback(start)
                return beyond + WORK
            if had_writes + writes > limits.writes_count:
                overlay.rollback(start)
                return beyond + WRITES
        self.work, self.writes = self.work + work, self.writes + writes
        self.body_bytes += len(transaction.data) + BIN_HEADER_BYTES
        self.transaction_class = transaction.transaction_class
        self.encoded_receipts.append(receipt)
        return receipt


Frame = PlainFrame

if kernel is not None:
    kernel.use_known(
        {known.__name__: known for known in _RECORDS},
        {table.name: table for table in _TABLES},
    )
    Frame = kernel.Frame  # type: ignore[misc]


def frame_of(
    application: Application, block: BlockContext, overlay: Overlay, limits: Limits
) -> PlainFrame:
    """Return the frame of a block that was opened, without a transaction."""
    quick = application.quick
    context = Context(
        state=overlay,
        signer=b"",
        chain_id=block.chain_id,
        epoch=block.epoch,
        height=block.height,
        time_ms=block.time_ms,
        parent_time_ms=block.parent_time_ms,
    )
    hooks = tuple([(hook, quick.get(hook)) for hook in application.end_transaction])
    return Frame(
        overlay=overlay,
        context=context,
        quick=quick,
        hooks=hooks,
        numbers=application.event_numbers,
        height=block.height,
        limits=limits,
    )


def emitted(
    numbers: dict[type[Any], tuple[int, int]], events: Iterable[Any]
) -> tuple[Emitted, ...]:
    """Return events as receipts hold them. Refuses: OutOfBounds, for one out of its width."""
    return tuple([Emitted(*numbers[type(event)], Raw(encode_bounded(event))) for event in events])
