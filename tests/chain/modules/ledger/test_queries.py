"""LEDG-011: every balance of a holder that is not zero."""

from chain.modules.ledger.queries import HeldAmount, Holdings, holdings_of
from chain.modules.registry import BASE_MODULES
from tests import given


def test_holdings_are_by_asset_and_leave_out_zeros() -> None:
    world = given.world({"alice": {"USD": 3, "ETH": 0, "BTC": 2}}, modules=BASE_MODULES)

    answer = holdings_of(world.view, given.holder("alice"))

    assert (HeldAmount("BTC", 2), HeldAmount("USD", 3)) == answer.balances
    assert Holdings("fees", ()) == holdings_of(world.view, "fees")
