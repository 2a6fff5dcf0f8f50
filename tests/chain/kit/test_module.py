"""MACH-001, MACH-005: declaring a module binds what belongs to it."""

import pytest

from chain.codec.record import record
from chain.kit import BadDeclaration, Module, Reason, Table, text_key


@record
class Thing:
    """Something stored."""

    weight: int


def test_declaring_a_module_binds_tables_and_reasons() -> None:
    table = Table(3, "things", key=(text_key("name"),), value=Thing)
    reason = Reason(4, "no_thing", "There is no such thing.")

    Module(id=77, name="things", tables=(table,), reasons=(reason,))

    assert bytes((77, 3)) == table.prefix
    assert (7704, "things.no_thing") == (reason.code, reason.slug)


def test_area_names_the_reasons_where_it_is_given() -> None:
    reason = Reason(4, "no_thing", "There is no such thing.")

    Module(id=77, name="things", area="chain", reasons=(reason,))

    assert "chain.no_thing" == reason.slug


def test_table_or_reason_of_another_module_is_refused() -> None:
    table = Table(3, "things", key=(text_key("name"),), value=Thing)
    reason = Reason(4, "no_thing", "There is no such thing.")
    Module(id=77, name="things", tables=(table,), reasons=(reason,))

    with pytest.raises(AssertionError):
        Module(id=78, name="others", tables=(table,))
    with pytest.raises(BadDeclaration):
        Module(id=78, name="others", reasons=(reason,))
