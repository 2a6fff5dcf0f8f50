"""Answer a module's query by its full name.

Source: docs/specs/machine.md, MACH-060.
"""

from collections.abc import Mapping
from typing import Any

from chain.codec.order import KeyValue, MalformedKey
from chain.kit import View
from chain.machine.application import Application


class UnknownQuery(LookupError):
    """No module has a query of this name."""


class MalformedQuery(ValueError):
    """A query was asked with other fields than it has, or with one that does not fit."""


def call(application: Application, view: View, name: str, fields: Mapping[str, KeyValue]) -> Any:
    """Return the record that a query answers.

    Refuses: UnknownQuery; MalformedQuery, for a missing, unknown or impossible field.
    """
    query = application.query(name)
    if query is None:
        raise UnknownQuery(f"no query {name}; there are {', '.join(sorted(application.queries))}")
    if fields.keys() != query.fields.keys():
        raise MalformedQuery(f"{name} has the fields {', '.join(query.fields) or 'none'}")
    for field, part in query.fields.items():
        try:
            part.encode(fields[field])
        except MalformedKey as fault:
            raise MalformedQuery(f"{name}: {fault}") from fault
    return query.function(view, **fields)
