"""Bring a network up and down: ports first, then processes, then a final block everywhere.

Source: docs/specs/cli.md, CLI-043 to CLI-048.
"""

import contextlib
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from node.client.failures import CHILD_ENDED, NOT_READY, PORT_TAKEN, USAGE, Failure
from node.client.target import NETWORK_FILE
from node.clock import Clock
from node.devnet import agents, processes
from node.devnet.layout import AGENTS_FOLDER, KEYS_FOLDER, Network, Place, p2p_port, rpc_port
from node.devnet.ports import holder_of, is_free
from node.devnet.standing import Standing, Watch

START_LIMIT_MS = 60_000
MARKET_LIMIT_MS = 15_000
QUOTED_KINDS = ("perpetual", "future")
"""What the agents of a network quote."""
"""A market opens by an auction of two seconds, and then its maker has to come."""

Say = Callable[[str], None]


def require_free(ports: Sequence[int]) -> None:
    """Refuse when a port that is needed is taken, and name who holds it if the system says.

    Refuses: PORT_TAKEN.
    """
    for port in ports:
        if is_free(port):
            continue
        holder = holder_of(port)
        who = f"pid {holder.pid} ({holder.name})" if holder else "another program"
        raise Failure(
            PORT_TAKEN,
            f"port {port} is taken by {who}",
            "nothing was started; use --port 7800, or stop that program",
            details={"port": port, **({"pid": holder.pid} if holder else {})},
        )


def ports_of(network: Network, place: Place) -> list[int]:
    """Return the two ports of one node."""
    index = network.nodes.index(place)
    port = network.choices.port
    return [rpc_port(port, index), p2p_port(port, index)]


def missing_of(network: Network) -> list[Place]:
    """Return the nodes of a network that do not run."""
    return [
        place for place in network.nodes if processes.running_pid(network.folder_of(place)) is None
    ]


def start(network: Network, places: Sequence[Place]) -> None:
    """Start these nodes.

    Refuses: before anything is started, when a port is taken.
    """
    require_free([port for place in places for port in ports_of(network, place)])
    for place in places:
        processes.start(network.folder_of(place))


def wait_for_blocks(
    network: Network, watch: Watch, limit_ms: int, clock: Clock, *, must_grow: bool = True
) -> list[Standing]:
    """Return where every node stands once each has a block that is final and new.

    New: above the height at which the first of them answered, so that blocks of an
    earlier run prove nothing.  A chain that makes blocks on demand need only answer.

    Refuses: CHILD_ENDED with its last words; NOT_READY when the limit has passed.
    """
    deadline_ms = clock.monotonic_ms() + limit_ms
    floor: int | None = None
    while True:
        standings = watch.standings()
        for place, standing in zip(network.nodes, standings, strict=True):
            if standing.pid is None:
                raise child_ended(network, place)
        heights = [standing.height for standing in standings]
        known = [height for height in heights if height is not None]
        if known and floor is None:
            floor = max(known) if must_grow else -1
        if floor is not None and all(h is not None and h > floor for h in heights):
            return standings
        if clock.monotonic_ms() >= deadline_ms:
            raise _not_in_time(network, standings, limit_ms)
        processes.pause(processes.POLL_S)


def wait_for_market(network: Network, watch: Watch, limit_ms: int) -> bool:
    """Return whether some market is quoted on both sides within the limit."""
    client = watch.client(network.nodes[0])

    def is_quoted() -> bool:
        with contextlib.suppress(Failure):
            names = [
                row["instrument"] for row in client.call("market_list", kinds=QUOTED_KINDS)["items"]
            ]
            books = (
                client.call("market_getBook", instrument=name, depth_count=1) for name in names
            )
            return any(book["bids"] and book["asks"] for book in books)
        return False

    return processes.wait_until(is_quoted, limit_ms)


def child_ended(network: Network, place: Place) -> Failure:
    """Return the failure for a node whose process has ended, with its last words."""
    lines = processes.last_lines(network.folder_of(place))
    return Failure(
        CHILD_ENDED,
        f"{place.name} ended by itself",
        *(lines or ["it left no line behind"]),
        f"its log: {network.folder_of(place)}/node.log",
        details={"node": place.name, "log": lines},
    )


def _not_in_time(network: Network, standings: Sequence[Standing], limit_ms: int) -> Failure:
    waiting = [
        f"{standing.name}: {standing.why or f'height {standing.height}'}" for standing in standings
    ]
    return Failure(
        NOT_READY,
        f"no new final block on all nodes within {limit_ms // 1000} s",
        *waiting,
        f"why: novation node status --why      logs: {network.home}/NAME/node.log",
        details={"nodes": [standing.shape() for standing in standings]},
    )


def stop_all(network: Network, say: Say) -> None:
    """End every node of the network, politely first."""
    folders = [network.folder_of(place) for place in network.nodes]
    killed = agents.stop(agents.programs_of(network)) + processes.stop(folders)
    if killed:
        say(f"{len(killed)} processes did not end by themselves and were killed")


def forget(network: Network) -> None:
    """Remove what `up` made: the folders of nodes and agents, development keys, the network file.

    Only these, by name: whatever else lies in the folder stays.
    """
    for place in network.nodes:
        shutil.rmtree(network.folder_of(place), ignore_errors=True)
    for name in (KEYS_FOLDER, AGENTS_FOLDER):
        shutil.rmtree(network.home / name, ignore_errors=True)
    (network.home / NETWORK_FILE).unlink(missing_ok=True)
    if network.home.is_dir() and not any(network.home.iterdir()):
        network.home.rmdir()


def require_empty(home: Path) -> None:
    """Refuse to make a network in a folder that holds something else.

    Refuses: USAGE.
    """
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise Failure(
            USAGE,
            f"{home} is not empty and holds no network",
            "nothing was changed; name another folder: --data DIR",
        )


def isolate(network: Network, watch: Watch, apart: Sequence[str]) -> list[str]:
    """Cut the named nodes from the rest, on both sides, and return the names of the rest.

    With no names, everything is healed.

    Refuses: unknown names, or nobody on the other side.
    """
    for name in apart:
        network.place(name)
    rest = [place.name for place in network.nodes if place.name not in apart]
    if apart and not rest:
        raise Failure(USAGE, "every node is named; somebody must be on the other side")
    for place in network.nodes:
        others = [] if not apart else rest if place.name in apart else list(apart)
        watch.client(place).call("dev_isolate", names=others)
    return rest
