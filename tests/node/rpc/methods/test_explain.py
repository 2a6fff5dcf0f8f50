"""Why, with the numbers. Criterion: RPC-097 of docs/specs/rpc.md."""

import base64

import pytest

from chain.crypto.addresses import text_of
from chain.modules.ledger.transactions import Transfer
from node.rpc.methods.trading.units import whole_units
from tests import given
from tests.node.rpc.conftest import Caller, Refusal, Rooms
from tests.node.rpc.methods.conftest import MARK_TICKS, Market


def pay(rooms: Rooms, amount_quantums: int) -> bytes:
    transfer = Transfer(to=given.address("bob"), asset="USD", amount_quantums=amount_quantums)
    return rooms.world.bytes_of("alice", transfer)


async def explained(rooms: Rooms, call: Caller, data: bytes, *, final: bool = True) -> dict:
    if final:
        rooms.finalise(data)
        identity = "0x" + rooms.world.outcomes[-1].receipts[0].id.hex()
    else:
        identity = (await call("tx_submit", tx=base64.b64encode(data).decode()))["id"]
    return await call("tx_explain", id=identity)  # type: ignore[no-any-return]


async def test_a_refusal_names_rule_numbers_and_next_step(rooms: Rooms, call: Caller) -> None:
    answer = await explained(rooms, call, pay(rooms, 1_000_002_500_000))

    assert ("refused", "ledger.transfer") == (answer["status"], answer["kind"])
    assert "ledger.balance_short" == answer["rule"]["reason"]
    assert 203 == answer["rule"]["code"]
    assert "send at most the balance" in answer["rule"]["hint"]
    shown = {number["name"]: number["shown"] for number in answer["numbers"]}
    assert "2.500000 USD" == shown["short_by_quantums"]
    assert any("short_by_quantums = 2.500000 USD" in line for line in answer["lines"])
    assert any(line.startswith("hint: ") for line in answer["lines"])


async def test_an_applied_transaction_tells_what_it_changed(rooms: Rooms, call: Caller) -> None:
    answer = await explained(rooms, call, pay(rooms, 2_500_000))

    assert ("applied", None) == (answer["status"], answer["rule"])
    assert "1" == answer["height"]
    assert any("amount 2.500000 USD" in line for line in answer["lines"])


async def test_a_waiting_transaction_says_what_it_waits_for(rooms: Rooms, call: Caller) -> None:
    answer = await explained(rooms, call, pay(rooms, 2_500_000), final=False)

    assert ("waiting", None) == (answer["status"], answer["receipt"])
    assert "ledger.transfer" == answer["transaction"]["kind"]
    assert "waits" in answer["why"]


async def test_an_unknown_transaction_is_not_found(rooms: Rooms, call: Caller) -> None:
    with pytest.raises(Refusal) as refused:
        await call("tx_explain", id="0x" + "77" * 32)

    assert "lookup.transaction_unknown" == refused.value.reason


@pytest.mark.parametrize(
    ("text", "amount_quantums", "decimals"),
    [("0.000001", 1, 6), ("-0.10", -10, 2), ("7", 7, 0), ("1000000.000000", 10**12, 6)],
)
def test_amounts_are_shown_exactly(text: str, amount_quantums: int, decimals: int) -> None:
    assert text == whole_units(amount_quantums, decimals)


async def test_short_margin_is_told_in_whole_units_with_what_to_do(
    market: Market, call: Caller
) -> None:
    market.order("alice", 1, 100_000, MARK_TICKS)

    answer = await call("tx_explain", id="0x" + market.receipt().id.hex())

    assert "margin.initial_margin_short" == answer["rule"]["reason"]
    shown = {number["name"]: number["shown"] for number in answer["numbers"]}
    assert "100000.000000 USD" == shown["available_quantums"]
    assert shown["short_by_quantums"].endswith(" USD")
    assert any(line.startswith("hint: deposit what is short") for line in answer["lines"])


async def test_prices_and_sizes_of_a_refused_order_are_told_in_decimals(
    market: Market, call: Caller
) -> None:
    market.order("alice", 1, 10, 4 * MARK_TICKS)

    answer = await call("tx_explain", id="0x" + market.receipt().id.hex())

    assert "orders.price_too_far" == answer["rule"]["reason"]
    shown = {number["name"]: number["shown"] for number in answer["numbers"]}
    assert "256000 USD" == shown["price_ticks"]


async def test_a_filled_order_tells_its_trade_in_decimals(market: Market, call: Caller) -> None:
    market.trade("alice", "bob", 1_500)

    lines = (await call("tx_explain", id="0x" + market.receipt().id.hex()))["lines"]

    place = lines.index("  trades.traded")
    assert "bought 1.5 BTC-PERP at 64000" in lines[place + 1]
    assert "= 28.800000 USD (TRAD-020)" in lines[place + 2]
    (placed,) = [line for line in lines if "orders.order_placed: " in line]
    assert "price 64000 USD" in placed
    assert "size 1.5 BTC" in placed


async def test_an_event_that_no_transaction_did_is_explained(market: Market, call: Caller) -> None:
    market.deposit("carol", 4_000 * 10**6)
    market.trade("carol", "bob", 1_000, MARK_TICKS)
    market.move(61_300)
    listed = (await call("account_getHistory", account=text_of(given.address("carol"))))["items"]
    (flag,) = [one for one in listed if one["event"]["name"] == "margin.account_flagged"]

    answer = await call("event_explain", seq=flag["seq"])

    assert flag["event"] == answer["event"]
    assert (flag["height"], flag["time_ms"]) == (answer["height"], answer["time_ms"])
    assert "MARG-072" in answer["lines"][1]


async def test_an_event_without_a_rule_is_told_by_its_fields(market: Market, call: Caller) -> None:
    answer = await call("event_explain", seq=0)

    assert answer["event"]["name"] in answer["lines"][0]
    assert 2 == len(answer["lines"])


async def test_an_event_that_was_not_told_yet_is_not_found(rooms: Rooms, call: Caller) -> None:
    with pytest.raises(Refusal) as refused:
        await call("event_explain", seq="999999")

    assert "lookup.event_unknown" == refused.value.reason
