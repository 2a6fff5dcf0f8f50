"""Write the bytes of an HTTP/1.1 response.

Source: docs/specs/rpc.md, RPC-014.
"""

from dataclasses import dataclass, field

from node.rpc import strict_json

PHRASES = {
    100: "Continue",
    200: "OK",
    204: "No Content",
    307: "Temporary Redirect",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    413: "Content Too Large",
    417: "Expectation Failed",
    421: "Misdirected Request",
    426: "Upgrade Required",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    501: "Not Implemented",
    503: "Service Unavailable",
}
JSON = "application/json"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@dataclass(frozen=True)
class Response:
    """One answer; its length and connection headers are added when it is written."""

    status: int
    body: bytes = b""
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = field(default=())

    def written(self, *, keep_alive: bool, head_only: bool = False) -> bytes:
        """Return the bytes to send. A HEAD gets every header and no body."""
        lines = [
            f"HTTP/1.1 {self.status} {PHRASES[self.status]}",
            *(f"{name}: {value}" for name, value in self.headers),
            "x-content-type-options: nosniff",
            f"connection: {'keep-alive' if keep_alive else 'close'}",
        ]
        if self.status != 204:
            lines.append(f"content-type: {self.content_type}")
            lines.append(f"content-length: {len(self.body)}")
        if not any(name == "cache-control" for name, _ in self.headers):
            lines.append("cache-control: no-store")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        return head if head_only else head + self.body


def json_response(
    status: int, shape: object, headers: tuple[tuple[str, str], ...] = ()
) -> Response:
    """Return an answer whose body is this value as JSON."""
    return Response(status, strict_json.write(shape), JSON, headers)


def problem(status: int, why: str, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """Return a refusal of the transport; calls are refused inside JSON-RPC instead."""
    return json_response(status, {"error": PHRASES[status], "why": why}, headers)
