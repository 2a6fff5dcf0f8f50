"""What a quoter is told, and where it stops."""

from collections.abc import Mapping
from dataclasses import dataclass

from node.agents.limits import ONE_PPM
from node.agents.settings import Settings, told

DATES_MAX_COUNT = 6
STRIKES_MAX_COUNT = 10
"""On each side: 21 strikes have 42 options, which one list of 64 actions cancels."""

assert 2 * (2 * STRIKES_MAX_COUNT + 1) <= 64


@dataclass(frozen=True)
class Chain:
    """How the options of one underlying are quoted; sizes are in units of it."""

    dates_count: int = told(2, "of the next dates", 1, DATES_MAX_COUNT)
    strikes_count: int = told(5, "each side of that nearest the forward", 0, STRIKES_MAX_COUNT)
    size: str = told("0.2", "of each order")
    volatility_ppm: int = told(
        10_000, "half spread: what an option gains by so much; 10,000 is 1 %", 0, ONE_PPM
    )
    hedge_ppm: int = told(
        1_000, "half spread, beside: so much of delta, what hedging it costs", 0, ONE_PPM
    )
    premium_max_ppm: int = told(250_000, "the half spread is at most so much of the mark")
    ticks_min: int = told(2, "and at least so many ticks", 1, 1_000_000)
    tolerance_ppm: int = told(
        700_000, "of the half spread: orders stay while they are so near their place", 0, ONE_PPM
    )
    skew_ppm: int = told(
        1_000_000, "of the half spread: how far the middle moves at a full position", 0, 2 * ONE_PPM
    )
    position_max: str = told("1", "of one option: no order that could bring more, long or short")
    total_max: str = told("10", "of all options together that are long, and all that are short")
    stop_ms: int = told(3_600_000, "a date that ends within so long is not quoted")


@dataclass(frozen=True)
class QuoterSettings(Settings):
    """What a quoter is told."""

    account: str = told("quoter", "for which account it trades: NAME, NAME/NUMBER or an address")
    every_ms: int = told(3_000, "how often it looks", 100)
    deposit: str = told("500000", "moved from the wallet when the account is not open yet, in USD")
    schedule: str = told("portfolio", "that its account is opened under, after the deposit")
    loss_max: str = told("200000", "in USD since it started: beyond it, it withdraws its orders")
    dead_man_ms: int = told(30_000, "without a word of it for so long its orders end", 5_000)
    order_life_ms: int = told(120_000, "its orders end after so long of chain time", 10_000)
    chains: Mapping[str, Chain] = told(
        {"BTC": Chain(), "ETH": Chain(size="4", position_max="20", total_max="200")},
        "underlyings whose options are quoted, and how",
    )
