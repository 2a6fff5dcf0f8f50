"""Declare a module: a value that reads as a table of contents.

Source: docs/specs/machine.md, MACH-001 to MACH-006.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from chain.kit.context import BlockContext, Context
from chain.kit.invariant import Invariant
from chain.kit.quarantine import Quarantine
from chain.kit.query import Query
from chain.kit.reason import Reason, bind_reasons
from chain.kit.table import AnyTable

BlockHook: TypeAlias = Callable[[BlockContext], None]
TransactionHook: TypeAlias = Callable[[Context, Iterable[str]], None]
Quick: TypeAlias = Callable[[Any, Any], bool | None]
"""A short way past a payload or a hook: True where it was taken, else nothing was changed."""


@dataclass(frozen=True)
class Module:
    """What one module adds to the chain; every number in it is permanent.

    `area` names its reasons where that is not the module's own name.  One module may take
    a block's oracle section; without one the section must be empty.  Declaring the module
    binds its tables and reasons.  One module may say how a compartment is kept apart.

    `quick` has short ways.  Under a payload's class one is called with payload and context:
    True says that all of `check` and `apply` was done, anything else that nothing was, and
    the two follow.  Under a hook at a transaction's end it is called with context and
    touched: True says that the hook has nothing to do, and it is not called.
    """

    id: int
    name: str
    tables: tuple[AnyTable, ...] = ()
    genesis: tuple[AnyTable, ...] = ()
    transactions: Mapping[int, type[Any]] = field(default_factory=dict)
    begin_block: tuple[BlockHook, ...] = ()
    end_transaction: tuple[TransactionHook, ...] = ()
    end_block: tuple[BlockHook, ...] = ()
    queries: tuple[Query, ...] = ()
    events: Mapping[int, type[Any]] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    invariants: tuple[Invariant, ...] = ()
    area: str = ""
    takes_oracle_section: bool = False
    quarantine: Quarantine | None = None
    quick: Mapping[Any, Quick] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Bind what belongs to this module, so that keys and codes exist from here on."""
        for table in self.tables:
            table.bind(self.id)
        bind_reasons(self.id, self.area or self.name, self.reasons)
