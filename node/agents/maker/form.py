"""What a maker is told, and where it stops."""

from collections.abc import Mapping
from dataclasses import dataclass

from node.agents.limits import ONE_PPM
from node.agents.settings import Settings, told

AROUND = ("index", "mark")
LEVELS_MAX_COUNT = 30
"""Both sides, cancelling and the dead man fit one signed list of 64 actions."""
DISTANCE_MAX_PPM = 200_000
STEP_MAX_PPM = 10_000

assert 2 * LEVELS_MAX_COUNT + 2 <= 64
assert DISTANCE_MAX_PPM + LEVELS_MAX_COUNT * STEP_MAX_PPM + DISTANCE_MAX_PPM < ONE_PPM


@dataclass(frozen=True)
class Ladder:
    """How one market is quoted; fractions are of the price quoted around."""

    around: str = told("index", "index or mark", choices=AROUND)
    levels_count: int = told(5, "orders a side", 1, LEVELS_MAX_COUNT)
    size: str = told("1", "of each order")
    half_spread_ppm: int = told(200, "from the middle to the first order", 1, DISTANCE_MAX_PPM)
    step_ppm: int = told(200, "from one order to the next", 0, STEP_MAX_PPM)
    tolerance_ppm: int = told(800, "orders stay while they are at most so far from their place")
    position_max: str = told("10", "no order is placed that could bring more, long or short")
    skew_ppm: int = told(
        400, "how far the middle moves against a full position", 0, DISTANCE_MAX_PPM
    )


@dataclass(frozen=True)
class MakerSettings(Settings):
    """What a maker is told."""

    account: str = told("maker", "for which account it trades: NAME, NAME/NUMBER or an address")
    deposit: str = told("500000", "moved from the wallet when the account is not open yet, in USD")
    loss_max: str = told("200000", "in USD since it started: beyond it, it withdraws its orders")
    dead_man_ms: int = told(15_000, "without a word of it for so long its orders end", 2_000)
    order_life_ms: int = told(60_000, "its orders end after so long of chain time", 5_000)
    markets: Mapping[str, Ladder] = told(
        {"BTC-PERP": Ladder(), "ETH-PERP": Ladder(size="20", position_max="200")},
        "what is quoted, and how",
    )
