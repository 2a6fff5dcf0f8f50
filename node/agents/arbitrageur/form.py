"""What an arbitrageur is told, and where it stops."""

from collections.abc import Mapping
from dataclasses import dataclass

from node.agents.settings import Settings, told

GAP_MAX_PPM = 400_000


@dataclass(frozen=True)
class Gap:
    """When it trades one market; fractions are of the index."""

    edge_ppm: int = told(50, "wanted beyond the taker's fee", 0, GAP_MAX_PPM)
    lean_ppm: int = told(
        400,
        "at a full position: so much more to add to it, so much less to reduce it",
        0,
        GAP_MAX_PPM,
    )
    size_max: str = told("0.1", "of one order")
    position_max: str = told("1", "long or short")


@dataclass(frozen=True)
class ArbitrageurSettings(Settings):
    """What an arbitrageur is told."""

    account: str = told(
        "arbitrageur", "for which account it trades: NAME, NAME/NUMBER or an address"
    )
    deposit: str = told("500000", "moved from the wallet when the account is not open yet, in USD")
    loss_max: str = told("200000", "in USD since it started: beyond it, it trades no more")
    markets: Mapping[str, Gap] = told(
        {"BTC-PERP": Gap(), "ETH-PERP": Gap(size_max="2", position_max="20")},
        "what is traded, and when",
    )
