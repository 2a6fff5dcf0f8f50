"""Ask every node of a network where it stands, and say it in one line.

Source: docs/specs/cli.md, CLI-046.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from node.client.amounts import decimal_of
from node.client.failures import Failure
from node.client.transport import Client
from node.devnet.layout import Network, Place
from node.devnet.processes import running_pid

ASK_TIMEOUT_MS = 2_000


@dataclass(frozen=True)
class Standing:
    """One node, as seen from outside: its process, and what it answered."""

    name: str
    pid: int | None
    status: dict[str, Any] | None
    """What `chain_getStatus` said, or None when nothing answered."""
    why: str
    """Why nothing answered; empty when something did."""

    @property
    def height(self) -> int | None:
        """The height of its final block."""
        return int(self.status["height"]) if self.status else None

    def shape(self) -> dict[str, Any]:
        """Return it as JSON prints it."""
        status = self.status or {}
        return {
            "name": self.name,
            "pid": self.pid,
            "state": self.state,
            "height": status.get("height"),
            "epoch": status.get("epoch"),
            "view": status.get("view"),
            "block_id": status.get("block_id"),
            "why": self.why or None,
        }

    @property
    def state(self) -> str:
        """`up`, `syncing`, `silent` (a process that does not answer) or `down`."""
        if self.status is not None:
            return "syncing" if self.status.get("syncing") else "up"
        return "silent" if self.pid is not None else "down"


class Watch:
    """Kept connections to the nodes of one network."""

    def __init__(self, network: Network, timeout_ms: int = ASK_TIMEOUT_MS) -> None:
        self.network = network
        self._clients = {place.name: Client(place.rpc, timeout_ms) for place in network.nodes}

    def client(self, place: Place) -> Client:
        """Return the connection to one node."""
        return self._clients[place.name]

    def standings(self) -> list[Standing]:
        """Return where every node stands, in the order of the network."""
        return [self._standing(place) for place in self.network.nodes]

    def answers(self, place: Place) -> bool:
        """Return whether a node answers now."""
        return self._standing(place).status is not None

    def _standing(self, place: Place) -> Standing:
        pid = running_pid(self.network.folder_of(place))
        try:
            return Standing(place.name, pid, self.client(place).call("chain_getStatus"), "")
        except Failure as failure:
            return Standing(place.name, pid, None, failure.message)

    def prices(self) -> str:
        """Return the prices that the first node to answer goes by, empty when none is known."""
        for client in self._clients.values():
            try:
                return prices_line(client.call("oracle_getFeeds")["items"])
            except Failure:
                continue
        return ""

    def close(self) -> None:
        """Give the connections back."""
        for client in self._clients.values():
            client.close()


def best_of(standings: Iterable[Standing]) -> Standing | None:
    """Return the node that is farthest, or None when none answers."""
    answering = [standing for standing in standings if standing.height is not None]
    return max(answering, key=lambda standing: standing.height or 0, default=None)


def line_of(standings: list[Standing], now_ms: int) -> str:
    """Return the network in one line: how far, how many, how long ago.

    >>> status = {"height": "3", "view": "3", "time_ms": 1000, "epoch": "0"}
    >>> line_of([Standing("auth0", 1, status, ""), Standing("auth1", None, None, "gone")], 2000)
    'DEGRADED  block 3 · 1/2 authorities · view 3 · 1.0 s ago · down: auth1'
    """
    best = best_of(standings)
    if best is None or best.status is None:
        return f"DOWN  0/{len(standings)} authorities answer"
    up = [standing for standing in standings if standing.status is not None]
    away = [standing.name for standing in standings if standing.status is None]
    age_ms = max(0, now_ms - int(best.status["time_ms"]))
    parts = [
        f"block {best.height}",
        f"{len(up)}/{len(standings)} authorities",
        f"view {best.status['view']}",
        f"{seconds(age_ms)} ago",
        *([f"down: {', '.join(away)}"] if away else []),
    ]
    return ("DEGRADED  " if away else "") + " · ".join(parts)


def prices_line(feeds: Sequence[Mapping[str, Any]]) -> str:
    """Return the prices of feeds in one line, to the cent; what is not normal is said.

    >>> prices_line([{"feed": "BTC", "price_e8": "6306726400000", "state": "stale"}])
    'BTC 63,067.26 stale'
    """
    return " · ".join(
        f"{feed['feed']} {decimal_of(int(feed['price_e8']) // 10**6, 2, group=True, least=2)}"
        + ("" if feed["state"] == "normal" else f" {feed['state']}")
        for feed in feeds
        if feed["price_e8"] is not None
    )


def took(duration_ms: int) -> str:
    """Return how long something took, for people: in milliseconds below one second.

    >>> took(42), took(1049)
    ('42 ms', '1.0 s')
    """
    return f"{duration_ms} ms" if duration_ms < 1000 else seconds(duration_ms)


def seconds(duration_ms: int) -> str:
    """Return a duration in seconds and tenths, for people. Rounds: down.

    >>> seconds(1049), seconds(61_000)
    ('1.0 s', '61.0 s')
    """
    tenths = duration_ms // 100
    return f"{tenths // 10}.{tenths % 10} s"
