"""Turn the bytes of a connection into requests, and refuse what is none.

Source: docs/specs/rpc.md, RPC-011 to RPC-013.
"""

from collections import deque
from dataclasses import dataclass, field
from enum import Enum

import httptools

MALFORMED = 400
TIMED_OUT = 408
BODY_TOO_LARGE = 413
EXPECTATION_UNKNOWN = 417
HEAD_TOO_LARGE = 431


@dataclass(frozen=True)
class Request:
    """One complete request."""

    method: str
    path: str
    """Without the query, percent signs as they came."""
    headers: tuple[tuple[bytes, bytes], ...]
    """Names in lower case."""
    body: bytes
    keep_alive: bool
    is_upgrade: bool
    """What follows on the connection is not HTTP if we agree."""

    def header(self, name: bytes) -> bytes | None:
        """Return the header's value; several of a name are joined by a comma."""
        values = [value for other, value in self.headers if other == name]
        return b", ".join(values) if values else None

    def count(self, name: bytes) -> int:
        """Return how often a header stands there."""
        return sum(other == name for other, _ in self.headers)


class NotARequest(Exception):
    """The bytes are no request that is answered here; the connection ends after saying so."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


class Stage(Enum):
    """What the next byte of a connection belongs to."""

    IDLE = "idle"
    HEAD = "head"
    BODY = "body"


@dataclass
class _Draft:
    """A request that is not complete yet."""

    target: bytearray = field(default_factory=bytearray)
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    head_bytes: int = 0
    raw_bytes: int = 0
    body: bytearray = field(default_factory=bytearray)
    head_complete: bool = False
    method: str = ""
    is_upgrade: bool = False


class RequestReader:
    """Collects complete requests, in order, from whatever pieces the bytes come in.

    Requests that are complete before a fault are kept: they are answered, then the fault is.
    """

    def __init__(self, head_max_bytes: int, body_max_bytes: int) -> None:
        self.requests: deque[Request] = deque()
        self.fault: NotARequest | None = None
        self.tail = b""
        """Bytes that came behind an upgrade."""
        self.expects_continue = False
        """The sender waits for our word before it sends the body."""
        self._head_max_bytes = head_max_bytes
        self._body_max_bytes = body_max_bytes
        self._draft = _Draft()
        self._parser = httptools.HttpRequestParser(self)

    @property
    def stage(self) -> Stage:
        """What the next byte belongs to."""
        if self._draft.head_complete:
            return Stage.BODY
        return Stage.HEAD if self._draft.raw_bytes else Stage.IDLE

    def feed(self, data: bytes) -> None:
        """Take what came in; afterwards look at `requests`, then at `fault`."""
        complete_count = len(self.requests)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self.tail = data[upgrade.args[0] :]
        except httptools.HttpParserError as wrong:
            self._refuse(MALFORMED, f"not HTTP/1.1: {wrong}"[:120])
        if len(self.requests) == complete_count and not self._draft.head_complete:
            # An endless line completes no header, so the raw bytes are counted as well.
            self._draft.raw_bytes += len(data)
            if self._draft.raw_bytes > self._head_max_bytes:
                self._refuse(HEAD_TOO_LARGE, f"headers beyond {self._head_max_bytes} bytes")

    def close(self) -> None:
        """Let go of what came in; nothing is fed any more.

        Reader and parser know each other: without this both stay, with a megabyte of a body that
        never ended, until the collector looks, and it looks seldom in a node.
        """
        self.requests.clear()
        self.fault = None
        self._draft = _Draft()
        del self._parser

    def _refuse(self, status: int, why: str) -> None:
        if self.fault is None:
            self.fault = NotARequest(status, why)

    # What the parser calls, in this order for each request.

    def on_message_begin(self) -> None:
        """Start a new request."""
        self._draft = _Draft()

    def on_url(self, part: bytes) -> None:
        """Take a part of the target."""
        self._count_head(len(part))
        if self.fault is None:
            self._draft.target += part

    def on_header(self, name: bytes, value: bytes | None) -> None:
        """Take one header."""
        value = value or b""
        self._count_head(len(name) + len(value) + len(b": \r\n"))
        if self.fault is None:
            self._draft.headers.append((name.lower(), value))

    def _count_head(self, more_bytes: int) -> None:
        self._draft.head_bytes += more_bytes
        if self._draft.head_bytes > self._head_max_bytes:
            self._refuse(HEAD_TOO_LARGE, f"headers beyond {self._head_max_bytes} bytes")

    def on_headers_complete(self) -> None:
        """Judge the head before any of the body is read."""
        draft = self._draft
        if draft.head_complete:
            return  # trailers of a chunked body
        draft.head_complete = True
        draft.method = self._parser.get_method().decode("ascii")
        draft.is_upgrade = self._parser.should_upgrade()
        for name, value in draft.headers:
            if name == b"expect":
                if value.strip().lower() == b"100-continue":
                    self.expects_continue = True
                else:
                    self._refuse(EXPECTATION_UNKNOWN, "the one expectation met is 100-continue")
            elif name == b"content-length" and int(value) > self._body_max_bytes:
                self._refuse(BODY_TOO_LARGE, f"a body has at most {self._body_max_bytes} bytes")

    def on_body(self, part: bytes) -> None:
        """Take a part of the body, whole or a chunk."""
        self.expects_continue = False
        if len(self._draft.body) + len(part) > self._body_max_bytes:
            self._refuse(BODY_TOO_LARGE, f"a body has at most {self._body_max_bytes} bytes")
        if self.fault is None:
            self._draft.body += part

    def on_message_complete(self) -> None:
        """Hand the request over, unless something before it was refused."""
        draft, self._draft = self._draft, _Draft()
        self.expects_continue = False
        if self.fault is not None:
            return
        target = bytes(draft.target).partition(b"?")[0]
        request = Request(
            method=draft.method,
            path=target.decode("latin-1"),
            headers=tuple(draft.headers),
            body=bytes(draft.body),
            keep_alive=self._parser.should_keep_alive(),
            is_upgrade=draft.is_upgrade,
        )
        self.requests.append(request)
