"""A chain that lists options by rule, in a line: few dates, and prices that follow their spots."""

from typing import Any

from chain.kit import BlockContext
from chain.machine.application import Application
from chain.machine.genesis import genesis_state, load_genesis
from chain.machine.genesis_development import genesis_json
from chain.state.overlay import Overlay
from derivatives.instruments.state import CHAINS, INSTRUMENTS, Chain
from derivatives.oracle.state import FEEDS
from derivatives.registry import REGISTRY
from node.reports.forward import carried_e8, spot_and_expiry
from tests import given
from tests.given_market import UNIT_E8

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
BEGIN_MS = 1_767_225_600_000
"""Midnight of 1 January 2026, a Thursday, when the chain begins."""

DAILY = {"period": 1, "dates_count": 1, "step_ppm": 10_000, "strikes_count": 2}
WEEKLY = {"period": 2, "dates_count": 1, "step_ppm": 20_000, "strikes_count": 2}


class Listing(given.World):
    """A world with one rule, for ether, and everybody saying what spots and dates are worth."""

    spots_usd: dict[str, int]

    def say(self, **spots_usd: int) -> None:
        """Let spots be worth this from now on, and dates what is carried there."""
        self.spots_usd = getattr(self, "spots_usd", {}) | spots_usd
        self.prices_e8 = {name: usd * UNIT_E8 for name, usd in self.spots_usd.items()}
        for key, _ in self.tables.scan(FEEDS):
            dated = spot_and_expiry(str(key))
            if dated is not None and dated[0] in self.spots_usd:
                left_ms = dated[1] - self.head.header.time_ms
                self.prices_e8[str(key)] = carried_e8(self.prices_e8[dated[0]], left_ms)

    def pass_blocks(self, count: int = 1, after_ms: int = given.BLOCK_MS) -> None:
        """Close so many blocks, in each of which everybody speaks of every feed there is."""
        for _ in range(count):
            self.say()
            self.close_block(after_ms)

    def context(self, after_ms: int = given.BLOCK_MS) -> BlockContext:
        """Return the world of a hook in the next block, which is never made."""
        parent = self.head.header
        return BlockContext(
            state=Overlay(self.tables),
            chain_id=self.chain_id,
            epoch=0,
            height=self.height,
            view=self.height,
            parent_id=bytes(32),
            proposer=0,
            time_ms=parent.time_ms + after_ms,
            parent_time_ms=parent.time_ms,
            oracle=b"",
            evidence=(),
        )

    def chains(self) -> dict[str, Chain]:
        """Return what is listed by rule, by the name of its date."""
        return {chain.forward: chain for _, chain in self.tables.scan(CHAINS)}

    def listed(self, begins: str = "ETH-") -> list[str]:
        """Return the instruments whose names begin so, perpetuals left out."""
        names = [str(key) for key, _ in self.tables.scan(INSTRUMENTS)]
        return [name for name in names if name.startswith(begins) and "PERP" not in name]


def listing(*cycles: dict[str, int], **changes: Any) -> Listing:
    """Return a chain at genesis that lists ether by these cycles, with rule terms changed."""
    document = given.genesis_object(lists=True)
    rules = [row for row in document["tables"]["listing_rules"] if row["feed"] == "ETH"]
    document["tables"]["listing_rules"] = [
        rule | {"cycles": list(cycles) or [DAILY]} | changes for rule in rules
    ]
    application = Application(REGISTRY)
    genesis = load_genesis(application, genesis_json(document))
    tables, block = genesis_state(application, genesis)
    world = Listing(application, genesis, tables, block)
    world.volatilities_ppm = {"ETH": 700_000}
    world.say(ETH=3_200)
    return world
