"""MACH-001 to MACH-006, MACH-010, MACH-011."""

from typing import ClassVar

import pytest

from chain.codec.record import record
from chain.kit import (
    CLASS_REST,
    BadDeclaration,
    Context,
    Module,
    Query,
    Reason,
    Table,
    View,
    text_key,
)
from chain.machine.application import Application, name_of_type
from chain.modules.ledger.events import Transferred
from chain.modules.ledger.state import BALANCES
from chain.modules.ledger.transactions import Transfer
from chain.modules.registry import BASE_MODULES
from chain.modules.signers.transactions import SetKeys

APPLICATION = Application(BASE_MODULES)


@record
class Row:
    """Something stored."""

    weight: int


@record
class Wave:
    """A transaction that does nothing."""

    transaction_class: ClassVar[int] = CLASS_REST
    weight: ClassVar[int] = 1

    def check(self) -> None:
        """Refuse nothing."""

    def apply(self, context: Context) -> None:
        """Do nothing."""


@record
class Silent:
    """A transaction that lacks its methods."""

    transaction_class: ClassVar[int] = CLASS_REST
    weight: ClassVar[int] = 1


@record
class Classless:
    """A transaction of no class."""

    transaction_class: ClassVar[int] = 9
    weight: ClassVar[int] = 1

    def check(self) -> None:
        """Refuse nothing."""

    def apply(self, context: Context) -> None:
        """Do nothing."""


@record
class Weightless:
    """A transaction that claims to be no work."""

    transaction_class: ClassVar[int] = CLASS_REST
    weight: ClassVar[int] = 0

    def check(self) -> None:
        """Refuse nothing."""

    def apply(self, context: Context) -> None:
        """Do nothing."""


def rows(number: int, name: str) -> Table[Row]:
    return Table(number, name, key=(text_key("name"),), value=Row)


def answer(view: View) -> Row:
    """Return a row."""
    del view
    return Row(1)


SHARED = rows(1, "shared")
FOREIGN = rows(9, "foreign")


def test_everything_is_found_by_number_and_by_name() -> None:
    assert Transfer is APPLICATION.payload(201)
    assert 201 == APPLICATION.kind_of(Transfer)
    assert "ledger.transfer" == APPLICATION.kind_name(201)
    assert 101 == APPLICATION.kind_from_name("signers.set_keys")
    assert 1 == APPLICATION.kind_from_name("system.list")
    assert BALANCES is APPLICATION.table("balances")
    assert Transferred is APPLICATION.event(2, 1)
    assert (2, 1) == APPLICATION.event_number(Transferred)
    assert "ledger.transferred" == APPLICATION.event_name(2, 1)
    assert "ledger.balance_short" == APPLICATION.reason(203).slug  # type: ignore[union-attr]
    assert (1, 101, 102, 103, 201) == APPLICATION.kinds
    assert "ledger" == APPLICATION.module("ledger").name  # type: ignore[union-attr]
    assert "ledger.balances" in APPLICATION.queries


def test_what_is_not_there_is_none() -> None:
    assert APPLICATION.payload(299) is None
    assert APPLICATION.table("nothing") is None
    assert APPLICATION.event(2, 99) is None
    assert APPLICATION.reason(9999) is None
    assert APPLICATION.query("ledger.nothing") is None
    assert APPLICATION.module("nothing") is None
    assert APPLICATION.kind_from_name("ledger.nothing") is None
    assert "299" == APPLICATION.kind_name(299)


def test_name_is_the_class_in_words() -> None:
    assert "set_keys" == name_of_type(SetKeys)


@pytest.mark.parametrize(
    ("module", "said"),
    [
        (Module(id=2, name="other"), "module id 2"),
        (Module(id=80, name="ledger"), "module name 'ledger'"),
        (Module(id=80, name="other", area="ledger"), "reason area 'ledger'"),
        (Module(id=256, name="other"), "no byte"),
        (Module(id=80, name="Other"), "lower-case"),
        (Module(id=80, name="other", tables=(rows(1, "balances"),)), "table name 'balances'"),
        (Module(id=80, name="other", tables=(rows(1, "a"), rows(1, "b"))), "table number 1"),
        (Module(id=80, name="other", genesis=(FOREIGN,)), "not its own"),
        (Module(id=80, name="other", transactions={0: Wave}), "not in 1..99"),
        (Module(id=80, name="other", transactions={100: Wave}), "not in 1..99"),
        (Module(id=80, name="other", transactions={1: dict}), "no record"),
        (Module(id=80, name="other", transactions={1: Silent}), "no check"),
        (Module(id=80, name="other", transactions={1: Classless}), "class 9"),
        (Module(id=80, name="other", transactions={1: Weightless}), "weight 0"),
        (Module(id=80, name="other", transactions={1: Wave, 2: Wave}), "has a kind already"),
        (Module(id=80, name="other", transactions={1: Transfer}), "has a kind already"),
        (Module(id=80, name="other", events={1: dict}), "no record numbered"),
        (Module(id=80, name="other", events={256: Row}), "no record numbered"),
        (Module(id=80, name="other", events={1: Transferred}), "is an event already"),
        (Module(id=80, name="other", queries=(Query("q", answer, {}),) * 2), "named twice"),
        (Module(id=80, name="other", queries=(Query("q", lambda view: view, {}),)), "says nothing"),
        (Module(id=10, name="other", reasons=(Reason(1, "no", "No."),)), "code 1001"),
        (Module(id=80, name="other", quick={Transfer: answer}), "past .*Transfer.*, not its own"),
    ],
)
def test_badly_declared_module_does_not_start(module: Module, said: str) -> None:
    with pytest.raises(BadDeclaration, match=said):
        Application((*BASE_MODULES, module))


def test_module_is_added_by_naming_it() -> None:
    module = Module(id=80, name="other", tables=(SHARED,), transactions={1: Wave})

    application = Application((*BASE_MODULES, module))

    assert "other.wave" == application.kind_name(8001)
    assert SHARED is application.table("shared")
