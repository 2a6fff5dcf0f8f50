"""A connection that became a WebSocket: calls as over HTTP, and subscriptions.

The library takes over only after our own parser saw complete headers, and is shown a handshake
that we wrote ourselves, so nothing malformed can leave it waiting.  A reader that falls behind
is closed with 4008 and may resume; nobody else notices.

Source: docs/specs/rpc.md, RPC-051, RPC-057 to RPC-059.
"""

import base64
import binascii
from collections.abc import Awaitable, Callable

import trio
from trio_websocket import ConnectionClosed, WebSocketConnection, wrap_server_stream

from node.config import Rpc
from node.rpc import limits
from node.rpc.dispatch import Dispatcher
from node.rpc.method import Caller
from node.rpc.reasons import SUBSCRIPTIONS_FULL
from node.rpc.refusals import refused
from node.rpc.subscriptions import Desk, Message, Subscription, notification
from node.rpc.web.request import Request
from node.rpc.web.response import Response, problem
from node.telemetry.metrics import RPC_READERS_CLOSED, RPC_SUBSCRIPTIONS

PATH = "/ws"
CLOSE_SLOW = 4008
CLOSE_LEAVING = 4503
LEAVING_WORDS = "the node ends: connect again and subscribe with from_seq"
SLOW_WORDS = "too slow: connect again and subscribe with from_seq"


def refusal_of(request: Request) -> Response | None:
    """Return why this request cannot become a WebSocket, or None when it can."""
    if request.path != PATH:
        return problem(404, f"WebSockets are served at {PATH}")
    if request.method != "GET":
        return problem(400, "a WebSocket begins with GET")
    if (request.header(b"upgrade") or b"").strip().lower() != b"websocket":
        return problem(501, "the one upgrade offered is websocket", (("connection", "close"),))
    if request.header(b"sec-websocket-version") != b"13":
        return problem(426, "WebSocket version 13", (("sec-websocket-version", "13"),))
    key = request.header(b"sec-websocket-key") or b""
    try:
        is_key = len(base64.b64decode(key, validate=True)) == 16
    except (binascii.Error, ValueError):
        is_key = False
    return None if is_key else problem(400, "the WebSocket key is not 16 bytes in base64")


class Leaving:
    """Tells every WebSocket that the node ends, and knows when all have been told."""

    def __init__(self) -> None:
        self.begun = trio.Event()
        self._open_count = 0
        self._none_left = trio.Event()

    def __enter__(self) -> None:
        """Count one WebSocket more."""
        self._open_count += 1

    def __exit__(self, *_: object) -> None:
        """Count one less."""
        self._open_count -= 1
        if self._open_count == 0:
            self._none_left.set()

    async def wait_told(self) -> None:
        """Begin to leave, and return when no WebSocket is open, or after a moment."""
        self.begun.set()
        if self._open_count:
            self._none_left = trio.Event()
            deadline_s = trio.current_time() + limits.LEAVING_MS / 1000
            with trio.CancelScope(deadline=deadline_s, shield=True):
                await self._none_left.wait()


class _Handover(trio.abc.Stream):
    """The connection as the library sees it: our handshake, then what the client sent.

    Bytes behind the handshake are kept back until the library has accepted it: before that it
    would take them for more of the handshake.
    """

    def __init__(self, stream: trio.abc.Stream, handshake: bytes, tail: bytes) -> None:
        self._stream = stream
        self._handshake = handshake
        self._tail = tail
        self.accepted = trio.Event()

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """Return the handshake, then the tail, then what comes."""
        if self._handshake:
            handshake, self._handshake = self._handshake, b""
            return handshake
        await self.accepted.wait()
        if self._tail:
            tail, self._tail = self._tail, b""
            return tail
        return bytes(await self._stream.receive_some(max_bytes))

    async def send_all(self, data: bytes | memoryview) -> None:
        """Send on the connection."""
        await self._stream.send_all(data)

    async def wait_send_all_might_not_block(self) -> None:
        """Wait for room."""
        await self._stream.wait_send_all_might_not_block()

    async def aclose(self) -> None:
        """Close the connection."""
        await self._stream.aclose()


