"""HIST-001 to HIST-004: the names of lists, and what is in one."""

from derivatives.orders.events import OrderRested
from node.history.topics import FORCED, LISTED, account_of, rates_of, trades_of
from tests import given

ALICE = given.holder("alice/0")


def test_topics_of_different_things_differ() -> None:
    assert "trades/BTC-PERP" == trades_of("BTC-PERP")
    assert "rates/BTC-PERP" == rates_of("BTC-PERP")
    assert f"account/{ALICE}" == account_of(ALICE)


def test_orders_that_met_nobody_are_not_listed() -> None:
    assert OrderRested not in LISTED
    assert set(FORCED) <= LISTED
