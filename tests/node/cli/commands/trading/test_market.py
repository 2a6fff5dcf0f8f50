"""Markets. Criterion: CLI-074 of docs/specs/cli.md."""

from collections.abc import Callable
from typing import Any

from tests.node.cli.commands.trading.conftest import HEAD, MARKET

Run = Callable[..., Any]


def test_markets_are_listed_in_decimals(novation: Run, traded: Run) -> None:
    said = novation("market", "list", "--rpc", traded().url)

    assert "BTC-PERP" in said.out
    assert "64,000" in said.out
    assert "2.5" in said.out


def test_one_market_in_json_is_what_the_node_lists(novation: Run, traded: Run) -> None:
    said = novation("market", "show", "btc-perp", "--json", "--rpc", traded().url)

    assert MARKET == said.document["data"]


def test_a_book_shows_asks_over_bids_with_the_best_in_the_middle(
    novation: Run, traded: Run
) -> None:
    book = {"bids": [["127999", "5"], ["127998", "7"]], "asks": [["128001", "9"], ["128003", "1"]]}
    node = traded(market_getBook={**book, **HEAD})

    said = novation("market", "book", "BTC-PERP", "--depth", "2", "--rpc", node.url)

    prices = [line.split()[1] for line in said.out.splitlines()[2:]]
    assert ["64,001.5", "64,000.5", "63,999.5", "63,999"] == prices
    assert 2 == node.asked("market_getBook")[0]["depth_count"]


def test_an_empty_book_says_so(novation: Run, traded: Run) -> None:
    node = traded(market_getBook={"bids": [], "asks": [], **HEAD})

    assert "nothing rests" in novation("market", "book", "BTC-PERP", "--rpc", node.url).out


def test_trades_are_shown_with_where_older_ones_are(novation: Run, traded: Run) -> None:
    item = {
        "trade_id": 3, "height": "8", "price_ticks": "128000", "size_lots": "5",
        "taker_side": "buyer",
    }  # fmt: skip
    node = traded(market_getTrades={**HEAD, "items": [item], "next_cursor": "77"})

    said = novation("market", "trades", "BTC-PERP", "--rpc", node.url)

    assert "64,000" in said.out
    assert "--cursor 77" in said.out


def test_funding_is_shown_in_per_cent(novation: Run, traded: Run) -> None:
    rates = {"rate_8h_e9": "100000", "predicted_8h_e9": "-50000"}
    node = traded(market_getFunding={**rates, **HEAD})

    said = novation("market", "funding", "BTC-PERP", "--rpc", node.url)

    assert "0.01 %" in said.out
    assert "-0.005 %" in said.out
