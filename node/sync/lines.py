"""How much bandwidth others may take when they catch up from us. Pure.

Source: docs/specs/sync.md, SYNC-030.
"""

from collections.abc import Hashable

MEBIBYTE = 1024 * 1024
FOLLOWER_BYTES_PER_S = 2 * MEBIBYTE
FOLLOWERS_BYTES_PER_S = 8 * MEBIBYTE
AUTHORITY_BYTES_PER_S = 8 * MEBIBYTE
RANGES_PER_S = 4
BURST_MS = 2_000
"""A line that was quiet may be used for this long at once."""

LINES_MAX_COUNT = 512


class Bucket:
    """What may still be taken from a line that refills steadily.

    Held in thousandths, since a line refills by its rate in a second, a millisecond at a time.
    """

    __slots__ = ("_at_ms", "_held_milli", "_per_s")

    def __init__(self, per_s: int, now_ms: int) -> None:
        self._per_s = per_s
        self._held_milli = per_s * BURST_MS
        self._at_ms = now_ms

    def holds(self, now_ms: int) -> bool:
        """Return whether something may be taken now."""
        passed_ms = max(0, now_ms - self._at_ms)
        refilled = self._held_milli + self._per_s * passed_ms
        self._held_milli = min(self._per_s * BURST_MS, refilled)
        self._at_ms = max(self._at_ms, now_ms)
        return self._held_milli > 0

    def take(self, amount: int) -> None:
        """Take this much, be it more than there is: what follows waits for it."""
        self._held_milli -= amount * 1_000


class Lines:
    """The lines of all peers, and the one that followers share."""

    def __init__(self) -> None:
        self._peers: dict[Hashable, tuple[Bucket, Bucket]] = {}
        self._followers: Bucket | None = None

    def may_serve(self, peer: Hashable, now_ms: int, *, is_authority: bool) -> bool:
        """Return whether this peer may be answered now."""
        requests, line = self._lines_of(peer, now_ms, is_authority=is_authority)
        shared = self._shared(now_ms)
        return (
            requests.holds(now_ms) and line.holds(now_ms) and (is_authority or shared.holds(now_ms))
        )

    def served(self, peer: Hashable, size_bytes: int, now_ms: int, *, is_authority: bool) -> None:
        """Take an answer of this size from the lines it went over."""
        requests, line = self._lines_of(peer, now_ms, is_authority=is_authority)
        requests.take(1)
        line.take(size_bytes)
        if not is_authority:
            self._shared(now_ms).take(size_bytes)

    def _lines_of(
        self, peer: Hashable, now_ms: int, *, is_authority: bool
    ) -> tuple[Bucket, Bucket]:
        lines = self._peers.pop(peer, None)
        if lines is None:
            per_s = AUTHORITY_BYTES_PER_S if is_authority else FOLLOWER_BYTES_PER_S
            lines = Bucket(RANGES_PER_S, now_ms), Bucket(per_s, now_ms)
        while len(self._peers) >= LINES_MAX_COUNT:
            del self._peers[next(iter(self._peers))]
        self._peers[peer] = lines
        return lines

    def _shared(self, now_ms: int) -> Bucket:
        if self._followers is None:
            self._followers = Bucket(FOLLOWERS_BYTES_PER_S, now_ms)
        return self._followers
