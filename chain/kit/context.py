"""What a transaction or a hook may see and do while it runs.

Nothing else reaches it: what it needs to know is an argument here, what it has to say is
an event.

Source: docs/specs/machine.md, MACH-020.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol, TypeVar, cast

from chain.codec.record import Passing, field
from chain.kit.event import Event
from chain.kit.table import Key, Table
from chain.state.former import Former, Journalled
from chain.state.view import CommittedView, State, Step, View

V = TypeVar("V")


class Opened(Protocol):
    """State that stands on its parent's."""

    def changed(self, table: Table[V]) -> Iterator[tuple[Key, V | None, V | None]]:
        """Return each key that was changed since, with its record before and now."""
        ...

    @property
    def parent(self) -> View:
        """Return the state it was opened on."""
        ...


class Context(Passing, kw_only=True, eq=False, gc=False):
    """The world of one transaction: state to read and write, who asks, and when.

    Whatever it does is undone when a Refusal leaves it.
    """

    state: State
    signer: bytes
    chain_id: bytes
    epoch: int
    height: int
    time_ms: int
    parent_time_ms: int
    start_mark: int = 0
    events: list[Any] = field(default_factory=list)
    touched: dict[str, None] = field(default_factory=dict)
    """A dict and not a set: hooks run over it in the order of the touches, on every node."""

    def emit(self, event: Event) -> None:
        """Add an event to this transaction's receipt; a refused one has none."""
        self.events.append(event)

    def before(self) -> View:
        """Return the state as this transaction found it, for what compares with it."""
        return Former(cast("Journalled", self.state), self.start_mark)

    def touch(self, holder: str) -> None:
        """Say that this holder changed, so that hooks look at it when the transaction ends."""
        self.touched[holder] = None


class BlockContext:
    """The world of a hook: state to read and write, and the facts of the block."""

    __slots__ = (
        "chain_id",
        "epoch",
        "events",
        "evidence",
        "height",
        "oracle",
        "parent_id",
        "parent_time_ms",
        "proposer",
        "state",
        "time_ms",
        "touched",
        "view",
    )

    def __init__(
        self,
        *,
        state: State,
        chain_id: bytes,
        epoch: int,
        height: int,
        view: int,
        parent_id: bytes,
        proposer: int,
        time_ms: int,
        parent_time_ms: int,
        oracle: bytes,
        evidence: tuple[bytes, ...],
    ) -> None:
        self.state = state
        self.chain_id = chain_id
        self.epoch = epoch
        self.height = height
        self.view = view
        self.parent_id = parent_id
        self.proposer = proposer
        self.time_ms = time_ms
        self.parent_time_ms = parent_time_ms
        self.oracle = oracle
        self.evidence = evidence
        self.events: list[Any] = []
        self.touched: dict[str, None] = {}

    def emit(self, event: Event) -> None:
        """Add an event to what time did in this block: the receipt after all transactions'."""
        self.events.append(event)

    def before(self) -> View:
        """Return the state as the parent block left it."""
        return cast("Opened", self.state).parent

    def changed(self, table: Table[V]) -> Iterator[tuple[Key, V | None, V | None]]:
        """Return each key of a table that this block has changed, its record before and now."""
        return cast("Opened", self.state).changed(table)

    def trail(self) -> Sequence[Step]:
        """Return how the state came to be what it is, the newest step first.

        It tells what a derived value must be made anew for, and is no part of the state:
        another node may remember less of it.
        """
        return cast("CommittedView", self.state).trail()

    def touch(self, holder: str) -> None:
        """Say that this holder changed."""
        self.touched[holder] = None
