"""What a block may take: classes in order, each with its share, signers by turns.

A group of classes gets its share of count, bytes and work, and what the others cannot
use.  Inside a class each signer gives one at a time, from its lowest lane, and signers
come in the order in which their oldest arrived.  A lane gives its sequences in order, so
one of a lower class behind one of a higher waits for the next block.

Source: docs/specs/mempool.md, POOL-010, POOL-011.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from chain.arithmetic import multiply_ppm_down
from chain.block.transaction import Transaction
from chain.limits import (
    BLOCK_BODY_BYTES_MAX,
    BLOCK_TRANSACTIONS_MAX_COUNT,
    BLOCK_WORK_MAX_COUNT,
)
from node.mempool.entry import Entry

GROUP_OF_CLASS = (0, 1, 2, 2, 3)
GROUP_SHARES_PPM = (100_000, 300_000, 500_000, 100_000)
FRAME_BYTES = 128
"""What the body's own structure takes at most."""
ENTRY_FRAME_BYTES = 5
"""The header of one transaction's bytes in the body."""


@dataclass(slots=True)
class Room:
    """Count, bytes and work that are still free."""

    count: int
    size_bytes: int
    work: int

    def holds(self, size_bytes: int, work: int, kept_back: "Room") -> bool:
        """Return whether one more of this size and work fits beside what is kept back."""
        return (
            self.count > kept_back.count
            and self.size_bytes - size_bytes >= kept_back.size_bytes
            and self.work - work >= kept_back.work
        )

    def take(self, size_bytes: int, work: int) -> None:
        """Take one more out."""
        self.count -= 1
        self.size_bytes -= size_bytes
        self.work -= work


Run: TypeAlias = Sequence[Entry]
"""Entries of one lane without a gap, from the first that a block may take."""


def select(runs: Iterable[tuple[bytes, Run]], share_ppm: int) -> list[Transaction]:
    """Return what a block with this share of the limits takes, in the order of its body.

    `runs` are (signer, run), lanes of a signer ascending.
    """
    limits = Room(
        multiply_ppm_down(BLOCK_TRANSACTIONS_MAX_COUNT, share_ppm),
        multiply_ppm_down(BLOCK_BODY_BYTES_MAX, share_ppm) - FRAME_BYTES,
        multiply_ppm_down(BLOCK_WORK_MAX_COUNT, share_ppm),
    )
    lanes: dict[bytes, list[deque[Entry]]] = {}
    for signer, run in runs:
        lanes.setdefault(signer, []).append(deque(run))
    waiting = [entry for queues in lanes.values() for queue in queues for entry in queue]
    classes = {entry.transaction.transaction_class for entry in waiting}
    claims = _claims_of(waiting, classes, limits)
    free = limits
    chosen: list[Transaction] = []
    for transaction_class, group in enumerate(GROUP_OF_CLASS):
        if transaction_class not in classes:
            continue
        later = claims[group + 1 :]
        kept_back = Room(
            sum(claim.count for claim in later),
            sum(claim.size_bytes for claim in later),
            sum(claim.work for claim in later),
        )
        _take_class(transaction_class, lanes, free, kept_back, chosen)
    return chosen


def _claims_of(waiting: list[Entry], classes: set[int], limits: Room) -> list[Room]:
    """Return what each group may insist on: its share, or what it asks if that is less.

    Nothing is kept back for the first group that waits, so that what it asks is not counted.
    """
    first = min((GROUP_OF_CLASS[one] for one in classes), default=0)
    if all(GROUP_OF_CLASS[one] == first for one in classes):
        waiting = []
    claims = [Room(0, 0, 0) for _ in GROUP_SHARES_PPM]
    for entry in waiting:
        group = GROUP_OF_CLASS[entry.transaction.transaction_class]
        if group > first:
            asked = claims[group]
            asked.count += 1
            asked.size_bytes += entry.size_bytes + ENTRY_FRAME_BYTES
            asked.work += entry.transaction.weight
    for claim, share in zip(claims, GROUP_SHARES_PPM, strict=True):
        claim.count = min(claim.count, multiply_ppm_down(limits.count, share))
        claim.size_bytes = min(claim.size_bytes, multiply_ppm_down(limits.size_bytes, share))
        claim.work = min(claim.work, multiply_ppm_down(limits.work, share))
    return claims


def _take_class(
    transaction_class: int,
    lanes: dict[bytes, list[deque[Entry]]],
    free: Room,
    kept_back: Room,
    chosen: list[Transaction],
) -> None:
    """Move what fits of one class to `chosen`, signers by turns, and out of `free`."""
    oldest: list[tuple[int, bytes]] = []
    for signer, queues in lanes.items():
        heads = [
            queue[0].arrival
            for queue in queues
            if queue and queue[0].transaction.transaction_class == transaction_class
        ]
        if heads:
            oldest.append((min(heads), signer))
    turns = deque(signer for _, signer in sorted(oldest))
    while turns and free.count > kept_back.count:
        signer = turns.popleft()
        for queue in lanes[signer]:
            if not queue or queue[0].transaction.transaction_class != transaction_class:
                continue
            entry = queue[0]
            size_bytes = entry.size_bytes + ENTRY_FRAME_BYTES
            if not free.holds(size_bytes, entry.transaction.weight, kept_back):
                queue.clear()  # nor what comes behind it in its lane
                continue
            free.take(size_bytes, entry.transaction.weight)
            chosen.append(entry.transaction)
            queue.popleft()
            turns.append(signer)
            break
