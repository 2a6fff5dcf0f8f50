"""Bundles and legs in a line: `bundling("alice", (BUY, 5, BTC_PERP, TICKS), ...)`."""

from typing import Any

from derivatives.orders.bundles.transactions import Bundle, BundleLeg
from derivatives.orders.state import SIDE_BUY, SIDE_SELL
from tests.given_market import account_of

SIDE_OF = {"buy": SIDE_BUY, "sell": SIDE_SELL}

Said = tuple[int, int, str, int]
"""A leg as tests say it: side, lots, instrument, limit in ticks (0: market)."""


def bundling(
    name: str, *legs: Said, net_quantums: int | None = None, reduce: str = "", **how: Any
) -> Bundle:
    """Return a bundle of a name's account; the leg in `reduce` is reduce-only."""
    fields: dict[str, Any] = {
        "account_holder": account_of(name),
        "legs": tuple(
            BundleLeg(instrument, side, lots, ticks, instrument == reduce)
            for side, lots, instrument, ticks in legs
        ),
        "net_limited": net_quantums is not None,
        "net_limit_quantums": net_quantums or 0,
        "self_trade": 0,
    }
    return Bundle(**(fields | how))


def bundle_said(account: str, words: list[str]) -> Bundle:
    """Return the bundle that a story says: `buy:5:BTC-PERP:128_000 sell:... net=1_000`."""
    nets = [int(word.removeprefix("net=")) for word in words if word.startswith("net=")]
    legs = tuple(
        BundleLeg(*leg_said(word), word.endswith(":reduce")) for word in words if ":" in word
    )
    return Bundle(account, legs, bool(nets), sum(nets), 0)


def leg_said(word: str) -> tuple[str, int, int, int]:
    """Return instrument, side, lots and ticks of `buy:5:BTC-PERP:128_000`; market is 0."""
    side, lots, instrument, ticks, *_ = word.split(":")
    return instrument, SIDE_OF[side], int(lots), 0 if ticks == "market" else int(ticks)
