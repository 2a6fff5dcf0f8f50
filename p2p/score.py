"""Who misbehaved, how much, and who is banned for it: pure, time is an argument.

A peer collects points for offences and loses them with time; at the threshold it is banned.
Source: docs/specs/network.md, NET-040 to NET-043.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from p2p import limits
from p2p.network import PeerId

THRESHOLD = 1000
"""So many points and the peer is banned. A second of good behaviour takes one away."""

GRAVE = THRESHOLD
"""One such offence is enough: no honest node of any release commits it."""

ORDINARY = 250
"""What a name that is not listed here costs: four in a short time ban."""

OFFENCES = {
    "undecodable": GRAVE,
    "malformed": GRAVE,
    "unreadable_batch": GRAVE,
    "wrong_report": GRAVE,
    "bad_signature": GRAVE,
    "bad_certificate": GRAVE,
    "empty_frame": GRAVE,
    "unknown_kind": GRAVE,
    "oversize_frame": GRAVE,
    "window_overrun": GRAVE,
    "too_many_streams": 50,
    "gossip_undecodable": 500,
    "gossip_oversize": 500,
    "gossip_flood": 100,
    "too_many_requests": 50,
}
"""Points by name; of a name with dots (`consensus.malformed`) the last part counts."""

REMEMBERED_MAX_COUNT = 4096
"""Peers with points. More, and those with the fewest are forgotten."""


@dataclass(frozen=True)
class Ban:
    """A peer's points reached the threshold."""

    peer: PeerId
    offence: str
    until: float
    seconds: float


@dataclass
class _Account:
    points: float
    at: float
    banned_until: float


class Scores:
    """The points of all peers. A time that is given must not lie before an earlier one."""

    def __init__(self) -> None:
        """Begin with nobody known."""
        self._accounts: dict[PeerId, _Account] = {}

    def charge(self, peer: PeerId, offence: str, *, authority: bool, now: float) -> Ban | None:
        """Add the points of an offence; return the ban if this was one too many.

        A ban takes the points away, so that one who comes back begins anew. An authority is
        banned for a short time only: the chain cannot do without it.
        """
        account = self._settled(peer, now)
        account.points += OFFENCES.get(offence.rpartition(".")[2], ORDINARY)
        if account.points < THRESHOLD:
            self._forget_least(now)
            return None
        seconds = limits.BAN_AUTHORITY_S if authority else limits.BAN_S
        account.points = 0
        account.banned_until = max(account.banned_until, now + seconds)
        self._forget_least(now)
        return Ban(peer, offence, account.banned_until, seconds)

    def is_banned(self, peer: PeerId, now: float) -> bool:
        """Whether a peer's ban has not run out yet."""
        account = self._accounts.get(peer)
        return account is not None and now < account.banned_until

    def score(self, peer: PeerId, now: float) -> int:
        """Return a peer's standing: 0 is spotless, minus `THRESHOLD` would be a ban.

        Rounds: towards zero.
        """
        account = self._accounts.get(peer)
        return 0 if account is None else -int(_points(account, now))

    def banned(self, now: float) -> Iterable[PeerId]:
        """Return those whose bans have not run out."""
        return [peer for peer, account in self._accounts.items() if now < account.banned_until]

    def _settled(self, peer: PeerId, now: float) -> _Account:
        """Return a peer's account with its points as they are now."""
        account = self._accounts.setdefault(peer, _Account(0, now, 0))
        account.points = _points(account, now)
        account.at = now
        return account

    def _forget_least(self, now: float) -> None:
        """Keep the table bounded: identities cost nothing to make."""
        if len(self._accounts) <= REMEMBERED_MAX_COUNT:
            return
        least = min(
            self._accounts,
            key=lambda peer: (
                now < self._accounts[peer].banned_until,
                _points(self._accounts[peer], now),
            ),
        )
        del self._accounts[least]


def _points(account: _Account, now: float) -> float:
    return max(0, account.points - (now - account.at))


class Bucket:
    """A token bucket: so much a second, and a burst after a rest."""

    def __init__(self, per_s: float, burst: float, now: float) -> None:
        """Begin full."""
        self._per_s = per_s
        self._burst = burst
        self._held = burst
        self._at = now

    def take(self, amount: float, now: float) -> bool:
        """Take an amount and return True, or leave the bucket as it is and return False."""
        self._fill(now)
        if amount > self._held:
            return False
        self._held -= amount
        return True

    def owe(self, amount: float, now: float) -> int:
        """Take an amount, into debt if need be; return the milliseconds until there is none.

        Rounds: up.
        """
        self._fill(now)
        self._held -= amount
        return max(0, -int(1000 * self._held // self._per_s))

    def _fill(self, now: float) -> None:
        self._held = min(self._burst, self._held + (now - self._at) * self._per_s)
        self._at = now
