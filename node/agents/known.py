"""The agents there are, by name: what each does, what it is told, and how it is made.

Source: docs/specs/agents.md, AGT-001.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from node.agents.arbitrageur.form import ArbitrageurSettings
from node.agents.arbitrageur.gap import Arbitrageur
from node.agents.keeper.form import KeeperSettings
from node.agents.keeper.keeping import Keeper
from node.agents.maker.form import MakerSettings
from node.agents.maker.quoting import Maker
from node.agents.quoter.form import QuoterSettings
from node.agents.quoter.quoting import Quoter
from node.agents.seen import Agent
from node.agents.settings import Settings
from node.client.failures import NOT_FOUND, Failure


@dataclass(frozen=True)
class Known:
    """One kind of agent."""

    name: str
    sentence: str
    form: type[Settings]
    make: Callable[[Any, str], Agent]
    """Takes the settings, and the account as `nov1.../N`."""

    @property
    def module(self) -> str:
        """The module that runs it: `python -m node.agents.maker --data DIR`."""
        return f"node.agents.{self.name}"

    @property
    def file_name(self) -> str:
        """The file that its folder keeps its settings in."""
        return f"{self.name}.toml"

    def markets(self, settings: Any) -> Sequence[str]:
        """Return the instruments that it looks at, beside what it asks for by itself."""
        return tuple(getattr(settings, "markets", ()))


AGENTS = {
    known.name: known
    for known in (
        Known(
            "maker",
            "Quote a ladder of orders on both sides of each market, around its index or mark.",
            MakerSettings,
            Maker,
        ),
        Known(
            "arbitrageur",
            "Take from each book what stands so far from the index that it pays for the fee.",
            ArbitrageurSettings,
            Arbitrageur,
        ),
        Known(
            "keeper",
            "Take slices of accounts that are closed, and collateral of those that owe, for gain.",
            KeeperSettings,
            Keeper,
        ),
        Known(
            "quoter",
            "Bid and ask for the options nearest to the forward, as wide as volatility is sure.",
            QuoterSettings,
            Quoter,
        ),
    )
}


def agent_named(name: str) -> Known:
    """Return the agent of this name. Refuses: NOT_FOUND, with the names there are."""
    if name not in AGENTS:
        raise Failure(NOT_FOUND, f"no agent {name}", f"there are: {', '.join(AGENTS)}")
    return AGENTS[name]
