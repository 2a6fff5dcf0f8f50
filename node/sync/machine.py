"""Who is asked for what next while a node catches up. Pure: it is told, and it answers.

Windows of 64 heights are asked from up to four peers at once and applied in order. A peer
that is silent rests for a while, one that answered wrongly is charged and rests long, and its
window goes to another: nothing here waits for anybody in particular.

Source: docs/specs/sync.md, SYNC-010 to SYNC-016.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from node.sync.wire import WINDOW_MAX_COUNT

ASKED_MAX_COUNT = 4
"""Windows asked for at one time, each from a peer of its own."""

WINDOWS_MAX_COUNT = 8
"""Windows asked for or held until their turn: at most 32 MiB of blocks."""

REST_FIRST_MS = 500
REST_MAX_MS = 10_000
REST_WRONG_MS = 600_000
"""How long a peer is left alone: after silence, doubling, and after a wrong answer."""

Content = TypeVar("Content")


@dataclass(frozen=True)
class Ask:
    """Ask this peer for a range, and tell the machine what came of it."""

    token: int
    peer: Hashable
    from_height: int
    count: int


@dataclass(frozen=True)
class Apply(Generic[Content]):
    """Execute and store this checked range, and tell the machine the new height."""

    from_height: int
    to_height: int
    content: Content
    peer: Hashable


@dataclass(frozen=True)
class Charge:
    """A peer answered what no honest node answers."""

    peer: Hashable
    offence: str


@dataclass
class _Window(Generic[Content]):
    from_height: int
    count: int
    asked_token: int | None = None
    peer: Hashable = None
    content: Content | None = None
    shunned: set[Hashable] = field(default_factory=set)
    """Peers that failed at this window; asked again only where everybody else rests."""


@dataclass
class _Peer:
    rests_until_ms: int = 0
    silences_count: int = 0
    asked_count: int = 0
    served_count: int = 0


class Machine(Generic[Content]):
    """Plans windows from the own height up to the best proven one."""

    def __init__(self, height: int) -> None:
        self._height = height
        self._best_height = height
        self._peers: dict[Hashable, _Peer] = {}
        self._windows: list[_Window[Content]] = []
        self._applying: int | None = None
        """The height that the range being applied leads to."""
        self._tokens = 0
        self._outstanding: dict[int, Hashable] = {}
        """Token -> peer, for every ask whose answer is still to come, wanted or not."""

    @property
    def height(self) -> int:
        """The highest block that is executed and stored."""
        return self._height

    @property
    def best_height(self) -> int:
        """The highest height proven by a certificate; never what a peer only says."""
        return self._best_height

    @property
    def is_behind(self) -> bool:
        """Whether a proven block is not here yet."""
        return self._height < self._best_height

    @property
    def peers(self) -> frozenset[Hashable]:
        """The peers that can be asked."""
        return frozenset(self._peers)

    def peer_came(self, peer: Hashable) -> None:
        """Count a peer among those that can be asked."""
        self._peers.setdefault(peer, _Peer())

    def peer_went(self, peer: Hashable) -> None:
        """Give what this peer was asked to others."""
        self._peers.pop(peer, None)
        self._outstanding = {
            token: asked for token, asked in self._outstanding.items() if asked != peer
        }
        for window in self._windows:
            if window.peer == peer and window.asked_token is not None:
                window.asked_token, window.peer = None, None

    def proven(self, height: int) -> None:
        """Note that a certificate proves this height final."""
        self._best_height = max(self._best_height, height)

    def moved(self, height: int) -> None:
        """Note that the node's head is at this height, whoever brought it there."""
        self._height = max(self._height, height)
        self._best_height = max(self._best_height, height)
        if self._applying is not None and self._height >= self._applying:
            self._applying = None
        self._windows = [
            window
            for window in self._windows
            if window.from_height + window.count - 1 > self._height
        ]

    def not_applied(self) -> None:
        """Note that the range being applied was not: it will be asked for again."""
        if self._applying is not None:
            missing_count = self._applying - self._height
            self._windows.insert(0, _Window(self._height + 1, missing_count))
            self._applying = None

    def answered(self, token: int, to_height: int, content: Content) -> None:
        """Take the checked answer to an ask; what it leaves of the window is asked anew."""
        peer = self._free(token)
        if peer is not None:
            peer.silences_count = 0
            peer.served_count += 1
        window = self._asked(token)
        if window is None:
            return
        assert window.from_height <= to_height < window.from_height + window.count
        rest_count = window.from_height + window.count - 1 - to_height
        window.count -= rest_count
        window.asked_token, window.content = None, content
        if rest_count:
            position = self._windows.index(window) + 1
            self._windows.insert(position, _Window(to_height + 1, rest_count))

    def silent(self, token: int, now_ms: int) -> None:
        """Take note that a peer did not answer, or had nothing to answer."""
        peer = self._free(token)
        if peer is not None:
            rest_ms = min(REST_FIRST_MS << min(peer.silences_count, 10), REST_MAX_MS)
            peer.rests_until_ms = now_ms + rest_ms
            peer.silences_count += 1
        self._give_back(token)

    def wrong(self, token: int, now_ms: int, offence: str) -> list[Charge]:
        """Take note that a peer answered wrongly, and return whom to charge."""
        charged = self._outstanding.get(token)
        peer = self._free(token)
        if peer is not None:
            peer.rests_until_ms = now_ms + REST_WRONG_MS
        self._give_back(token)
        return [] if charged is None else [Charge(charged, offence)]

    def next_steps(self, now_ms: int) -> list[Ask | Apply[Content]]:
        """Return what to do now: at most one range to apply, and asks for free peers."""
        steps: list[Ask | Apply[Content]] = []
        if self._applying is None and self._windows:
            first = self._windows[0]
            if first.content is not None and first.from_height <= self._height + 1:
                to_height = first.from_height + first.count - 1
                steps.append(Apply(first.from_height, to_height, first.content, first.peer))
                self._applying = to_height
                del self._windows[0]
        self._plan()
        steps.extend(self._asks(now_ms))
        return steps

    def wakes_at_ms(self, now_ms: int) -> int | None:
        """Return when a resting peer can be asked again, if that is waited for."""
        if not self.is_behind or not any(self._is_open(window) for window in self._windows):
            return None
        resting = [
            peer.rests_until_ms for peer in self._peers.values() if peer.rests_until_ms > now_ms
        ]
        return min(resting, default=None)

    def _plan(self) -> None:
        """Cover the heights up to the best one with windows, as far as they may be held."""
        frontier = max(self._height, self._applying or 0)
        if self._windows:
            last = self._windows[-1]
            frontier = max(frontier, last.from_height + last.count - 1)
        while frontier < self._best_height and len(self._windows) < WINDOWS_MAX_COUNT:
            count = min(WINDOW_MAX_COUNT, self._best_height - frontier)
            self._windows.append(_Window(frontier + 1, count))
            frontier += count

    def _asks(self, now_ms: int) -> list[Ask]:
        asks: list[Ask] = []
        busy_count = sum(window.asked_token is not None for window in self._windows)
        for window in self._windows:
            if busy_count >= ASKED_MAX_COUNT:
                break
            if not self._is_open(window):
                continue
            peer = self._peer_for(window, now_ms)
            if peer is None:
                continue
            self._tokens += 1
            self._peers[peer].asked_count += 1
            self._outstanding[self._tokens] = peer
            window.asked_token, window.peer = self._tokens, peer
            asks.append(Ask(self._tokens, peer, window.from_height, window.count))
            busy_count += 1
        return asks

    def _peer_for(self, window: _Window[Content], now_ms: int) -> Hashable | None:
        """Return the free peer that has served least, one that did not fail here if there is."""
        free = [
            name
            for name, peer in self._peers.items()
            if peer.asked_count == 0 and peer.rests_until_ms <= now_ms
        ]
        if not free:
            return None
        if window.shunned.issuperset(self._peers):
            window.shunned.clear()
        fresh = [name for name in free if name not in window.shunned]
        if not fresh:
            # Whoever is only busy comes free soon; whoever rests may do so for ten minutes.
            if any(
                name not in window.shunned and peer.rests_until_ms <= now_ms
                for name, peer in self._peers.items()
            ):
                return None
            fresh = free
        return min(fresh, key=lambda name: self._peers[name].served_count)

    @staticmethod
    def _is_open(window: _Window[Content]) -> bool:
        return window.asked_token is None and window.content is None

    def _asked(self, token: int) -> _Window[Content] | None:
        """Return the window of an ask, None when it is no longer wanted."""
        for window in self._windows:
            if window.asked_token == token:
                return window
        return None

    def _free(self, token: int) -> _Peer | None:
        """Return the peer of an ask that came to its end, None when it went meanwhile."""
        peer = self._peers.get(self._outstanding.pop(token, None))
        if peer is not None:
            peer.asked_count -= 1
        return peer

    def _give_back(self, token: int) -> None:
        window = self._asked(token)
        if window is not None:
            window.shunned.add(window.peer)
            window.asked_token, window.peer = None, None
