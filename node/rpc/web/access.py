"""Which hosts we answer to, and which pages in a browser may ask.

A page anywhere may point its own name at 127.0.0.1 and then speak to this port as if it were
its own server; the Host header gives it away.  A page may also send simple requests across
origins without asking; the Origin header gives that away.  Programs send neither, or a Host
that is ours.

Source: docs/specs/rpc.md, RPC-016 to RPC-018.
"""

import ipaddress
from urllib.parse import urlsplit

from node.rpc.web.request import Request
from node.rpc.web.response import Response, problem

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
ALLOWED_METHODS = "POST, GET, HEAD, OPTIONS"


def is_loopback(address: str) -> bool:
    """Return whether an address of a socket is this machine's own."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_loopback


def host_name(value: bytes) -> str | None:
    """Return the name of a Host header without its port, or None when it is no host."""
    try:
        parts = urlsplit("//" + value.decode("ascii").strip())
        has_port = parts.port is None or parts.port > 0
    except (UnicodeDecodeError, ValueError):
        return None
    return parts.hostname if has_port else None


class Access:
    """What is let through to the routes."""

    def __init__(self, listen_host: str, origins: tuple[str, ...] = ()) -> None:
        self._checks_host = is_loopback(listen_host) or listen_host in LOOPBACK_NAMES
        self._origins = frozenset(origins) - {"*"}

    def refusal_of(self, request: Request) -> Response | None:
        """Return why this request goes no further, or None.

        Bounded to loopback, only loopback's names are ours; on a public address the operator's
        proxy knows the names.
        """
        if request.count(b"host") > 1:
            return problem(400, "more than one Host header")
        host = request.header(b"host")
        if host is None:
            # HTTP/1.0 has none, and no browser speaks that.
            name = None
        else:
            name = host_name(host)
            if name is None:
                return problem(400, "the Host header names no host")
        if self._checks_host and name is not None and name not in LOOPBACK_NAMES:
            return problem(421, "this node listens on loopback and answers to loopback's names")
        if not self._origin_fits(request, host):
            return problem(403, "pages of this origin may not ask this node: rpc.origins")
        return None

    def _origin_fits(self, request: Request, host: bytes | None) -> bool:
        origin = request.header(b"origin")
        if origin is None:
            return True
        text = origin.decode("latin-1")
        if text in self._origins:
            return True
        return host is not None and text.lower() == "http://" + host.decode("latin-1").lower()

    def cors_headers(self, request: Request) -> tuple[tuple[str, str], ...]:
        """Return the headers that let a configured origin read the answer; none by default."""
        origin = (request.header(b"origin") or b"").decode("latin-1")
        if origin not in self._origins:
            return ()
        return (
            ("access-control-allow-origin", origin),
            ("access-control-allow-methods", ALLOWED_METHODS),
            ("access-control-allow-headers", "content-type, x-request-id"),
            ("access-control-max-age", "600"),
            ("vary", "origin"),
        )
