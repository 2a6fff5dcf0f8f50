"""What a keeper is told, and where it stops."""

from dataclasses import dataclass

from node.agents.limits import ONE_PPM
from node.agents.settings import Settings, told

COST_MAX_PPM = 200_000

assert COST_MAX_PPM < ONE_PPM


@dataclass(frozen=True)
class KeeperSettings(Settings):
    """What a keeper is told."""

    account: str = told("keeper", "for which account it trades: NAME, NAME/NUMBER or an address")
    deposit: str = told("500000", "moved from the wallet when the account is not open yet, in USD")
    compartment: str = told("main", "whose accounts are watched")
    markets: tuple[str, ...] = told(
        ("BTC-PERP", "ETH-PERP", "sGOLD"),
        "what it takes over, and closes again; of a synthetic: until somebody redeems it",
    )
    profit_min: str = told("1", "in USD: what a transaction must gain beyond its cost")
    cost_ppm: int = told(
        700, "of the value taken over: what closing it is thought to cost", 0, COST_MAX_PPM
    )
    unload_ppm: int = told(
        1_500, "how far from the index it still closes what it took over", 0, COST_MAX_PPM
    )
    value_max: str = told(
        "1000000", "in USD: it takes nothing that would bring its positions above"
    )
    collateral_max: str = told("200000", "in USD: the same for collateral that it buys")
    loss_max: str = told("200000", "in USD since it started: beyond it, it only closes")