def _handshake_of(request: Request) -> bytes:
    """Return the handshake that the library answers: its key is the only thing of the client's."""
    key = request.header(b"sec-websocket-key") or b""
    return (
        b"GET /ws HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
        b"sec-websocket-version: 13\r\nsec-websocket-key: " + key + b"\r\n\r\n"
    )


async def serve_socket(
    stream: trio.abc.Stream,
    request: Request,
    tail: bytes,
    caller: Caller,
    *,
    dispatcher: Dispatcher,
    desk: Desk,
    settings: Rpc,
    leaving: Leaving,
) -> None:
    """Be the server of one WebSocket until either side closes it."""
    handover = _Handover(stream, _handshake_of(request), tail)
    async with trio.open_nursery() as nursery:
        with trio.fail_after(limits.HANDSHAKE_DEADLINE_MS / 1000):
            asked = await wrap_server_stream(
                nursery, handover, max_message_size=settings.body_max_bytes
            )
            try:
                connection = await asked.accept()
            except ConnectionClosed:
                # It went away while its handshake was answered: nobody is left to serve.
                nursery.cancel_scope.cancel()
                return
        handover.accepted.set()
        socket = _Socket(connection, caller, dispatcher, desk, settings=settings, leaving=leaving)
        try:
            with leaving:
                await socket.run()
        finally:
            nursery.cancel_scope.cancel()


