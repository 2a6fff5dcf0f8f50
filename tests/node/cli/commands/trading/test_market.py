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
    past = {
        "hour_start_ms": 3_600_000,
        "rate_8h_e9": "250000",
        "mean_premium_e9": "0",
        "samples_count": 12,
    }
    rates = {"rate_8h_e9": "100000", "predicted_8h_e9": "-50000", "history": [past]}
    node = traded(market_getFunding={**rates, **HEAD})

    said = novation("market", "funding", "BTC-PERP", "--rpc", node.url)

    assert "0.01 %" in said.out
    assert "-0.005 %" in said.out


CANDLE = {
    "start_ms": 60_000,
    "open_ticks": "128000",
    "high_ticks": "128004",
    "low_ticks": "127998",
    "close_ticks": "127999",
    "volume_lots": "2500",
    "trades_count": 3,
}


def test_candles_are_shown_in_decimals_with_where_older_ones_are(
    novation: Run, traded: Run
) -> None:
    node = traded(market_getCandles={**HEAD, "items": [CANDLE], "next_cursor": "60000"})

    said = novation("market", "candles", "btc-perp", "--interval", "1h", "--rpc", node.url)

    row = "1970-01-01 00:01:00 64,000 64,002 63,999 63,999.5 2.5 3"
    assert row.split() == said.out.splitlines()[2].split()
    assert "--cursor 60000" in said.out
    assert [{"instrument": "BTC-PERP", "interval": "1h", "limit": 60}] == (
        node.asked("market_getCandles")
    )


def test_candles_are_drawn_when_asked_for(novation: Run, traded: Run) -> None:
    node = traded(market_getCandles={**HEAD, "items": [CANDLE]})

    said = novation("market", "candles", "BTC-PERP", "--plot", "--rpc", node.url)

    assert {"64,002", "64,000.5", "63,999"} == {
        line.split("┤")[0].strip() for line in said.out.splitlines() if "┤" in line
    } - {""}
    assert "█" in said.out
