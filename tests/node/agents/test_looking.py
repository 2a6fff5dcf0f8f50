"""AGT-010 to AGT-013: one request, one height, and what the node said instead."""

from collections.abc import Callable
from typing import Any

import pytest

from node.agents.looking import Looked, look
from node.agents.seen import Resting
from node.client.failures import Failure
from node.client.transport import Client
from tests.node.agents.fake_market import TIME_MS, FakeMarket
from tests.node.client.fake_chain import CHAIN_ID
from tests.node.client.fake_node import FakeNode

Serve = Callable[[FakeMarket], FakeNode]
ORDER = {
    "order_id": 7,
    "client_id": None,
    "instrument": "BTC-PERP",
    "side": "sell",
    "price_ticks": "128010",
    "remaining_lots": "3",
    "good_till_ms": None,
}


def looked(
    node: FakeNode, *questions: Any, instruments: Any = ("BTC-PERP",), asked: Any = ()
) -> Looked | None:
    return look(Client(node.url, 2_000), "nov1m/0", instruments, questions, asked)


def test_everything_is_seen_of_one_height(serve: Serve, market: FakeMarket) -> None:
    market.orders = [ORDER]
    market.positions = [{"instrument": "BTC-PERP", "size_lots": "-4"}]
    market.dead_man_ms = TIME_MS + 5

    found = looked(serve(market))

    assert found is not None
    assert (CHAIN_ID, "devnet", 10) == (
        found.chain.chain_id,
        found.chain.kind,
        found.chain.height,
    )
    account, btc = found.seen.account, found.seen.markets["BTC-PERP"]
    assert account is not None
    assert (95_000_000, 10_000_000, {"BTC": 5_000_000}, {"BTC-PERP": -4}, TIME_MS + 5) == (
        account.equity_quantums,
        account.initial_margin_quantums,
        account.collateral_quantums,
        account.positions_lots,
        account.dead_man_ms,
    )
    assert (Resting(7, "", "BTC-PERP", 2, 128_010, 3),) == account.orders
    assert (50_000_000, 100_000, 64_000 * 10**8, 128_000, True) == (
        btc.tick_size_e8,
        btc.lot_size_e8,
        btc.index_price_e8,
        btc.mark_price_ticks,
        btc.is_open,
    )
    assert (((127_990, 5),), ((128_010, 7), (128_020, 1))) == (btc.bids, btc.asks)


def test_an_account_that_is_not_open_is_none(serve: Serve, market: FakeMarket) -> None:
    market.has_account = False

    found = looked(serve(market))

    assert found is not None
    assert None is found.seen.account


def test_a_market_that_is_not_listed_is_left_out(serve: Serve, market: FakeMarket) -> None:
    found = looked(serve(market), instruments=("XRP-PERP", "BTC-PERP"))

    assert found is not None
    assert ["BTC-PERP"] == list(found.seen.markets)


def test_a_market_that_may_not_open_is_not_open(serve: Serve, market: FakeMarket) -> None:
    market.may_open = False

    found = looked(serve(market))

    assert found is not None
    assert not found.seen.markets["BTC-PERP"].is_open


def test_a_block_that_comes_in_between_is_looked_at_again(serve: Serve, market: FakeMarket) -> None:
    market.heights = [9, 9]
    node = serve(market)

    assert None is not looked(node)
    assert 3 == len(node.asked("market_list"))


def test_where_blocks_keep_coming_nothing_is_seen(serve: Serve, market: FakeMarket) -> None:
    market.heights = [9, 9, 9]

    assert None is looked(serve(market))


def test_own_questions_and_transactions_are_answered_in_order(
    serve: Serve, market: FakeMarket
) -> None:
    market.chain.status["status"] = "waiting"
    known = ("query_call", {"name": "instruments.standing", "fields": {}})
    unknown = ("query_call", {"name": "no.such", "fields": {}})

    found = looked(serve(market), unknown, known, asked=("0x01", "0x02"))

    assert found is not None
    assert ["0x01", "0x02"] == [status["id"] for status in found.statuses]
    assert None is found.seen.answers[0]
    assert found.seen.answers[1]["value"]["may_open"]


def test_a_node_that_is_catching_up_is_not_believed(serve: Serve, market: FakeMarket) -> None:
    market.is_syncing = True

    with pytest.raises(Failure) as refused:
        looked(serve(market))

    assert "client.not_ready" == refused.value.kind.reason


def test_more_than_a_node_takes_at_once_is_asked_in_parts(serve: Serve, market: FakeMarket) -> None:
    transactions = [f"0x{number:02x}" for number in range(60)]
    node = serve(market)
    sizes: list[int] = []

    class Counting(Client):
        def call_many(self, calls: Any) -> Any:
            sizes.append(len(calls))
            return super().call_many(calls)

    found = look(Counting(node.url, 2_000), "nov1m/0", ("BTC-PERP",), (), transactions)

    assert found is not None
    assert transactions == [status["id"] for status in found.statuses]
    assert [50, 18] == sizes


def test_answers_of_another_form_are_not_believed(serve: Serve, market: FakeMarket) -> None:
    market.positions = [{"instrument": "BTC-PERP"}]

    with pytest.raises(Failure) as refused:
        looked(serve(market))

    assert "client.answer_strange" == refused.value.kind.reason


def test_a_node_that_refuses_to_list_is_told_as_it_says(serve: Serve, market: FakeMarket) -> None:
    node = serve(market)
    del node.answers["market_list"]

    with pytest.raises(Failure) as refused:
        looked(node)

    assert "client.method_absent" == refused.value.kind.reason
