"""JSON-RPC over one kept HTTP connection, with the difference between not sent and not known.

Source: docs/specs/cli.md, CLI-020 to CLI-022.
"""

import http.client
import json
import urllib.parse
from collections.abc import Mapping, Sequence
from typing import Any

from node.client.failures import (
    ANSWER_STRANGE,
    NOT_READY,
    UNANSWERED,
    UNREACHABLE,
    USAGE,
    Failure,
    failure_from_node,
)

ANSWER_BYTES_MAX = 64 * 1024 * 1024
CONNECT_TIMEOUT_S = 5.0


class Client:
    """One node, asked one thing at a time.

    Bounded: an answer is waited for at most `timeout_ms`, and read up to 64 MiB.
    """

    def __init__(self, url: str, timeout_ms: int = 30_000) -> None:
        parts = urllib.parse.urlsplit(url)
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in {"http", "https"} or not parts.hostname or port == -1:
            raise Failure(
                USAGE, f"{url} is not the address of a node", "like this: http://127.0.0.1:7600"
            )
        self.url = url.rstrip("/")
        self._host = parts.hostname
        self._port = port
        self._secure = parts.scheme == "https"
        self._path = parts.path or "/"
        self._timeout_ms = timeout_ms
        self._connection: http.client.HTTPConnection | None = None
        self._number = 0

    def call(self, method: str, /, **fields: Any) -> Any:
        """Return the result of a method; fields that are None are left out.

        Refuses: Failure of kind UNREACHABLE when nothing left this machine, UNANSWERED
        when the request left and no answer came, else what the node says.
        """
        return self.call_patiently(method, self._timeout_ms, fields)

    def call_patiently(self, method: str, patience_ms: int, fields: Mapping[str, Any]) -> Any:
        """Return the result of a method that may take its time: one that waits for a block."""
        self._number += 1
        request = {
            "jsonrpc": "2.0",
            "id": self._number,
            "method": method,
            "params": {name: value for name, value in fields.items() if value is not None},
        }
        status, body = self._exchange("POST", self._path, json.dumps(request).encode(), patience_ms)
        answer = self._parsed(status, body)
        if isinstance(answer.get("error"), dict):
            raise failure_from_node(answer["error"])
        if "result" not in answer:
            raise Failure(ANSWER_STRANGE, f"{self.url} answered {method} with no result")
        return answer["result"]

    def call_many(self, calls: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Any]:
        """Return the results of several methods, asked at once, in their order.

        What the node refuses stands in its place as a Failure; the others are answered.

        Refuses: as `call`, when there is no answer at all.
        """
        request = [
            {"jsonrpc": "2.0", "id": number, "method": method, "params": dict(fields)}
            for number, (method, fields) in enumerate(calls)
        ]
        body = json.dumps(request).encode()
        status, data = self._exchange("POST", self._path, body, self._timeout_ms)
        answers = self._read(data)
        if not isinstance(answers, list):
            raise self._strange(status, answers)
        told = {answer["id"]: answer for answer in answers if isinstance(answer, dict)}
        if set(told) != set(range(len(calls))):
            raise Failure(ANSWER_STRANGE, f"{self.url} answered {len(answers)} of {len(calls)}")
        return [
            failure_from_node(told[number]["error"])
            if "error" in told[number]
            else told[number].get("result")
            for number in range(len(calls))
        ]

    def get(self, path: str) -> tuple[int, bytes]:
        """Return status and body of a plain GET: `/readyz`, `/metrics` ..."""
        return self._exchange("GET", path, None, self._timeout_ms)

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _parsed(self, status: int, body: bytes) -> dict[str, Any]:
        answer = self._read(body)
        if isinstance(answer, dict) and ("error" in answer or "result" in answer):
            return answer
        raise self._strange(status, answer)

    def _read(self, body: bytes) -> Any:
        try:
            return json.loads(body, parse_float=_refuse_float, parse_constant=_refuse_float)
        except (ValueError, RecursionError):
            return None

    def _strange(self, status: int, answer: Any) -> Failure:
        """Return why an answer is none, with what the node itself says if it says anything."""
        if isinstance(answer, dict) and isinstance(answer.get("error"), dict):
            return failure_from_node(answer["error"])
        if status in {429, 503}:
            return Failure(
                NOT_READY,
                f"the node at {self.url} is not ready (HTTP {status})",
                "nothing was sent; ask why: novation node status --why",
                details={"http_status": status},
            )
        return Failure(
            ANSWER_STRANGE,
            f"{self.url} does not answer like a node of this chain (HTTP {status})",
            "is another program on this port?",
            details={"http_status": status},
        )

    def _exchange(
        self, verb: str, path: str, body: bytes | None, patience_ms: int
    ) -> tuple[int, bytes]:
        fresh = self._connection is None
        connection = self._connected()
        try:
            return self._one(connection, verb, path, body, patience_ms)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError) as gone:
            self.close()
            if fresh:
                raise self._unanswered(gone) from gone
        # The node closes idle connections.  Asking again is harmless: a read changes
        # nothing, and a transaction sent twice has one id and one sequence.
        try:
            return self._one(self._connected(), verb, path, body, patience_ms)
        except (http.client.HTTPException, OSError) as gone:
            self.close()
            raise self._unanswered(gone) from gone

    def _one(
        self,
        connection: http.client.HTTPConnection,
        verb: str,
        path: str,
        body: bytes | None,
        patience_ms: int,
    ) -> tuple[int, bytes]:
        if connection.sock is not None:
            connection.sock.settimeout(patience_ms / 1000)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        try:
            connection.request(verb, path, body=body, headers=headers)
            response = connection.getresponse()
            data = response.read(ANSWER_BYTES_MAX + 1)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            raise
        except (http.client.HTTPException, OSError) as gone:
            self.close()
            raise self._unanswered(gone) from gone
        if len(data) > ANSWER_BYTES_MAX:
            self.close()
            raise Failure(ANSWER_STRANGE, f"{self.url} answers with more than 64 MiB")
        return response.status, data

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is None:
            kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
            timeout_s = min(CONNECT_TIMEOUT_S, self._timeout_ms / 1000)
            connection = kind(self._host, self._port, timeout=timeout_s)
            try:
                connection.connect()
            except OSError as gone:
                raise self._unreachable(gone) from gone
            self._connection = connection
        return self._connection

    def _unreachable(self, gone: OSError) -> Failure:
        why = "connection refused" if isinstance(gone, ConnectionRefusedError) else _words(gone)
        return Failure(
            UNREACHABLE,
            f"no node at {self.url} ({why})",
            "nothing was sent",
            "start one: novation devnet up      another node: --rpc URL",
            details={"url": self.url, "cause": why},
        )

    def _unanswered(self, gone: BaseException) -> Failure:
        return Failure(
            UNANSWERED,
            f"the node at {self.url} did not answer ({_words(gone)})",
            "ask again, or wait longer: --timeout 60s",
            details={"url": self.url, "cause": _words(gone)},
        )


def _words(gone: BaseException) -> str:
    if isinstance(gone, TimeoutError):
        return "no answer in time"
    return getattr(gone, "strerror", None) or str(gone) or type(gone).__name__


def _refuse_float(text: str) -> Any:
    raise ValueError(f"{text}: numbers of this interface are integers")
