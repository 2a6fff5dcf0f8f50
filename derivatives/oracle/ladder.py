"""The states of a feed: what it may be used for, by how old and how certain its price is.

States, from good to bad: normal, degraded, jump, stale, auction, invalid.  Age counts from
`updated_ms` in header time; a value that jumped is held back until the reporters have
agreed on its direction three times, and counts as stale meanwhile.

Source: docs/specs/oracle.md, ORAC-020 to ORAC-029.
"""

from enum import IntEnum

DEGRADED_AFTER_MS = 1_500
STALE_AFTER_MS = 3_000
AUCTION_AFTER_MS = 30_000
JUMP_CONFIRMATIONS_COUNT = 3
RECOVERY_SECTIONS_COUNT = 3
GRACE_MAX_MS = 600_000
SURFACE_STALE_AFTER_MS = 20_000
SURFACE_AUCTION_AFTER_MS = 120_000
SURFACE_MOVE_MAX_PPM = 250_000
"""Of total variance: a surface that moves further waits until three rounds say so."""


class FeedState(IntEnum):
    """How far a feed may be trusted; stored as its number."""

    INVALID = 0
    NORMAL = 1
    DEGRADED = 2
    JUMP = 3
    STALE = 4
    AUCTION = 5


class Action(IntEnum):
    """What somebody wants to do with a price; the columns of the matrix."""

    OPEN = 1
    REDUCE = 2
    WITHDRAW = 3
    LIQUIDATE = 4
    QUOTE = 5
    SETTLE = 6


def state_by_age(age_ms: int) -> FeedState:
    """Return what age alone makes of a feed.

    >>> state_by_age(1_500).name, state_by_age(30_001).name
    ('NORMAL', 'AUCTION')
    """
    if age_ms <= DEGRADED_AFTER_MS:
        return FeedState.NORMAL
    if age_ms <= STALE_AFTER_MS:
        return FeedState.DEGRADED
    if age_ms <= AUCTION_AFTER_MS:
        return FeedState.STALE
    return FeedState.AUCTION


def surface_state_by_age(age_ms: int) -> FeedState:
    """Return what age alone makes of a surface, of which there is one each five seconds.

    >>> surface_state_by_age(20_000).name, surface_state_by_age(120_001).name
    ('NORMAL', 'AUCTION')
    """
    if age_ms <= SURFACE_STALE_AFTER_MS:
        return FeedState.NORMAL
    return FeedState.STALE if age_ms <= SURFACE_AUCTION_AFTER_MS else FeedState.AUCTION


def worse_of(one: FeedState, other: FeedState) -> FeedState:
    """Return the state that is trusted less, of two that something needs.

    >>> worse_of(FeedState.NORMAL, FeedState.STALE).name
    'STALE'
    >>> worse_of(FeedState.INVALID, FeedState.AUCTION).name
    'INVALID'
    """
    if FeedState.INVALID in {one, other}:
        return FeedState.INVALID
    return max(one, other)


def grace_ms(outage_ms: int) -> int:
    """Return how long liquidations wait after an outage: as long as it, at most ten minutes."""
    return min(outage_ms, GRACE_MAX_MS)
