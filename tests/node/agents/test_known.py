"""AGT-001: the agents there are, and the one that is meant."""

import pytest

from node.agents.known import AGENTS, agent_named
from node.client.failures import Failure


@pytest.mark.parametrize("name", list(AGENTS))
def test_every_agent_is_made_of_its_defaults(name: str) -> None:
    known = agent_named(name)
    settings = known.form()

    assert settings.account == name
    linear = ("BTC-PERP", "ETH-PERP")
    markets = {"quoter": (), "keeper": (*linear, "sGOLD")}.get(name, linear)
    assert markets == tuple(known.markets(settings))
    assert "waiting for its account" == known.make(settings, "nov1m/0").standing
    assert (f"node.agents.{name}", f"{name}.toml") == (known.module, known.file_name)


def test_an_unknown_agent_is_refused_with_those_there_are() -> None:
    with pytest.raises(Failure) as refused:
        agent_named("makr")

    assert 9 == refused.value.exit_code
    assert "maker" in refused.value.advice[0]
