"""MACH-060."""

import pytest

from chain.machine.query import MalformedQuery, UnknownQuery, call
from chain.modules.ledger.queries import HeldAmount, Holdings
from tests import given

WORLD = given.world({"alice": {"USD": 7, "BTC": 0, "ETH": 9}})
ALICE = given.holder("alice")


def test_query_answers_a_record() -> None:
    answer = call(WORLD.application, WORLD.view, "ledger.balances", {"holder": ALICE})

    assert Holdings(ALICE, (HeldAmount("ETH", 9), HeldAmount("USD", 7))) == answer


def test_unknown_query_names_the_known_ones() -> None:
    with pytest.raises(UnknownQuery, match=r"ledger\.balances"):
        call(WORLD.application, WORLD.view, "ledger.balance", {})


@pytest.mark.parametrize("fields", [{}, {"holder": "fees", "more": 1}, {"holder": 7}])
def test_other_fields_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(MalformedQuery, match="holder"):
        call(WORLD.application, WORLD.view, "ledger.balances", fields)  # type: ignore[arg-type]
