"""A node of nothing: answers JSON-RPC over HTTP as it was told to, and remembers what was asked."""

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Any | Callable[..., Any]


class Refuse(Exception):
    """Answer this call with an error."""

    def __init__(self, code: int, reason: str, message: str, facts: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.error = {
            "code": code,
            "message": message,
            "data": {"code": code, "reason": reason, "facts": dict(facts), "hint": "do otherwise"},
        }


class FakeNode:
    """Serves `answers` on a free port of the loopback address until it is closed."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.answers = dict(answers)
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.http: dict[str, tuple[int, bytes]] = {}
        self.drop_next = 0
        node = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if node.drop_next:
                    node.drop_next -= 1
                    self.close_connection = True
                    return
                asked = json.loads(body)
                many = isinstance(asked, list)
                answer = [node.answer(one) for one in asked] if many else node.answer(asked)
                self.reply(200, json.dumps(answer).encode())

            def do_GET(self) -> None:
                self.reply(*node.http.get(self.path, (404, b"")))

            def reply(self, status: int, data: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()
        self.port = int(self._server.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}"

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        method, fields = request["method"], request["params"]
        self.calls.append((method, fields))
        shape = {"jsonrpc": "2.0", "id": request["id"]}
        if method not in self.answers:
            return {**shape, "error": {"code": -32601, "message": f"no method {method!r}"}}
        found = self.answers[method]
        try:
            return {**shape, "result": found(**fields) if callable(found) else found}
        except Refuse as refused:
            return {**shape, "error": refused.error}

    def asked(self, method: str) -> list[dict[str, Any]]:
        """Return the fields of every call of a method."""
        return [fields for name, fields in self.calls if name == method]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
