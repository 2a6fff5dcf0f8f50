"""Answer GET: health, metrics, version, the interface's own document, and the explorer.

Source: docs/specs/rpc.md, RPC-070 to RPC-074.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

import trio

from node.clock import Clock
from node.rpc import limits, strict_json
from node.rpc.web.response import Response, json_response
from node.telemetry import metrics

EXPLORER = "/explorer/"
# Everything comes from this origin; scripts and styles are files, never inline.
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
EXPLORER_HEADERS = (
    ("content-security-policy", CONTENT_POLICY),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cache-control", "no-cache"),
)
CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True)
class Check:
    """One thing that must be so before this node should be asked."""

    name: str
    ok: bool
    detail: str


def explorer_files() -> dict[str, Response]:
    """Return the explorer's files as answers, by path: read once, when the node starts."""
    files: dict[str, Response] = {}
    for file in resources.files("node.rpc").joinpath("explorer").iterdir():
        kind = CONTENT_TYPES.get("." + file.name.rpartition(".")[2])
        if kind is not None:
            answer = Response(200, file.read_bytes(), kind, EXPLORER_HEADERS)
            files[EXPLORER + file.name] = answer
    files[EXPLORER] = files[EXPLORER + "index.html"]
    return files


class Pages:
    """What a GET finds."""

    def __init__(
        self,
        *,
        checks: Callable[[], list[Check]],
        version: Mapping[str, Any],
        document: Callable[[], Mapping[str, Any]],
        clock: Clock,
        measure: Callable[[], None],
    ) -> None:
        """`measure` sets what shows how things stand; it is called before that is shown."""
        self._checks = checks
        self._version = json_response(200, version)
        self._document = document
        self._written_document: Response | None = None
        self._clock = clock
        self._measure = measure
        self._files = explorer_files()
        self._metrics: tuple[int, bytes] | None = None
        self._rendering = trio.Lock()

    async def __call__(self, path: str) -> Response | None:
        """Return the page at this path, or None."""
        if path in self._files:
            return self._files[path]
        if path == "/livez":
            # That this is answered at all says that the loop turns.
            return json_response(200, {"live": True})
        if path == "/readyz":
            return self._ready()
        if path == "/metrics":
            return Response(200, await self._rendered(), metrics.CONTENT_TYPE)
        if path == "/version":
            return self._version
        if path == "/openrpc.json":
            if self._written_document is None:
                self._written_document = Response(200, strict_json.write(self._document()))
            return self._written_document
        if path in {"/", "/explorer"}:
            return Response(307, headers=(("location", EXPLORER),))
        return None

    def _ready(self) -> Response:
        """Return 200 when every check holds, else 503; always which ones do."""
        checks = self._checks()
        is_ready = all(check.ok for check in checks)
        shape = {
            "ready": is_ready,
            "failed": [check.name for check in checks if not check.ok],
            "checks": [
                {"name": check.name, "ok": check.ok, "detail": check.detail} for check in checks
            ],
        }
        return json_response(200 if is_ready else 503, shape)

    async def _rendered(self) -> bytes:
        """Return the metrics, at most a second old: writing them takes milliseconds."""
        async with self._rendering:
            now_ms = self._clock.monotonic_ms()
            if self._metrics is None or now_ms - self._metrics[0] >= limits.METRICS_CACHE_MS:
                self._measure()
                self._metrics = (now_ms, await trio.to_thread.run_sync(metrics.render))
            return self._metrics[1]
