"""Who was closed by force. Criterion: RPC-123 of docs/specs/rpc.md."""

from chain.crypto.addresses import text_of
from node.rpc.clearing.liquidations import liquidation_form
from tests import given
from tests.node.rpc.conftest import Caller
from tests.node.rpc.methods.conftest import MARK_TICKS, USD, Market

ALICE, CAROL = (text_of(given.address(name)) + "/0" for name in ("alice", "carol"))


def fallen(market: Market, price: int) -> None:
    """Carol, long a bitcoin at 64,000 with 4,000 USD; then it costs this."""
    market.deposit("carol", 4_000 * USD)
    market.trade("carol", "bob", 1_000, MARK_TICKS)
    market.move(price)


async def test_a_slice_says_who_gave_what_to_whom(market: Market, call: Caller) -> None:
    fallen(market, 61_300)
    market.take("alice", "carol", 1)

    (item,) = (await call("clearing_listLiquidations"))["items"]

    assert ("slice", CAROL, ALICE) == (item["kind"], item["account"], item["keeper"])
    (leg,) = item["closes"]
    assert "BTC-PERP" == leg["instrument"]
    assert int(leg["size_lots"]) > 0
    assert int(item["equity_quantums"]) < int(item["maintenance_margin_quantums"])
    assert int(item["reward_quantums"]) > 0


async def test_a_takeover_says_what_was_lacking_and_who_paid(market: Market, call: Caller) -> None:
    fallen(market, 45_000)

    (item,) = (await call("clearing_listLiquidations"))["items"]

    lacking = -int(item["equity_quantums"])
    assert ("takeover", CAROL, None, 1) == (
        item["kind"],
        item["account"],
        item["keeper"],
        item["positions_count"],
    )
    assert lacking == int(item["insurance_quantums"]) + int(item["haircut_quantums"])
    assert int(item["haircut_quantums"]) > 0


async def test_the_newest_comes_first_and_pages_go_on(market: Market, call: Caller) -> None:
    fallen(market, 61_300)
    market.take("alice", "carol", 2)

    first = await call("clearing_listLiquidations", limit=1)
    second = await call("clearing_listLiquidations", limit=1, cursor=first["next_cursor"])

    assert int(second["items"][0]["seq"]) < int(first["items"][0]["seq"])
    assert second["next_cursor"] is None


async def test_followers_are_told_the_same(market: Market, call: Caller) -> None:
    fallen(market, 61_300)
    market.take("alice", "carol", 1)
    services = market.rooms.services
    listed = (await call("clearing_listLiquidations"))["items"]

    told = [liquidation_form(services, stored) for stored in services.storage.events(0, 10**6)]

    assert listed == [one for one in told if one is not None]
