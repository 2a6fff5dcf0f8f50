"""Words for numbers. Criterion: RPC-090 of docs/specs/rpc.md."""

from collections.abc import Iterable, Iterator

from chain.kit.fields import Field, fields_of
from chain.machine.application import Application
from derivatives.registry import REGISTRY
from node.naming.choices import CHOICES, choices_said

IDENTIFIERS = {"order_id", "classe", "kind"}
"""Plain numbers that are names and not choices."""


def _every_field(fields: Iterable[Field]) -> Iterator[Field]:
    for field in fields:
        yield field
        yield from _every_field(field.items)
        if field.record is not None:
            yield from _every_field(fields_of(field.record))


def test_every_number_without_a_unit_that_a_transaction_takes_has_its_words() -> None:
    application = Application(REGISTRY)
    payloads = [application.payload(kind) for kind in application.kinds]
    fields = [
        field
        for payload in payloads
        if payload is not None
        for field in _every_field(fields_of(payload))
    ]

    plain = {field.name for field in fields if field.form == "integer" and not field.unit}
    kinds = {field.name for field in fields if field.unit == "kind"}

    assert (plain | kinds) - IDENTIFIERS == set(CHOICES)


def test_choices_are_said_with_their_numbers() -> None:
    assert "1 gtc, 2 ioc, 3 fok" == choices_said("time_in_force")
    assert "" == choices_said("size_lots")
