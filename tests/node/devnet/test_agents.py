"""FEEDER-050 to FEEDER-052, AGT-090 to AGT-093: who runs around the nodes, none twice."""

from pathlib import Path

import pytest

from node.agents.known import AGENTS
from node.agents.maker.form import MakerSettings
from node.agents.settings import read_settings
from node.devnet import agents, processes
from node.devnet.layout import Network
from node.devnet.writing import choices_of, make_network

NOW_MS = 1_790_000_000_000
TRADERS = list(AGENTS)


@pytest.fixture
def network(tmp_path: Path) -> Network:
    """A network of two whose nodes nobody starts: its agents wait for them."""
    choices = choices_of("devnet", {"port": 18_520, "node_count": 2})
    return make_network(tmp_path / "net", choices, NOW_MS)


def test_each_node_has_a_feeder_and_the_network_its_traders(network: Network) -> None:
    (network.home / "auth0/feeder.toml").unlink()

    names = [program.name for program in agents.programs_of(network)]

    assert ["auth1-feeder", *TRADERS] == names
    assert ["auth1-feeder"] == [
        program.name for program in agents.programs_of(network, network.nodes)
    ]


def test_a_program_is_found_by_its_name(network: Network) -> None:
    maker = agents.program_named(network, "maker")

    assert maker is not None
    assert network.home / "agents/maker/maker.log" == maker.log
    assert None is agents.program_named(network, "auth0")
    assert None is agents.program_named(network, None)


def test_traders_trade_what_the_genesis_lists(network: Network) -> None:
    maker, keeper = (agents.AGENTS[name] for name in ("maker", "keeper"))
    listed = {"BTC-26MAR27": "BTC", "ETH-PERP": "ETH", "GOLD-PERP": "GOLD"}

    found = agents.markets_of(maker, listed)["markets"]

    assert ["BTC-26MAR27", "ETH-PERP"] == list(found)
    assert found["BTC-26MAR27"] == MakerSettings().markets["BTC-PERP"]
    assert {"markets": ("BTC-26MAR27", "ETH-PERP")} == agents.markets_of(keeper, listed)
    assert {"markets": ("ETH-PERP", "sGOLD")} == agents.markets_of(
        keeper, {"ETH-PERP": "ETH", "sGOLD": "GOLD"}
    )
    assert {} == agents.markets_of(maker, {"sGOLD": "GOLD"})
    assert {} == agents.markets_of(agents.AGENTS["quoter"], listed)
    assert {} == agents.markets_of(maker, {"GOLD-PERP": "GOLD"})


@pytest.mark.parametrize("name", TRADERS)
def test_traders_are_told_of_every_node_and_of_a_key_that_is_theirs(
    network: Network, name: str
) -> None:
    program = agents.program_named(network, name)
    assert program is not None

    settings = read_settings(AGENTS[name].form, program.told, {}, {})

    assert {place.rpc for place in network.nodes} == set(settings.nodes)
    assert (program.folder / settings.keys / f"{settings.account}.json").is_file()


def test_a_program_is_started_once_and_ends_when_asked(network: Network) -> None:
    programs = [
        agents.feeder_of("auth0", network.home / "auth0"),
        *[one for one in agents.programs_of(network) if one.name == "maker"],
    ]

    started = agents.start(programs)
    again = agents.start(programs)
    alive = [processes.is_alive(pid) for pid in started]
    killed = agents.stop(programs)

    assert (2, [], [True, True], []) == (len(started), again, alive, killed)
    assert not any(processes.is_alive(pid) for pid in started)
    assert None is processes.running_pid(network.home / "auth0")


def test_a_program_is_killed_at_once_and_may_be_started_again(network: Network) -> None:
    feeder = agents.feeder_of("auth0", network.home / "auth0")
    (pid,) = agents.start([feeder])

    killed = agents.kill(feeder)
    again = agents.kill(feeder)
    restarted = agents.start([feeder])
    agents.stop([feeder])

    assert (pid, None, 1) == (killed, again, len(restarted))
