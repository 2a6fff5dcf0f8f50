"""The life of one connection: requests in order, each answered before the next is read.

Source: docs/specs/rpc.md, RPC-010 to RPC-014.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import trio

from node.config import Rpc
from node.rpc import limits
from node.rpc.dispatch import Dispatcher
from node.rpc.method import Caller
from node.rpc.reasons import BODY_TOO_LARGE
from node.rpc.refusals import refused
from node.rpc.strict_json import write
from node.rpc.subscriptions import Desk
from node.rpc.web import request as requests
from node.rpc.web import socket
from node.rpc.web.access import ALLOWED_METHODS, Access
from node.rpc.web.request import NotARequest, Request, RequestReader, Stage
from node.rpc.web.response import CONTINUE, JSON, Response, problem
from node.telemetry.metrics import RPC_MALFORMED

_REQUEST_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")

Pages = Callable[[str], Awaitable[Response | None]]
"""Answers a GET of a path, or None when there is no such page."""


@dataclass(frozen=True)
class House:
    """What every connection is served from."""

    settings: Rpc
    dispatcher: Dispatcher
    desk: Desk
    pages: Pages
    access: Access
    leaving: socket.Leaving = field(default_factory=socket.Leaving)


class Connection:
    """One client, from its first byte to its last."""

    def __init__(self, stream: trio.SocketStream, caller: Caller, house: House) -> None:
        self._stream = stream
        self._caller = caller
        self._house = house
        self._settings = house.settings
        self._reader = RequestReader(self._settings.head_max_bytes, self._settings.body_max_bytes)
        self._is_first = True

    async def serve(self) -> None:
        """Answer requests until the client leaves, is too slow, or sends what is none."""
        try:
            while (request := await self._next()) is not None:
                if request.is_upgrade and not self._is_plain_page(request):
                    await self._upgrade(request)
                    return
                response = await self._respond(request)
                is_kept = request.keep_alive and not request.is_upgrade
                is_head = request.method == "HEAD"
                await self._write(response.written(keep_alive=is_kept, head_only=is_head))
                if not is_kept:
                    return
        except NotARequest as fault:
            RPC_MALFORMED.inc()
            await self._end_with(_response_to(fault, self._settings))
        except (trio.BrokenResourceError, trio.ClosedResourceError, trio.TooSlowError):
            pass  # theirs, and it costs nobody else
        finally:
            self._reader.close()

    async def _next(self) -> Request | None:
        """Return the next complete request, or None when the client is gone or idle too long.

        Refuses: NotARequest, after everything before it was answered.
        """
        reader = self._reader
        since_s = trio.current_time()
        stage = reader.stage
        while not reader.requests:
            if reader.fault is not None:
                raise reader.fault
            if reader.expects_continue:
                reader.expects_continue = False
                await self._write(CONTINUE)
            if reader.stage is not stage:
                since_s, stage = trio.current_time(), reader.stage
            data = b""
            with trio.move_on_at(since_s + self._patience_ms(stage) / 1000) as waited:
                data = bytes(await self._stream.receive_some(limits.READ_BYTES))
            if waited.cancelled_caught and stage is not Stage.IDLE:
                raise NotARequest(requests.TIMED_OUT, "the request did not arrive in time")
            if not data:
                return None
            reader.feed(data)
        self._is_first = False
        return reader.requests.popleft()

    def _patience_ms(self, stage: Stage) -> int:
        if stage is Stage.BODY:
            return limits.BODY_DEADLINE_MS
        if stage is Stage.HEAD or self._is_first:
            return self._settings.head_deadline_ms
        return self._settings.idle_deadline_ms

    async def _write(self, data: bytes) -> None:
        with trio.fail_after(limits.WRITE_DEADLINE_MS / 1000):
            await self._stream.send_all(data)

    def _is_plain_page(self, request: Request) -> bool:
        """Return whether an offered upgrade may be ignored: a page asked for without a body."""
        return (
            request.method in {"GET", "HEAD"}
            and b"websocket" not in (request.header(b"upgrade") or b"").lower()
        )

    async def _respond(self, request: Request) -> Response:
        """Return the answer to one request, with the headers that every answer has."""
        response = self._house.access.refusal_of(request)
        if response is None:
            response = await self._route(request)
        headers = [*response.headers, *self._house.access.cors_headers(request)]
        name = (request.header(b"x-request-id") or b"").decode("latin-1")
        if _REQUEST_ID.fullmatch(name):
            headers.append(("x-request-id", name))
        return Response(response.status, response.body, response.content_type, tuple(headers))

    async def _route(self, request: Request) -> Response:
        if request.method == "POST":
            if request.path != "/":
                return problem(404, "JSON-RPC is served at /")
            return await self._call(request.body)
        if request.method == "OPTIONS":
            return Response(204, headers=(("allow", ALLOWED_METHODS),))
        if request.method not in {"GET", "HEAD"}:
            return problem(405, "POST / for JSON-RPC, GET for pages", (("allow", ALLOWED_METHODS),))
        if request.path == socket.PATH:
            return problem(426, "a WebSocket is served here", (("upgrade", "websocket"),))
        page = await self._house.pages(request.path)
        return page or problem(404, "no such page; JSON-RPC is served at POST /")

    async def _call(self, body: bytes) -> Response:
        reply = await self._house.dispatcher.reply(body, self._caller)
        if reply.data is None:
            return Response(204)
        if reply.retry_after_ms:
            seconds = str(reply.retry_after_ms // 1000 + 1)
            return Response(429, reply.data, JSON, (("retry-after", seconds),))
        return Response(200, reply.data)

    async def _upgrade(self, request: Request) -> None:
        """Hand the connection over to the WebSocket library, or say why not and end."""
        refusal = self._house.access.refusal_of(request) or socket.refusal_of(request)
        if refusal is not None:
            await self._end_with(refusal)
            return
        await socket.serve_socket(
            self._stream,
            request,
            self._reader.tail,
            self._caller,
            dispatcher=self._house.dispatcher,
            desk=self._house.desk,
            settings=self._settings,
            leaving=self._house.leaving,
        )

    async def _end_with(self, response: Response) -> None:
        """Send a last answer and let it arrive: unread bytes would reset the connection."""
        try:
            await self._write(response.written(keep_alive=False))
            await self._stream.send_eof()
            left_bytes = limits.LINGER_BYTES
            with trio.move_on_after(limits.LINGER_MS / 1000):
                while left_bytes > 0:
                    data = await self._stream.receive_some(limits.READ_BYTES)
                    if not data:
                        break
                    left_bytes -= len(data)
        except (trio.BrokenResourceError, trio.ClosedResourceError, trio.TooSlowError):
            pass  # they did not wait for the answer


def _response_to(fault: NotARequest, settings: Rpc) -> Response:
    """Return the answer to what is no request; too large a body is answered as a call is."""
    if fault.status != requests.BODY_TOO_LARGE:
        return problem(fault.status, fault.why)
    error = refused(BODY_TOO_LARGE, body_max_bytes=settings.body_max_bytes)
    shape = {"jsonrpc": "2.0", "id": None, "error": error.shape()}
    return Response(fault.status, write(shape))
