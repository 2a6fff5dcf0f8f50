"""What is open. Criterion: RPC-118 of docs/specs/rpc.md."""

import pytest

from chain.crypto.addresses import text_of
from tests import given
from tests.node.rpc.conftest import Caller, Refusal
from tests.node.rpc.methods.conftest import BTC_PERP, MARK_TICKS, Market

ALICE = text_of(given.address("alice"))


async def test_an_order_is_shown_in_words(market: Market, call: Caller) -> None:
    market.order("alice", 1, 5, MARK_TICKS - 2, client_id="grid-7", post_only=True)

    (item,) = (await call("order_list", account=ALICE))["items"]

    assert (ALICE + "/0", BTC_PERP, "buy", "gtc", "resting", "grid-7") == tuple(
        item[name]
        for name in ("account", "instrument", "side", "time_in_force", "state", "client_id")
    )
    assert ("127998", "5", "5", None) == tuple(
        item[name] for name in ("price_ticks", "size_lots", "remaining_lots", "good_till_ms")
    )
    assert (True, False, None) == (item["post_only"], item["reduce_only"], item["trigger_ticks"])


async def test_a_stop_waits_with_its_trigger(market: Market, call: Caller) -> None:
    market.order("alice", 1, 5, 0, time_in_force=2, trigger_kind=1, trigger_ticks=MARK_TICKS + 100)

    (item,) = (await call("order_list", account=ALICE))["items"]

    assert ("waiting", "128100", "0", None) == tuple(
        item[name] for name in ("state", "trigger_ticks", "price_ticks", "client_id")
    )


async def test_pages_of_orders_together_are_all_of_them(market: Market, call: Caller) -> None:
    for ticks in (1, 2, 3):
        market.order("alice", 1, ticks, MARK_TICKS - ticks)

    first = await call("order_list", account=ALICE, limit=2, instrument=BTC_PERP)
    rest = await call("order_list", account=ALICE, limit=2, cursor=first["next_cursor"])

    sizes = [item["size_lots"] for item in first["items"] + rest["items"]]
    assert (["1", "2", "3"], None) == (sizes, rest["next_cursor"])
    assert [] == (await call("order_list", account=ALICE, instrument="ETH-PERP"))["items"]


async def test_an_account_that_is_not_open_is_not_found(market: Market, call: Caller) -> None:
    with pytest.raises(Refusal) as refused:
        await call("order_list", account=ALICE + "/9")

    assert "lookup.account_unknown" == refused.value.reason
