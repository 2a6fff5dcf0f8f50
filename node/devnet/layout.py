"""Names, ports and folders of a network on one machine, and the file that remembers them.

    DIR/network.json      who takes part, where, and with which choices it was made
    DIR/keys/NAME.json    development keys
    DIR/auth0/ ...        one folder a node (node.folder)
    DIR/agents/maker/ ... one folder an agent that trades (node.devnet.agents)

Authority i: JSON-RPC on port + i, py-libp2p on port + 100 + i.

Source: docs/specs/cli.md, CLI-040 to CLI-042.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from node.client.failures import CONFIGURATION, FLAGS_CHANGED, NOT_FOUND, USAGE, Failure
from node.client.target import NETWORK_FILE, read_network
from node.folder import write_atomically

P2P_PORT_OFFSET = 100
AUTHORITIES_MAX_COUNT = 100
KEYS_FOLDER = "keys"
AGENTS_FOLDER = "agents"
SCHEMA = 1


@dataclass(frozen=True)
class Choices:
    """How a network was made; a later `up` may not choose otherwise."""

    kind: str
    node_count: int
    port: int
    block_time_ms: int
    genesis: str | None
    manual: bool = False


FLAG_NAMES = {
    "node_count": "-n",
    "port": "--port",
    "block_time_ms": "--block-time-ms",
    "genesis": "--genesis",
    "manual": "--manual",
}


@dataclass(frozen=True)
class Place:
    """One node of the network: its name, folder, ports and peer id."""

    name: str
    folder: str
    rpc: str
    p2p: str
    peer_id: str


@dataclass(frozen=True)
class Network:
    """What `network.json` says."""

    home: Path
    chain_name: str
    chain_id: bytes
    choices: Choices
    nodes: tuple[Place, ...]
    accounts: tuple[tuple[str, str], ...]
    """Name and address of each development account."""

    def folder_of(self, place: Place) -> Path:
        """Return where a node's files are."""
        return self.home / place.folder

    def place(self, name: str) -> Place:
        """Return the node of this name.

        Refuses: a name that is not of this network.
        """
        for place in self.nodes:
            if place.name == name:
                return place
        known = ", ".join(place.name for place in self.nodes)
        raise Failure(NOT_FOUND, f'no node "{name}" in {self.home}', f"its nodes: {known}")


def rpc_port(port: int, index: int) -> int:
    """Return where authority `index` answers JSON-RPC."""
    return port + index


def p2p_port(port: int, index: int) -> int:
    """Return where authority `index` meets its peers."""
    return port + P2P_PORT_OFFSET + index


def ports_of(choices: Choices) -> list[int]:
    """Return every port that a network needs.

    Refuses: more nodes than ports between the two ranges, or ports beyond the last.
    """
    if not 1 <= choices.node_count <= AUTHORITIES_MAX_COUNT:
        raise Failure(USAGE, f"-n {choices.node_count}: a devnet has 1 to 100 authorities")
    last = p2p_port(choices.port, choices.node_count - 1)
    if choices.port < 1 or last > 65_535:
        raise Failure(USAGE, f"--port {choices.port} would need ports up to {last}")
    indices = range(choices.node_count)
    return [rpc_port(choices.port, i) for i in indices] + [
        p2p_port(choices.port, i) for i in indices
    ]


def write_network(network: Network) -> None:
    """Put `network.json` in its place, whole or not at all."""
    document = {
        "schema": SCHEMA,
        "kind": network.choices.kind,
        "chain_name": network.chain_name,
        "chain_id": f"0x{network.chain_id.hex()}",
        "choices": asdict(network.choices),
        "nodes": [asdict(place) for place in network.nodes],
        "accounts": [{"name": name, "address": address} for name, address in network.accounts],
    }
    text = json.dumps(document, indent=2) + "\n"
    write_atomically(network.home / NETWORK_FILE, text.encode(), mode=0o644)


def find_network(home: Path) -> Network | None:
    """Return the network of a data folder, or None when none was made there."""
    document = read_network(home)
    return None if document is None else _network_from(home, document)


def load_network(home: Path) -> Network:
    """Return the network of a data folder.

    Refuses: a folder without one.
    """
    network = find_network(home)
    if network is None:
        raise Failure(
            NOT_FOUND,
            f"no network in {home}",
            "make one: novation devnet up      another folder: --data DIR",
        )
    return network


def _network_from(home: Path, document: dict[str, Any]) -> Network:
    try:
        return Network(
            home=home,
            chain_name=str(document["chain_name"]),
            chain_id=bytes.fromhex(document["chain_id"].removeprefix("0x")),
            choices=Choices(**document["choices"]),
            nodes=tuple(Place(**place) for place in document["nodes"]),
            accounts=tuple((item["name"], item["address"]) for item in document["accounts"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise Failure(
            CONFIGURATION,
            f"{home / NETWORK_FILE} is not what this version writes ({fault})",
            "start over: novation devnet up --reset",
        ) from fault


def require_same_choices(network: Network, asked: dict[str, Any]) -> None:
    """Refuse flags that differ from those the network was made with; None is not given.

    Refuses: FLAGS_CHANGED, with every difference and the two ways on.
    """
    made = asdict(network.choices)
    changed = {
        name: value for name, value in asked.items() if value is not None and made[name] != value
    }
    if not changed:
        return
    was = ", ".join(f"{FLAG_NAMES[name]} {made[name]}" for name in changed)
    wanted = " ".join(f"{FLAG_NAMES[name]} {value}" for name, value in changed.items())
    up = "novation dev up" if network.choices.kind == "dev" else "novation devnet up"
    raise Failure(
        FLAGS_CHANGED,
        f"{network.home} was created with {was} (chain 0x{network.chain_id.hex()[:8]}…);"
        " flags cannot change it",
        f"go on as it was: {up}      start over: {up} --reset {wanted}",
        details={"data": str(network.home), **changed},
    )
