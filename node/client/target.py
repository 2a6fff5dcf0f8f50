"""Which node a command talks to: --rpc, NOVATION_RPC, the data folder's network, port 7600.

Source: docs/specs/cli.md, CLI-030.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from node.client.failures import CONFIGURATION, USAGE, Failure

DEFAULT_PORT = 7600
NETWORK_FILE = "network.json"
DEVNET_FOLDER = Path(".novation/devnet")
DEV_FOLDER = Path(".novation/dev")


@dataclass(frozen=True)
class Target:
    """Where to ask, and what is known beforehand of the chain that must answer there."""

    url: str
    origin: str
    chain_id: bytes | None
    folder: Path | None


def find_target(rpc: str | None, environment: Mapping[str, str], folder: Path | None) -> Target:
    """Return the node to talk to.

    `rpc` may be a URL, `host:port`, a port, or the name of a node of the network whose
    folder is known.  The chain id is taken from the network file only when the node is
    one of that network: then an answer from another chain is noticed before signing.
    """
    home = folder or found_folder()
    network = read_network(home) if home else None
    nodes = {str(node["name"]): str(node["rpc"]) for node in (network or {}).get("nodes", ())}
    asked, origin = (rpc, "--rpc") if rpc else (environment.get("NOVATION_RPC"), "NOVATION_RPC")
    if asked:
        url = nodes.get(asked) or url_of(asked)
    elif nodes:
        url, origin = next(iter(nodes.values())), f"{home}/{NETWORK_FILE}"
    else:
        url, origin = f"http://127.0.0.1:{DEFAULT_PORT}", "default"
    chain_id = None
    if network is not None and url in nodes.values():
        chain_id = bytes.fromhex(str(network["chain_id"]).removeprefix("0x"))
    return Target(url, origin, chain_id, home)


def found_folder() -> Path | None:
    """Return the data folder below the working directory that holds a network, if one does."""
    for folder in (DEVNET_FOLDER, DEV_FOLDER):
        if (folder / NETWORK_FILE).is_file():
            return folder
    return None


def url_of(text: str) -> str:
    """Return the URL meant by a URL, `host:port` or a bare port.

    >>> url_of("7601"), url_of("node.example:80")
    ('http://127.0.0.1:7601', 'http://node.example:80')
    """
    if "://" in text:
        return text.rstrip("/")
    if text.isdigit():
        return f"http://127.0.0.1:{text}"
    if ":" in text:
        return f"http://{text}".rstrip("/")
    raise Failure(
        USAGE,
        f'--rpc "{text}" is neither a URL, a port nor the name of a node here',
        "names work with the network's folder: --data DIR",
    )


def read_network(folder: Path) -> dict[str, Any] | None:
    """Return the network file of a data folder, or None when there is none.

    Refuses: a file that is not what `novation devnet up` writes.
    """
    path = folder / NETWORK_FILE
    try:
        network = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as fault:
        raise Failure(CONFIGURATION, f"{path} cannot be read ({fault})") from fault
    if not isinstance(network, dict) or not {"chain_id", "nodes", "kind"} <= network.keys():
        raise Failure(
            CONFIGURATION,
            f"{path} is not a network file",
            "start over: novation devnet up --reset",
        )
    return network
