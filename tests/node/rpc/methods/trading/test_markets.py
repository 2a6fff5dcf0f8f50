"""What can be traded. Criteria: RPC-112, RPC-113 of docs/specs/rpc.md."""

from typing import Any

import pytest

from node.rpc.methods.trading.markets import decimal_e8
from tests.node.rpc.conftest import Caller, Refusal, Rooms
from tests.node.rpc.methods.conftest import BTC_PERP, Market


async def test_every_instrument_is_listed_with_terms_state_and_prices(
    market: Market, call: Caller
) -> None:
    answer = await call("market_list")

    items = {item["instrument"]: item for item in answer["items"]}
    strikes = [f"BTC-26MAR27-{usd}-{letter}" for usd in (56_000, 64_000, 72_000) for letter in "CP"]
    assert [BTC_PERP, "ETH-PERP", "BTC-26MAR27", "sGOLD", *strikes] == list(items)
    future, put, item = items["BTC-26MAR27"], items["BTC-26MAR27-64000-P"], items[BTC_PERP]
    assert ("put", "128000", 1_806_048_000_000) == (
        put["kind"],
        put["strike_ticks"],
        put["expiry_ms"],
    )
    assert ("future", "BTC", 1_806_048_000_000, None) == tuple(
        future[name] for name in ("kind", "underlying", "expiry_ms", "settlement_price_ticks")
    )
    assert ("perpetual", "BTC", "USD", "open") == tuple(
        item[name] for name in ("kind", "underlying", "quote", "state")
    )
    assert ("0.5", "0.001", "500") == (
        item["tick_size"],
        item["lot_size"],
        item["tick_value_quantums"],
    )
    assert ("128000", str(64_000 * 10**8)) == (item["mark_price_ticks"], item["index_price_e8"])
    assert (None, None, "0") == (
        item["strike_ticks"],
        item["expiry_ms"],
        item["open_interest_lots"],
    )
    assert answer["next_cursor"] is None


async def test_before_the_first_price_there_is_no_mark(rooms: Rooms, call: Caller) -> None:
    item = (await call("market_list", limit=1))["items"][0]

    assert (None, None, "auction") == (
        item["mark_price_ticks"],
        item["index_price_e8"],
        item["state"],
    )


async def test_pages_of_markets_go_on_by_name(rooms: Rooms, call: Caller) -> None:
    first = await call("market_list", limit=8)
    second = await call("market_list", limit=2, cursor=first["next_cursor"])

    assert "BTC-26MAR27-64000-P" == first["next_cursor"]
    assert (["BTC-26MAR27-72000-C", "BTC-26MAR27-72000-P"], None) == (
        [item["instrument"] for item in second["items"]],
        second["next_cursor"],
    )


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"kinds": ["perpetual"]}, [BTC_PERP, "ETH-PERP"]),
        ({"underlying": "ETH"}, ["ETH-PERP"]),
        ({"instruments": [BTC_PERP, "DOGE-PERP"]}, [BTC_PERP]),
        (
            {"expiry_ms": 1_806_048_000_000, "kinds": ["future", "put"]},
            ["BTC-26MAR27", *(f"BTC-26MAR27-{usd}-P" for usd in (56_000, 64_000, 72_000))],
        ),
        ({"expiry_ms": 7}, []),
    ],
)
async def test_some_of_them_can_be_asked_for(
    rooms: Rooms, call: Caller, asked: dict[str, Any], names: list[str]
) -> None:
    answer = await call("market_list", **asked)

    assert names == [item["instrument"] for item in answer["items"]]


async def test_a_cursor_of_nothing_is_refused(rooms: Rooms, call: Caller) -> None:
    with pytest.raises(Refusal) as refused:
        await call("market_list", cursor="nowhere")

    assert -32602 == refused.value.code


async def test_open_interest_is_what_is_long(market: Market, call: Caller) -> None:
    market.trade("alice", "bob", 7)

    item = (await call("market_list"))["items"][0]

    assert ("7", "128000") == (item["open_interest_lots"], item["last_price_ticks"])


@pytest.mark.parametrize(
    ("value_e8", "text"), [(50_000_000, "0.5"), (1, "0.00000001"), (10**9, "10")]
)
def test_a_decimal_is_written_exactly(value_e8: int, text: str) -> None:
    assert text == decimal_e8(value_e8)
