"""What a quoter sees in its tests: one date of bitcoin as a node shows it."""

from typing import Any

from tests.node.agents.sights import TIME_MS

DAY_MS = 86_400_000
ENDS_MS = TIME_MS + 4 * DAY_MS
LATER_MS = TIME_MS + 11 * DAY_MS
FORWARD = "BTC-4DEC26"
STRIKES_USD = (62_000, 63_000, 64_000, 65_000, 66_000)
HEIGHT = 9
TICK = 500
"""Half a dollar a bitcoin on a thousandth of one, in quantums."""


def option(strike_usd: int, letter: str, **changed: Any) -> dict[str, Any]:
    """Return an option of 1,500 USD a bitcoin that gains 27 USD of it for 1 % of volatility."""
    return {
        "instrument": f"{FORWARD}-{strike_usd}-{letter}",
        "state": "open",
        "bid_price_ticks": None,
        "mark_price_ticks": "3000",
        "ask_price_ticks": None,
        "delta_ppm": 500_000 if letter == "C" else -500_000,
        "vega_quantums": "2700000",
        **changed,
    }


def chain(**changed: Any) -> dict[str, Any]:
    """Return what a node says of the date, its forward at 64,010."""
    return {
        "underlying": "BTC",
        "expiry_ms": ENDS_MS,
        "tick_size": "0.5",
        "lot_size": "0.001",
        "dates": [
            {"expiry_ms": LATER_MS, "forward": "BTC-11DEC26", "forward_e8": "6410000000000"},
            {"expiry_ms": ENDS_MS, "forward": FORWARD, "forward_e8": "6401000000000"},
        ],
        "strikes": [
            {
                "strike_e8": str(strike_usd * 10**8),
                "call": option(strike_usd, "C"),
                "put": option(strike_usd, "P"),
            }
            for strike_usd in STRIKES_USD
        ],
        "height": str(HEIGHT),
        **changed,
    }


def standing(*, may_open: bool = True, height: int = HEIGHT) -> dict[str, Any]:
    return {"height": str(height), "value": {"may_open": may_open}}
