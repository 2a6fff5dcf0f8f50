"""Follow a topic of a node over WebSocket: one socket, blocking, with every ping answered.

Source: docs/specs/cli.md, CLI-060.
"""

import contextlib
import json
import socket
import urllib.parse
from collections.abc import Iterator
from typing import Any

from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    CloseConnection,
    Ping,
    RejectConnection,
    Request,
    TextMessage,
)
from wsproto.utilities import ProtocolError

from node.client.failures import ANSWER_STRANGE, UNANSWERED, UNREACHABLE, Failure, failure_from_node

CONNECT_TIMEOUT_S = 5.0
SILENCE_S = 40.0
"""Four heartbeats of a node: after that it is gone."""
RECEIVE_BYTES = 65_536


class Closed(Exception):
    """The node ended the connection; `code` says why, and following may begin anew."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Follower:
    """A connection that is told of one topic."""

    def __init__(self, url: str) -> None:
        parts = urllib.parse.urlsplit(url)
        host, port = parts.hostname or "", parts.port or 80
        self._url = url
        try:
            self._socket = socket.create_connection((host, port), timeout=CONNECT_TIMEOUT_S)
        except OSError as gone:
            raise Failure(
                UNREACHABLE,
                f"no node at {url} ({gone.strerror or gone})",
                "start one: novation devnet up      another node: --rpc URL",
            ) from gone
        self._socket.settimeout(SILENCE_S)
        self._protocol = WSConnection(ConnectionType.CLIENT)
        self._partial = ""
        self._send(Request(host=f"{host}:{port}", target="/ws"))
        self._opened = False

    def follow(self, topic: str, from_seq: int | None) -> Iterator[dict[str, Any]]:
        """Yield what is told of a topic, from a sequence number on if one is given.

        Refuses: Closed when the node ends it; Failure when it refuses or falls silent.
        """
        asked: dict[str, Any] = {"topic": topic}
        if from_seq is not None:
            asked["from_seq"] = from_seq
        request = {"jsonrpc": "2.0", "id": 1, "method": "subscribe", "params": asked}
        for event in self._events():
            if isinstance(event, AcceptConnection):
                self._send(TextMessage(data=json.dumps(request)))
                continue
            answer = json.loads(event)
            if answer.get("error"):
                raise failure_from_node(answer["error"])
            if answer.get("method") == "subscription":
                yield answer["params"]

    def close(self) -> None:
        """Say goodbye and give the socket back."""
        with contextlib.suppress(OSError, ProtocolError):
            self._send(CloseConnection(code=1000))
        self._socket.close()

    def _send(self, event: Any) -> None:
        self._socket.sendall(self._protocol.send(event))

    def _events(self) -> Iterator[Any]:
        """Yield the acceptance, then each whole text message."""
        while True:
            try:
                data = self._socket.recv(RECEIVE_BYTES)
                self._protocol.receive_data(data or None)
            except (OSError, ProtocolError) as gone:
                raise Failure(
                    UNANSWERED, f"the node at {self._url} fell silent ({gone})", "follow again"
                ) from gone
            for event in self._protocol.events():
                if isinstance(event, AcceptConnection):
                    yield event
                elif isinstance(event, TextMessage):
                    self._partial += event.data
                    if event.message_finished:
                        whole, self._partial = self._partial, ""
                        yield whole
                elif isinstance(event, Ping):
                    self._send(event.response())
                elif isinstance(event, CloseConnection):
                    raise Closed(int(event.code), event.reason or "the node closed")
                elif isinstance(event, RejectConnection):
                    raise Failure(
                        ANSWER_STRANGE, f"{self._url} serves no WebSocket ({event.status_code})"
                    )
            if not data:
                raise Closed(1006, "the connection ended")
