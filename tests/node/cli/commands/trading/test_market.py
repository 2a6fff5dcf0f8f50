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


def test_options_are_counted_until_they_are_asked_for(novation: Run, traded: Run) -> None:
    call = {**MARKET, "instrument": "BTC-26MAR27-64000-C", "kind": "call"}
    node = traded(market_list={"items": [MARKET, call], **HEAD})

    said = novation("market", "list", "--underlying", "btc", "--rpc", node.url)
    asked = novation("market", "list", "--kind", "call", "--kind", "put", "--rpc", node.url)

    assert "BTC-26MAR27" not in said.out
    assert "and 1 options" in said.out
    assert "BTC-26MAR27-64000-C" in asked.out
    assert [{"limit": 1000, "underlying": "BTC"}, {"limit": 1000, "kinds": ["call", "put"]}] == (
        node.asked("market_list")
    )


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


def _smile(expiry_ms: int, *volatilities_e9: int) -> dict[str, Any]:
    points = [
        {"percent": percent, "strike_e8": "1", "volatility_e9": str(volatility_e9)}
        for percent, volatility_e9 in zip((90, 100, 110), volatilities_e9, strict=True)
    ]
    return {
        "expiry_ms": expiry_ms,
        "forward_e8": "6793065004236",
        "dispersion_ppm": 120,
        "points": points,
    }


def _surface(*dates: dict[str, Any]) -> dict[str, Any]:
    told = {"underlying": "BTC", "state": "jump", "chosen_ms": 60_000, "admitted_count": 4}
    return {**told, "dates": list(dates), **HEAD}


def test_a_surface_is_shown_by_date_and_strike(novation: Run, traded: Run) -> None:
    dates = (_smile(86_400_000, 612_345_678, 6 * 10**8, 590_000_000),)
    node = traded(market_getSurface=_surface(*dates))

    said = novation("market", "surface", "btc", "--rpc", node.url)

    assert "BTC" == node.asked("market_getSurface")[0]["underlying"]
    for word in ("61.23", "60.00", "59.00", "67,930.65 ", "0.012 %", "jump", "of 4 surfaces"):
        assert word in said.out
    assert "1970-01-02" in said.out


def test_a_surface_is_drawn_when_asked_for(novation: Run, traded: Run) -> None:
    dates = [_smile(ms, 7 * 10**8, 6 * 10**8, 65 * 10**7) for ms in (86_400_000, 172_800_000)]
    node = traded(market_getSurface=_surface(*dates))

    said = novation("market", "surface", "BTC", "--plot", "--rpc", node.url)

    drawn = [line for line in said.out.splitlines() if "┤" in line]
    assert 16 == len(drawn)
    assert drawn[0].strip().startswith("70.00 %")
    assert drawn[-1].strip().startswith("60.00 %")
    assert "b 1970-01-03" in said.out
    assert "from 90 % to 110 %" in said.out


def test_a_surface_whose_dates_have_passed_says_so(novation: Run, traded: Run) -> None:
    node = traded(market_getSurface=_surface())

    said = novation("market", "surface", "BTC", "--rpc", node.url)

    assert "every date of it has passed" in said.out


def test_a_chain_is_asked_for_by_its_date(novation: Run, traded: Run) -> None:
    none: dict[str, Any] = {"underlying": "BTC", "expiry_ms": None, "dates": [], "strikes": []}
    node = traded(market_getChain={**none, "tick_size": None, "lot_size": None, **HEAD})

    said = novation("market", "chain", "btc", "25dec26", "--rpc", node.url)
    novation("market", "chain", "BTC", "--rpc", node.url)
    wrong = novation("market", "chain", "BTC", "soon", "--rpc", node.url)

    assert [
        {"underlying": "BTC", "expiry_ms": 1_798_185_600_000},
        {"underlying": "BTC"},
    ] == node.asked("market_getChain")
    assert "no options are listed" in said.out
    assert 2 == wrong.code
