"""CLI-096: a chain of options as a table."""

from typing import Any

from node.cli.showing.chain import chain_lines

NOTHING: dict[str, Any] = {
    "instrument": "BTC-25DEC26-62000-C",
    "bid_price_ticks": None,
    "mark_price_ticks": None,
    "mark_volatility_e9": None,
    "ask_price_ticks": None,
    "delta_ppm": None,
    "open_interest_lots": "0",
}
CALL = NOTHING | {
    "bid_price_ticks": "4000",
    "mark_price_ticks": "4100",
    "mark_volatility_e9": "543210000",
    "ask_price_ticks": "4201",
    "delta_ppm": 612_345,
    "open_interest_lots": "70",
}
PUT = NOTHING | {
    "mark_price_ticks": "900",
    "mark_volatility_e9": "543210000",
    "delta_ppm": -387_655,
}


def chain(
    *strikes: tuple[int, Any, Any], forward_e8: str | None = "6450055000000"
) -> dict[str, Any]:
    dates = [
        {"expiry_ms": 86_400_000, "forward": "BTC-25DEC26", "forward_e8": forward_e8},
        {"expiry_ms": 99_000_000, "forward": "BTC-26MAR27", "forward_e8": None},
    ]
    return {
        "underlying": "BTC",
        "height": "9",
        "expiry_ms": 86_400_000,
        "tick_size": "0.5",
        "lot_size": "0.001",
        "dates": dates,
        "strikes": [
            {"strike_e8": str(usd * 10**8), "call": call, "put": put} for usd, call, put in strikes
        ],
    }


def test_a_call_stands_at_the_left_and_its_put_mirrored_at_the_right() -> None:
    lines = chain_lines(chain((64_000, CALL, PUT)))

    assert "BTC-25DEC26 at height 9: forward 64,500.55, ends 1970-01-02 00:00:00" == lines[0]
    head, row = lines[1].split(), lines[2].split()
    assert ["open", "delta", "volatility", "bid", "mark", "ask", "strike"] == head[:7]
    assert ["ask", "mark", "bid", "volatility", "delta", "open"] == head[7:]
    assert ["0.07", "0.61", "54.3", "2,000", "2,050", "2,100.5", "64,000"] == row[:7]
    assert ["-", "450", "-", "54.3", "-0.39"] == row[7:]


def test_the_forward_stands_between_the_strikes_beside_it() -> None:
    rows = chain_lines(chain((64_000, CALL, PUT), (66_000, CALL, PUT)))[2:]

    assert ["64,000" in rows[0], "> 64,500.55" in rows[1], "66,000" in rows[2]] == [True] * 3


def test_without_prices_strikes_are_shown() -> None:
    lines = chain_lines(chain((62_000, NOTHING, None), forward_e8=None))

    assert "no forward yet" in lines[0]
    assert "62,000" in lines[2]


def test_other_dates_are_named() -> None:
    assert "other dates: 26MAR27" in chain_lines(chain((64_000, CALL, PUT)))[-1]


def test_nothing_listed_says_so() -> None:
    answer = chain() | {"expiry_ms": None, "dates": []}

    assert ["BTC at height 9: no options are listed"] == chain_lines(answer)