class _Socket:
    """One WebSocket: a reader, a writer, its calls and its subscriptions."""

    def __init__(
        self,
        connection: WebSocketConnection,
        caller: Caller,
        dispatcher: Dispatcher,
        desk: Desk,
        *,
        settings: Rpc,
        leaving: Leaving,
    ) -> None:
        self._leaving = leaving
        self._connection = connection
        self._caller = caller
        self._dispatcher = dispatcher
        self._desk = desk
        self._settings = settings
        self._send, self._receive = trio.open_memory_channel[str](settings.queue_max_count)
        self._slow = trio.Event()
        self._number = 0
        self._subscriptions: dict[str, Subscription] = {}
        self._calls = trio.CapacityLimiter(limits.CALLS_PER_SOCKET_MAX_COUNT)
        self._nursery: trio.Nursery | None = None

    async def run(self) -> None:
        """Serve until the connection is closed by either side."""
        try:
            async with trio.open_nursery() as nursery:
                self._nursery = nursery
                for task in (
                    self._write,
                    self._close_when_slow,
                    self._close_when_leaving,
                    self._ping,
                    self._beat,
                ):
                    nursery.start_soon(self._until_closed, task)
                await self._until_closed(self._read)
        finally:
            for subscription in list(self._subscriptions.values()):
                self._drop(subscription)

    async def _until_closed(self, task: Callable[[], Awaitable[None]]) -> None:
        """Run a part; when it ends, or the connection does, all parts end."""
        assert self._nursery is not None
        try:
            await task()
        except (ConnectionClosed, trio.TooSlowError):
            pass
        finally:
            self._nursery.cancel_scope.cancel()

    async def _read(self) -> None:
        assert self._nursery is not None
        while True:
            text = await self._connection.get_message()
            await self._calls.acquire_on_behalf_of(token := object())
            self._nursery.start_soon(self._answer, text, token)

    async def _answer(self, text: str | bytes, token: object) -> None:
        """Answer one message, then start the subscriptions that it opened, in that order."""
        assert self._nursery is not None
        call = _SocketCall(self)
        caller = Caller(self._caller.address, self._caller.loopback, call)
        try:
            body = text.encode() if isinstance(text, str) else text
            reply = await self._dispatcher.reply(body, caller)
            if reply.data is not None:
                await self._put_out(reply.data.decode())
        except (ConnectionClosed, trio.TooSlowError):
            self._nursery.cancel_scope.cancel()
            return
        finally:
            self._calls.release_on_behalf_of(token)
        for subscription in call.opened:
            self._nursery.start_soon(self._catch_up, subscription)

    async def _put_out(self, text: str) -> None:
        with trio.fail_after(limits.WRITE_DEADLINE_MS / 1000):
            await self._connection.send_message(text)

    async def _catch_up(self, subscription: Subscription) -> None:
        """Send the past at the reader's pace; from then on it is told live."""
        try:
            while subscription.name in self._subscriptions:
                messages = self._desk.catch_up(subscription)
                if self._desk.is_live(subscription):
                    return
                for message in messages:
                    await self._put_out(notification(subscription, message))
                await trio.lowlevel.checkpoint()
        except (ConnectionClosed, trio.TooSlowError):
            assert self._nursery is not None
            self._nursery.cancel_scope.cancel()

    def _tell(self, subscription: Subscription, message: Message) -> None:
        """Queue a live message, or find that the reader is too slow."""
        try:
            self._send.send_nowait(notification(subscription, message))
        except trio.WouldBlock:
            if not self._slow.is_set():
                self._slow.set()
                RPC_READERS_CLOSED.inc()

    async def _write(self) -> None:
        async for text in self._receive:
            if self._slow.is_set():
                await trio.sleep_forever()
            await self._put_out(text)

    async def _close_when_slow(self) -> None:
        """Tell a slow reader why it is closed; what was queued is dropped, and can be resumed."""
        await self._slow.wait()
        for subscription in list(self._subscriptions.values()):
            self._drop(subscription)
        with trio.move_on_after(limits.CLOSE_DEADLINE_MS / 1000):
            await self._connection.aclose(CLOSE_SLOW, SLOW_WORDS)

    async def _close_when_leaving(self) -> None:
        """Tell the reader that the node ends; nothing was lost, and it can resume."""
        await self._leaving.begun.wait()
        with trio.move_on_after(limits.LEAVING_MS / 1000):
            await self._connection.aclose(CLOSE_LEAVING, LEAVING_WORDS)

    async def _ping(self) -> None:
        """Find out that the other side is gone, and keep what lies between from forgetting us."""
        while True:
            await trio.sleep(limits.PING_EVERY_MS / 1000)
            with trio.fail_after(self._settings.idle_deadline_ms / 1000):
                await self._connection.ping()

    async def _beat(self) -> None:
        """Tell the last number of each subscription now and then, so that a gap is noticed."""
        while True:
            await trio.sleep(limits.HEARTBEAT_EVERY_MS / 1000)
            for subscription in list(self._subscriptions.values()):
                if self._desk.is_live(subscription):
                    self._tell(subscription, self._desk.heartbeat(subscription))

    def open(self, topic: str, from_seq: int | None) -> Subscription:
        """Return a new subscription that is started after its answer is sent.

        Refuses: limits.subscriptions_full.
        """
        if len(self._subscriptions) >= self._settings.subscriptions_max_count:
            raise refused(
                SUBSCRIPTIONS_FULL,
                subscriptions_max_count=self._settings.subscriptions_max_count,
            )
        self._number += 1
        subscription = self._desk.open(f"s{self._number}", topic, self._tell, from_seq)
        self._subscriptions[subscription.name] = subscription
        RPC_SUBSCRIPTIONS.inc()
        return subscription

    def end(self, name: str) -> bool:
        """End a subscription and return whether there was one."""
        subscription = self._subscriptions.get(name)
        if subscription is not None:
            self._drop(subscription)
        return subscription is not None

    def _drop(self, subscription: Subscription) -> None:
        self._desk.close(subscription)
        del self._subscriptions[subscription.name]
        RPC_SUBSCRIPTIONS.dec()


class _SocketCall:
    """What one call sees of its WebSocket."""

    def __init__(self, socket: _Socket) -> None:
        self._socket = socket
        self.opened: list[Subscription] = []

    async def subscribe(self, topic: str, from_seq: int | None) -> tuple[str, int]:
        """Return the name of a new subscription, and the last sequence number before it."""
        subscription = self._socket.open(topic, from_seq)
        self.opened.append(subscription)
        return subscription.name, subscription.next_seq - 1

    def unsubscribe(self, subscription: str) -> bool:
        """End a subscription and return whether there was one."""
        return self._socket.end(subscription)
