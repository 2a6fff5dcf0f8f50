"""One transaction that waits, and the bounds under which it may."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from chain.block.transaction import Transaction
from chain.codec.record import Passing
from chain.limits import (
    MEMPOOL_BYTES_MAX,
    MEMPOOL_FUTURE_PER_LANE_MAX_COUNT,
    MEMPOOL_PARKED_MAX_MS,
    MEMPOOL_PENDING_PER_SIGNER_MAX_COUNT,
    MEMPOOL_TRANSACTIONS_MAX_COUNT,
)

SIGNER_SHARE_PPM = 50_000
"""No signer holds more than this part of the pool's transactions, nor of its bytes."""


class Limits(Protocol):
    """How much may wait; the section `mempool` of the configuration is one."""

    @property
    def transactions_max_count(self) -> int:
        """Most transactions in the pool."""
        ...

    @property
    def pool_max_bytes(self) -> int:
        """Most bytes in the pool."""
        ...

    @property
    def pending_per_signer_max_count(self) -> int:
        """Most transactions of one signer."""
        ...

    @property
    def future_per_lane_max_count(self) -> int:
        """Most transactions behind a gap of one lane."""
        ...

    @property
    def parked_max_ms(self) -> int:
        """Longest wait behind a gap."""
        ...


@dataclass(frozen=True)
class DefaultLimits:
    """The protocol's bounds (docs/specs/mempool.md)."""

    transactions_max_count: int = MEMPOOL_TRANSACTIONS_MAX_COUNT
    pool_max_bytes: int = MEMPOOL_BYTES_MAX
    pending_per_signer_max_count: int = MEMPOOL_PENDING_PER_SIGNER_MAX_COUNT
    future_per_lane_max_count: int = MEMPOOL_FUTURE_PER_LANE_MAX_COUNT
    parked_max_ms: int = MEMPOOL_PARKED_MAX_MS


class Entry(Passing, kw_only=False):
    """A transaction that waits.

    `arrival` numbers entries in the order they came; `parked_since_ms` is None unless a
    gap before it was seen.
    """

    transaction: Transaction
    arrival: int
    parked_since_ms: int | None = None

    @property
    def size_bytes(self) -> int:
        """Return how many bytes it takes in a block."""
        return len(self.transaction.data)


class Added(NamedTuple):
    """A transaction now waits. `evicted` had to make room, `replaced` gave up its place.

    `parked` says that it waits behind a gap and is not proposed until that is filled.
    """

    parked: bool
    replaced: bytes | None
    evicted: tuple[bytes, ...]
