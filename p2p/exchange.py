"""Questions and answers on persistent streams.

A stream carries one question at a time and is kept for the next one: 1.0 ms against 4.1 ms for a
new stream each. Up to four are open to a peer for each protocol.
Source: docs/specs/network.md, NET-050 to NET-056.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import trio

from p2p import limits
from p2p.frame import BadFrame, FrameReader, encoded
from p2p.network import (
    Frame,
    Handler,
    Member,
    Observer,
    PeerId,
    Refused,
    Standing,
    TooLarge,
    Unreachable,
)
from p2p.score import Bucket
from p2p.stream import Broken, Stream

REQUEST = 1
ANSWER = 2
REFUSAL = 3


class Asked(Protocol):
    """A peer as the exchange sees it."""

    @property
    def peer(self) -> PeerId:
        """Its id."""
        ...

    async def open(self, protocol: str) -> Stream:
        """Return a new stream, or raise `Broken`."""
        ...


@dataclass
class _Pool:
    """Streams of one protocol to one connection."""

    turns: trio.CapacityLimiter
    idle: list[Stream] = field(default_factory=list)


@dataclass
class _Client:
    """What a peer may still ask of us now."""

    requests: Bucket
    served: Bucket


class Exchange:
    """Both sides of asking: our questions, and the handlers for those of others."""

    def __init__(
        self, observer: Observer, is_busy: Callable[[], bool], request_max_bytes: int
    ) -> None:
        """Serve while `is_busy` says that no consensus output waits."""
        self._observer = observer
        self._is_busy = is_busy
        self._request_max_bytes = request_max_bytes
        self._handlers: dict[str, Handler] = {}
        self._pools: dict[tuple[Asked, str], _Pool] = {}
        self._clients: dict[PeerId, _Client] = {}
        self._followers_served: Bucket | None = None
        self.asked_count = 0
        self.answered_count = 0
        self.refused_count = 0

    @property
    def protocols(self) -> list[str]:
        """The protocols that have handlers."""
        return list(self._handlers)

    def answer(self, protocol: str, handler: Handler) -> None:
        """Serve a protocol from now on."""
        self._handlers[protocol] = handler

    async def ask(
        self, asked: Asked, protocol: str, request: bytes, *, timeout_s: float, limit_bytes: int
    ) -> bytes:
        """Return a peer's answer; see `Network.ask`."""
        if len(request) > self._request_max_bytes:
            raise TooLarge(
                f"a question of {len(request)} bytes was not sent, at most"
                f" {self._request_max_bytes} are"
            )
        self.asked_count += 1
        pool = self._pools.setdefault(
            (asked, protocol),
            _Pool(trio.CapacityLimiter(limits.EXCHANGE_STREAMS_MAX_COUNT)),
        )
        with trio.move_on_after(timeout_s):
            async with pool.turns:
                return await self._ask_in_turn(asked, pool, protocol, request, limit_bytes)
        raise Unreachable(asked.peer, f"no answer on {protocol} within {timeout_s:g} s")

    def forget(self, asked: Asked) -> None:
        """Let go of a connection that is closed."""
        for key in [key for key in self._pools if key[0] is asked]:
            del self._pools[key]

    async def serve(self, protocol: str, peer: PeerId, member: Member, stream: Stream) -> None:
        """Answer questions on one stream until the other side ends it.

        What a handler raises, other than `Refused`, goes to the caller, which resets the stream.
        """
        handler = self._handlers[protocol]
        reader = FrameReader({REQUEST: self._request_max_bytes})
        while frames := await _next_frames(stream, reader):
            for frame in frames:
                client = self._client(peer, member)
                if client.requests.take(1, trio.current_time()):
                    reply = await self._reply(handler, peer, member, frame.payload)
                else:
                    self.refused_count += 1
                    self._observer.told("request_refused", peer=peer, protocol=protocol)
                    reply = encoded(REFUSAL, b"too many requests")
                await self._wait_for_turn(client, member, len(reply))
                await _write_in_time(stream, reply)
        await stream.close()

    async def _reply(self, handler: Handler, peer: PeerId, member: Member, request: bytes) -> bytes:
        """Return the frame that answers a request, be it a refusal."""
        try:
            answer = await handler(peer, member, request)
        except Refused as refusal:
            self.refused_count += 1
            return encoded(REFUSAL, str(refusal).encode()[: limits.REFUSAL_MAX_BYTES])
        assert len(answer) <= limits.ANSWER_MAX_BYTES, "an answer is at most 8 MiB"
        self.answered_count += 1
        return encoded(ANSWER, answer)

    async def _ask_in_turn(
        self, asked: Asked, pool: _Pool, protocol: str, request: bytes, limit_bytes: int
    ) -> bytes:
        """Ask on an idle stream, or on a new one if that turns out to be dead."""
        while True:
            is_used = bool(pool.idle)
            try:
                stream = pool.idle.pop() if is_used else await asked.open(protocol)
                frame = await self._one_question(stream, request, limit_bytes)
            except Broken as broken:
                if is_used:
                    # An idle stream may have been closed by the other side long ago.
                    continue
                raise Unreachable(asked.peer, str(broken)) from broken
            except BadFrame as bad:
                if bad.offence == "oversize_frame":
                    raise TooLarge(f"the answer of {asked.peer} on {protocol}: {bad}") from bad
                raise Unreachable(asked.peer, str(bad)) from bad
            pool.idle.append(stream)
            if frame.kind == REFUSAL:
                raise Refused(frame.payload.decode(errors="replace"))
            return frame.payload

    @staticmethod
    async def _one_question(stream: Stream, request: bytes, limit_bytes: int) -> Frame:
        """Return the frame that answers, or throw the stream away."""
        is_whole = False
        try:
            await stream.write(encoded(REQUEST, request))
            reader = FrameReader({ANSWER: limit_bytes, REFUSAL: limits.REFUSAL_MAX_BYTES})
            frames: list[Frame] = []
            while not frames:
                data = await stream.read()
                if not data:
                    raise Broken("the peer closed the stream")
                frames = reader.feed(data)
            if len(frames) > 1 or not reader.is_between_frames:
                raise BadFrame("undecodable", "more than one answer to one question")
            is_whole = True
            return frames[0]
        finally:
            if not is_whole:
                await stream.reset()

    def _client(self, peer: PeerId, member: Member) -> _Client:
        client = self._clients.get(peer)
        if client is None:
            now = trio.current_time()
            if len(self._clients) >= limits.CLIENTS_MAX_COUNT:
                self._clients.pop(next(iter(self._clients)))
            served_bytes = (
                limits.SERVED_AUTHORITY_BYTES_PER_S
                if member.standing is Standing.AUTHORITY
                else limits.SERVED_FOLLOWER_BYTES_PER_S
            )
            client = _Client(
                Bucket(limits.REQUESTS_PER_S, limits.REQUESTS_BURST_COUNT, now),
                Bucket(served_bytes, served_bytes, now),
            )
            self._clients[peer] = client
        return client

    async def _wait_for_turn(self, client: _Client, member: Member, count_bytes: int) -> None:
        """Wait until the peer, and all followers, may have so many bytes more.

        And, at most so long, while consensus output waits: what is served must not delay it.
        """
        now = trio.current_time()
        wait_ms = client.served.owe(count_bytes, now)
        if member.standing is Standing.FOLLOWER:
            if self._followers_served is None:
                rate = limits.SERVED_FOLLOWERS_BYTES_PER_S
                self._followers_served = Bucket(rate, rate, now)
            wait_ms = max(wait_ms, self._followers_served.owe(count_bytes, now))
        if wait_ms > 0:
            await trio.sleep(wait_ms / 1000)
        with trio.move_on_after(limits.SERVE_YIELDS_S):
            while self._is_busy():  # noqa: ASYNC110 - many queues, each drained in milliseconds
                await trio.sleep(limits.SERVE_LOOKS_EVERY_S)


async def _next_frames(stream: Stream, reader: FrameReader) -> list[Frame]:
    """Return the requests that arrive next; none when the other side ends or falls silent."""
    frames: list[Frame] = []
    with trio.move_on_after(limits.SERVE_IDLE_S) as patience:
        while not frames:
            data = await stream.read()
            if not data:
                return []
            frames = reader.feed(data)
            if not frames:
                rest = trio.current_time() + limits.SERVE_REST_S
                patience.deadline = min(patience.deadline, rest)
    return frames


async def _write_in_time(stream: Stream, data: bytes) -> None:
    """Write an answer; one who does not take it in time loses the connection."""
    with trio.fail_after(limits.ANSWER_TAKEN_WITHIN_S):
        await stream.write(data)
