"""What this program itself knows of transactions, tables and queries.

A node describes its transactions too, but what is signed is built from our own
declarations: a node that calls a change of keys a transfer gets no signature for it.

Source: docs/specs/cli.md, CLI-034.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

from chain.kit.fields import Field, field_of_part, fields_of
from chain.kit.query import Query
from chain.kit.table import AnyTable
from chain.machine.application import Application
from derivatives.registry import REGISTRY
from node.client.failures import NO_COMMAND, Failure
from node.naming.near import near_name


@cache
def application() -> Application:
    """Return the modules that this program was built with."""
    return Application(REGISTRY)


def kind_named(name: str) -> tuple[int, type[Any]]:
    """Return number and record of `module.transaction`.

    Refuses: NO_COMMAND, with the nearest name.
    """
    kind = application().kind_from_name(name)
    if kind is None:
        raise Failure(
            NO_COMMAND,
            f'no transaction "{name}"{nearest(name, kind_names())}',
            f"there are: {', '.join(kind_names())}",
        )
    payload = application().payload(kind)
    assert payload is not None
    return kind, payload


def kind_names() -> list[str]:
    """Return the names of all transactions but the list, which other means make."""
    return [application().kind_name(kind) for kind in application().kinds if kind > 1]


def table_named(name: str) -> AnyTable | None:
    """Return the table of a name: bare, or with its module before it."""
    module, point, bare = name.partition(".")
    if not point:
        return application().table(name)
    owner = application().module(module)
    return next((t for t in owner.tables if t.name == bare), None) if owner else None


def query_named(name: str) -> tuple[str, Query] | None:
    """Return full name and declaration of a query: bare where that is unique."""
    queries = application().queries
    if name in queries:
        return name, queries[name]
    found = [full for full in queries if full.partition(".")[2] == name]
    return (found[0], queries[found[0]]) if len(found) == 1 else None


def query_names() -> list[str]:
    """Return everything that can be asked for: tables, then queries."""
    tables = [
        f"{module.name}.{table.name}" for module in application().modules for table in module.tables
    ]
    return [*tables, *application().queries]


def key_fields(table: AnyTable) -> tuple[Field, ...]:
    """Return the parts of a table's key."""
    return tuple(field_of_part(part) for part in table.key_parts)


def query_fields(query: Query) -> tuple[Field, ...]:
    """Return the arguments of a query."""
    return tuple(field_of_part(part) for part in query.fields.values())


def payload_fields(payload: type[Any]) -> tuple[Field, ...]:
    """Return the fields of a transaction."""
    return fields_of(payload)


def sentence_of(thing: Any) -> str:
    """Return the first line of what a declaration says of itself."""
    return (thing.__doc__ or "").strip().partition("\n")[0]


def nearest(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean X?` for the nearest known name, or nothing."""
    found = near_name(name, known)
    return f'; did you mean "{found}"?' if found else ""
