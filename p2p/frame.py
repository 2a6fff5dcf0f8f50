"""Frames as bytes, and frames that wait to be sent: pure, without clock or sockets.

On the wire a frame is `len u32 | kind u8 | payload`, big-endian; `len` counts kind and payload.
Source: docs/specs/network.md, NET-010 to NET-014.
"""

from collections import deque
from collections.abc import Mapping

from p2p import limits
from p2p.network import Frame, TrafficClass

LENGTH_BYTES = 4
"""The width of `len` alone."""


class BadFrame(Exception):
    """The other side sent what is no frame; `offence` names it for the score."""

    def __init__(self, offence: str, message: str) -> None:
        super().__init__(message)
        self.offence = offence


def encoded(kind: int, payload: bytes) -> bytes:
    """Return a frame as it travels.

    >>> encoded(7, b"ab").hex()
    '00000003076162'
    """
    return (len(payload) + 1).to_bytes(LENGTH_BYTES, "big") + bytes((kind,)) + payload


class FrameReader:
    """Cuts a stream of bytes into frames, whatever pieces it arrives in.

    Never holds more than one frame of the largest permitted kind and one piece.
    """

    def __init__(self, payload_max_bytes: Mapping[int, int]) -> None:
        """Permit these kinds, each up to its number of payload bytes."""
        self._payload_max_bytes = payload_max_bytes
        self._buffer = bytearray()

    @property
    def is_between_frames(self) -> bool:
        """Whether nothing of an unfinished frame is held."""
        return not self._buffer

    def feed(self, data: bytes) -> list[Frame]:
        """Return the frames that are whole now.

        Refuses, with `BadFrame`: an empty frame, an unknown kind, a payload above its limit; the
        last two as soon as the head is here, before the payload is.
        """
        self._buffer += data
        frames = []
        place = 0
        while len(self._buffer) - place >= limits.FRAME_HEAD_BYTES:
            payload_bytes = self._payload_bytes(place)
            end = place + limits.FRAME_HEAD_BYTES + payload_bytes
            if len(self._buffer) < end:
                break
            payload = bytes(self._buffer[place + limits.FRAME_HEAD_BYTES : end])
            frames.append(Frame(self._buffer[place + LENGTH_BYTES], payload))
            place = end
        del self._buffer[:place]
        return frames

    def _payload_bytes(self, place: int) -> int:
        """Return the payload length that the head at `place` announces, if it may."""
        length_bytes = int.from_bytes(self._buffer[place : place + LENGTH_BYTES], "big")
        if length_bytes == 0:
            raise BadFrame("empty_frame", "a frame without a kind")
        kind = self._buffer[place + LENGTH_BYTES]
        limit_bytes = self._payload_max_bytes.get(kind)
        if limit_bytes is None:
            raise BadFrame("unknown_kind", f"a frame of unknown kind {kind}")
        if length_bytes - 1 > limit_bytes:
            raise BadFrame(
                "oversize_frame",
                f"a frame of kind {kind} announces {length_bytes - 1} bytes,"
                f" at most {limit_bytes} are allowed",
            )
        return length_bytes - 1


class OutboundQueue:
    """Frames that wait for one peer, by traffic class, each class with its own bytes.

    Votes and proposals that are out of room take that of the classes after them, whose frames are
    dropped, the last class first. So transactions go before sync, and no vote is dropped while
    anything else waits.
    """

    def __init__(self, max_bytes: tuple[int, ...] = limits.QUEUE_MAX_BYTES) -> None:
        """Allow each traffic class so many bytes."""
        self._max_bytes = max_bytes
        self._waiting: tuple[deque[bytes], ...] = tuple(deque() for _ in max_bytes)
        self._bytes = [0] * len(max_bytes)
        self.dropped_count = 0
        self.full_since: float | None = None
        """Since when frames are dropped without the queue ever being half empty again."""

    @property
    def queued_bytes(self) -> int:
        """Bytes that wait, of all classes."""
        return sum(self._bytes)

    def waiting_bytes(self, traffic: TrafficClass) -> int:
        """Bytes that wait in one class."""
        return self._bytes[traffic]

    def push(self, frame: bytes, traffic: TrafficClass, now: float) -> bool:
        """Queue a frame and return True, or False when it was dropped."""
        fits = self._bytes[traffic] + len(frame) <= self._max_bytes[traffic]
        may_borrow = traffic <= TrafficClass.PROPOSALS
        if not fits:
            self._mark_full(now)
        if (not fits and not may_borrow) or not self._make_room(len(frame), traffic):
            self.dropped_count += 1
            self._mark_full(now)
            return False
        self._waiting[traffic].append(frame)
        self._bytes[traffic] += len(frame)
        return True

    def take(self, most_bytes: int) -> bytes:
        """Return the next frames joined, most urgent first; at least one if any waits.

        A frame is never split, so one that is larger than `most_bytes` comes alone.
        """
        parts: list[bytes] = []
        room_bytes = most_bytes
        for traffic, waiting in enumerate(self._waiting):
            while waiting and (not parts or len(waiting[0]) <= room_bytes):
                frame = waiting.popleft()
                self._bytes[traffic] -= len(frame)
                room_bytes -= len(frame)
                parts.append(frame)
            if waiting:
                # A later class must not overtake what is more urgent and did not fit.
                break
        if all(2 * held <= most for held, most in zip(self._bytes, self._max_bytes, strict=True)):
            self.full_since = None
        return b"".join(parts)

    def _make_room(self, needed_bytes: int, traffic: TrafficClass) -> bool:
        """Drop frames of later classes, newest first, until so many bytes more may wait."""
        most_bytes = sum(self._max_bytes) - needed_bytes
        if sum(self._bytes[: traffic + 1]) > most_bytes:
            return False
        for later in range(len(self._waiting) - 1, traffic, -1):
            while self._waiting[later] and self.queued_bytes > most_bytes:
                self._bytes[later] -= len(self._waiting[later].pop())
                self.dropped_count += 1
        return True

    def _mark_full(self, now: float) -> None:
        if self.full_since is None:
            self.full_since = now
