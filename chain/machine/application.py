"""Put modules together, and check what a compiler would before anything runs.

Source: docs/specs/machine.md, MACH-001 to MACH-006.
"""

import re
from collections.abc import Iterable
from typing import Any

from chain.block import reasons as block_reasons
from chain.block.transaction import LIST_KIND
from chain.codec.record import BadDeclaration, Record
from chain.kit.event import is_event_type
from chain.kit.module import BlockHook, Module, Quick, TransactionHook
from chain.kit.quarantine import Quarantine
from chain.kit.query import Query
from chain.kit.reason import NUMBERS_PER_AREA, Area, Reason
from chain.kit.table import AnyTable
from chain.kit.transaction import CLASSES

KINDS_PER_MODULE = 100
_WORD_START = re.compile(r"(?<!^)(?=[A-Z])")


def name_of_type(payload_type: type[Any]) -> str:
    """Return a transaction's or event's name: its class's words joined by underscores.

    >>> name_of_type(type("SetKeys", (), {}))
    'set_keys'
    """
    given = getattr(payload_type, "transaction_name", None)
    return given or _WORD_START.sub("_", payload_type.__name__).lower()


class Application:
    """Modules in registry order, with everything they declare found by number and by name.

    Refuses: BadDeclaration, for whatever is used twice, undocumented, or not owned.
    """

    def __init__(self, modules: Iterable[Module]) -> None:
        self.modules: tuple[Module, ...] = tuple(modules)
        self.tables: tuple[AnyTable, ...] = tuple(t for m in self.modules for t in m.tables)
        self.begin_block: tuple[BlockHook, ...] = tuple(
            hook for module in self.modules for hook in module.begin_block
        )
        self.end_transaction: tuple[TransactionHook, ...] = tuple(
            hook for module in self.modules for hook in module.end_transaction
        )
        self.end_block: tuple[BlockHook, ...] = tuple(
            hook for module in self.modules for hook in module.end_block
        )
        keepers = [module.quarantine for module in self.modules if module.quarantine]
        if len(keepers) > 1:
            raise BadDeclaration("two modules say how a compartment is kept apart")
        self.quarantine: Quarantine | None = keepers[0] if keepers else None
        self.takes_oracle_section = any(module.takes_oracle_section for module in self.modules)
        self.quick: dict[Any, Quick] = {}
        self._tables: dict[str, AnyTable] = {}
        self._payloads: dict[int, type[Any]] = {}
        self._kinds: dict[type[Any], int] = {}
        self._kinds_by_name: dict[str, int] = {}
        self._names: dict[int, str] = {}
        self._events: dict[tuple[int, int], type[Any]] = {}
        self.event_numbers: dict[type[Any], tuple[int, int]] = {}
        self._reasons: dict[int, Reason] = {}
        self._queries: dict[str, Query] = {}
        self._check_modules()
        for module in self.modules:
            self._add_tables(module)
            self._add_transactions(module)
            self._add_events(module)
            self._add_queries(module)
            self._add_quick(module)
            self._add_reasons(module.reasons)
        self.add_area(block_reasons.TRANSACTION)
        self.add_area(block_reasons.LIMITS)

    # -- asking

    def table(self, name: str) -> AnyTable | None:
        """Return the table of this bare name."""
        return self._tables.get(name)

    def payload(self, kind: int) -> type[Any] | None:
        """Return the record class of a transaction kind."""
        return self._payloads.get(kind)

    def kind_of(self, payload_type: type[Any]) -> int:
        """Return the kind of a payload's class, which must be one of ours."""
        return self._kinds[payload_type]

    def kind_name(self, kind: int) -> str:
        """Return `module.transaction` for a kind, and the number itself for an unknown one."""
        return self._names.get(kind, str(kind))

    def kind_from_name(self, name: str) -> int | None:
        """Return the kind that `module.transaction` names."""
        return self._kinds_by_name.get(name)

    @property
    def kinds(self) -> tuple[int, ...]:
        """Return every transaction kind, ascending."""
        return tuple(sorted(self._payloads))

    def reason(self, code: int) -> Reason | None:
        """Return the reason with this permanent number."""
        return self._reasons.get(code)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Return every reason of modules, transactions and limits, by code."""
        return tuple(self._reasons[code] for code in sorted(self._reasons))

    def event(self, module_id: int, number: int) -> type[Any] | None:
        """Return the record class of a module's event."""
        return self._events.get((module_id, number))

    def event_number(self, event_type: type[Any]) -> tuple[int, int]:
        """Return module id and number of an event's class, which must be declared."""
        return self.event_numbers[event_type]

    def event_name(self, module_id: int, number: int) -> str:
        """Return an event's name for people: `ledger.transferred`."""
        event_type = self._events[module_id, number]
        module = next(m for m in self.modules if m.id == module_id)
        return f"{module.name}.{name_of_type(event_type)}"

    def query(self, name: str) -> Query | None:
        """Return the query that `module.name` names."""
        return self._queries.get(name)

    @property
    def queries(self) -> dict[str, Query]:
        """Return every query by its full name."""
        return dict(self._queries)

    def module(self, name: str) -> Module | None:
        """Return the module of this name."""
        return next((module for module in self.modules if module.name == name), None)

    def add_area(self, area: Area) -> None:
        """Make the reasons of an area outside the modules known by code."""
        self._add_reasons(area.reasons)

    # -- checking

    def _check_modules(self) -> None:
        _once("module id", [module.id for module in self.modules])
        _once("module name", [module.name for module in self.modules])
        _once("reason area", [module.area or module.name for module in self.modules])
        _once("table name", [table.name for table in self.tables])
        for module in self.modules:
            if not 0 <= module.id < 2**8:
                raise BadDeclaration(f"{module.name}: id {module.id} is no byte")
            if not module.name.isidentifier() or module.name != module.name.lower():
                raise BadDeclaration(f"{module.name!r} is no lower-case word")
            _once(f"{module.name}: table number", [table.number for table in module.tables])

    def _add_tables(self, module: Module) -> None:
        for table in module.tables:
            if table.module_id != module.id:
                raise BadDeclaration(f"{table.name}: owned by module {table.module_id} already")
            _require_record(f"table {table.name}", table.value)
            self._tables[table.name] = table
        for table in module.genesis:
            if table not in module.tables:
                raise BadDeclaration(f"{module.name}: genesis fills {table.name}, not its own")

    def _add_transactions(self, module: Module) -> None:
        for number, payload_type in module.transactions.items():
            what = f"{module.name}: transaction {number}"
            if not 0 < number < KINDS_PER_MODULE:
                raise BadDeclaration(f"{what} is not in 1..99")
            _require_record(what, payload_type)
            kind = module.id * KINDS_PER_MODULE + number
            if kind != LIST_KIND:
                _require_payload(what, payload_type)
            if payload_type in self._kinds:
                raise BadDeclaration(f"{what}: {payload_type.__name__} has a kind already")
            name = f"{module.name}.{name_of_type(payload_type)}"
            if name in self._kinds_by_name:
                raise BadDeclaration(f"{what}: {name} is named twice")
            self._payloads[kind] = payload_type
            self._kinds[payload_type] = kind
            self._names[kind] = name
            self._kinds_by_name[name] = kind

    def _add_events(self, module: Module) -> None:
        for number, event_type in module.events.items():
            what = f"{module.name}: event {number}"
            if not 0 < number < 2**8 or not is_event_type(event_type):
                raise BadDeclaration(f"{what} is no record numbered 1..255")
            _require_record(what, event_type)
            if event_type in self.event_numbers:
                raise BadDeclaration(f"{what}: {event_type.__name__} is an event already")
            self._events[module.id, number] = event_type
            self.event_numbers[event_type] = (module.id, number)

    def _add_queries(self, module: Module) -> None:
        for query in module.queries:
            name = f"{module.name}.{query.name}"
            if name in self._queries or not query.sentence:
                raise BadDeclaration(f"query {name} is named twice, or says nothing of itself")
            self._queries[name] = query

    def _add_quick(self, module: Module) -> None:
        payload_types = tuple(module.transactions.values())
        for passed, quick in module.quick.items():
            if passed not in payload_types and passed not in module.end_transaction:
                raise BadDeclaration(f"{module.name}: a short way past {passed!r}, not its own")
            self.quick[passed] = quick

    def _add_reasons(self, reasons: tuple[Reason, ...]) -> None:
        for reason in reasons:
            known = self._reasons.setdefault(reason.code, reason)
            if known is not reason:
                raise BadDeclaration(f"code {reason.code} is {known.slug} and {reason.slug}")
            assert reason.code % NUMBERS_PER_AREA == reason.number


def _once(what: str, values: list[Any]) -> None:
    for place, value in enumerate(values):
        if value in values[:place]:
            raise BadDeclaration(f"{what} {value!r} is used twice")


def _require_record(what: str, candidate: Any) -> None:
    if not (isinstance(candidate, type) and issubclass(candidate, Record)):
        raise BadDeclaration(f"{what}: {candidate!r} is no record")
    if not (candidate.__doc__ or "").strip():
        raise BadDeclaration(f"{what}: {candidate.__name__} says nothing of itself")


def _require_payload(what: str, payload_type: type[Any]) -> None:
    for method in ("check", "apply"):
        if not callable(getattr(payload_type, method, None)):
            raise BadDeclaration(f"{what}: {payload_type.__name__} has no {method}()")
    transaction_class = getattr(payload_type, "transaction_class", None)
    if not isinstance(transaction_class, property) and transaction_class not in CLASSES:
        raise BadDeclaration(f"{what}: class {transaction_class!r} is not one of {CLASSES}")
    weight = getattr(payload_type, "weight", None)
    if not isinstance(weight, property) and not (isinstance(weight, int) and weight > 0):
        raise BadDeclaration(f"{what}: weight {weight!r} is no positive number")
