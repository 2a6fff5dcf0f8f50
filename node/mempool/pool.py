"""The pool: who may wait, in which place, and what a block may take of it.

A transaction has a slot: signer, lane, sequence.  What stands in its lane's order right
after what is final is pending; what stands behind a gap is parked, for a short while.
The pool is told what the state expects by a function it is given, and the time by whoever
calls; signatures and the state's own opinion are asked before, at the door.

Source: docs/specs/mempool.md, POOL-001 to POOL-016.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Literal, TypeAlias

from chain.arithmetic import multiply_ppm_down
from chain.block.transaction import Transaction
from chain.kit.reason import Refusal
from node.mempool import reasons
from node.mempool.crowd import CLASSES_COUNT, Crowd
from node.mempool.entry import SIGNER_SHARE_PPM, Added, Entry, Limits
from node.mempool.past import Fate, Past
from node.mempool.selection import select

Lane: TypeAlias = tuple[bytes, int]
"""Signer and lane number."""

NextOf: TypeAlias = Callable[[bytes, int], int]
"""The sequence that a signer's lane expects next."""

_NO_ENTRIES: Mapping[int, Entry] = MappingProxyType({})
_NOTHING = (0, 0)

CANCEL_CLASS = 1
REPLACEABLE_CLASSES = (2, 3)


class Mempool:
    """Transactions that wait for a block."""

    def __init__(self, limits: Limits, next_of: NextOf) -> None:
        """Wait under these limits; `next_of` answers for the final state of the moment."""
        self._limits = limits
        self._next_of = next_of
        self._by_id: dict[bytes, Entry] = {}
        self._lanes: dict[Lane, dict[int, Entry]] = {}
        self._lanes_of: dict[bytes, dict[int, None]] = {}
        self._of_signer: dict[bytes, tuple[int, int]] = {}  # how many, of how many bytes
        self._expiring: dict[int, dict[bytes, None]] = {}
        self._crowd = Crowd()
        self._past = Past()
        self._arrivals_count = 0
        self._size_bytes = 0
        self._count_by_class = [0] * CLASSES_COUNT
        self._signer_max_count = min(
            limits.pending_per_signer_max_count,
            max(1, multiply_ppm_down(limits.transactions_max_count, SIGNER_SHARE_PPM)),
        )
        self._signer_max_bytes = multiply_ppm_down(limits.pool_max_bytes, SIGNER_SHARE_PPM)

    # -- looking

    @property
    def waiting_count(self) -> int:
        """Return how many transactions wait, parked ones included."""
        return len(self._by_id)

    @property
    def waiting_bytes(self) -> int:
        """Return how many bytes they have."""
        return self._size_bytes

    @property
    def waiting_by_class(self) -> tuple[int, ...]:
        """Return how many transactions of each class wait, parked ones included."""
        return tuple(self._count_by_class)

    def status(self, transaction_id: bytes) -> Literal["waiting"] | Fate | None:
        """Return `waiting`, what became of it, or None when this pool does not know."""
        return "waiting" if transaction_id in self._by_id else self._past.get(transaction_id)

    def get(self, transaction_id: bytes) -> Transaction | None:
        """Return a transaction that waits."""
        entry = self._by_id.get(transaction_id)
        return None if entry is None else entry.transaction

    def waiting_of(self, signer: bytes) -> list[Transaction]:
        """Return what waits of one signer, by lane and sequence."""
        return [
            self._lanes[signer, lane][sequence].transaction
            for lane in sorted(self._lanes_of.get(signer, ()))
            for sequence in sorted(self._lanes[signer, lane])
        ]

    def next_sequence(self, signer: bytes, lane: int) -> int:
        """Return the sequence for one more transaction behind what is pending in a lane."""
        expected = self._next_of(signer, lane)
        return expected + sum(1 for _ in self._run((signer, lane), expected))

    # -- coming

    def add(self, transaction: Transaction, now_ms: int, local: bool) -> Added | Refusal:
        """Let a genuine transaction wait, or return why it may not.

        Refusals: mempool.duplicate, .sequence_used, .sequence_gap_too_far, .slot_taken,
        .lane_full, .signer_full, .full.  What was here stays as it was then.
        """
        if transaction.id in self._by_id:
            return Refusal(reasons.DUPLICATE)
        body = transaction.body
        sequence = body.sequence
        expected = missing = self._next_of(body.signer, body.lane)
        entries = self._lanes.get((body.signer, body.lane), _NO_ENTRIES)
        while missing in entries:
            missing += 1
        former, refusal = None, None
        if sequence != missing:
            former = entries.get(sequence)
            refusal = self._place_refusal(transaction, expected, missing, former)
        parked = former is None and sequence > missing
        refusal = refusal or self._signer_refusal(transaction, former)
        if refusal is not None:
            return refusal
        evicted = self._room_for(transaction, former) if self._is_over(transaction, ()) else []
        if evicted is None:
            return Refusal(
                reasons.FULL, waiting_count=self.waiting_count, waiting_bytes=self._size_bytes
            )
        if former is not None:
            self._remove(former, "replaced")
        for entry in evicted:
            self._remove(entry, None)
        self._put(Entry(transaction, self._arrivals_count, local, now_ms if parked else None))
        return Added(
            parked,
            None if former is None else former.transaction.id,
            tuple(entry.transaction.id for entry in evicted),
        )

    def _place_refusal(
        self, transaction: Transaction, expected: int, missing: int, former: Entry | None
    ) -> Refusal | None:
        body, limits = transaction.body, self._limits
        if body.sequence < expected:
            return Refusal(
                reasons.SEQUENCE_USED, lane=body.lane, expected=expected, got=body.sequence
            )
        if former is not None:
            replaces = (
                transaction.transaction_class == CANCEL_CLASS
                and former.transaction.transaction_class in REPLACEABLE_CLASSES
            )
            if replaces:
                return None
            return Refusal(reasons.SLOT_TAKEN, lane=body.lane, sequence=body.sequence)
        if body.sequence <= missing:
            return None
        ahead_max = limits.pending_per_signer_max_count + limits.future_per_lane_max_count
        if body.sequence > expected + ahead_max:
            return Refusal(
                reasons.SEQUENCE_GAP_TOO_FAR, lane=body.lane, expected=expected, got=body.sequence
            )
        waiting_count = len(self._lanes.get((body.signer, body.lane), ()))
        if waiting_count - (missing - expected) >= limits.future_per_lane_max_count:
            return Refusal(
                reasons.LANE_FULL,
                lane=body.lane,
                limit_count=limits.future_per_lane_max_count,
                missing=missing,
            )
        return None

    def _signer_refusal(self, transaction: Transaction, former: Entry | None) -> Refusal | None:
        count, size_bytes = self._of_signer.get(transaction.body.signer, _NOTHING)
        if former is not None:
            count, size_bytes = count - 1, size_bytes - former.size_bytes
        if count < self._signer_max_count and (
            size_bytes + len(transaction.data) <= self._signer_max_bytes
        ):
            return None
        return Refusal(
            reasons.SIGNER_FULL,
            waiting_count=count,
            waiting_bytes=size_bytes,
            limit_count=self._signer_max_count,
            limit_bytes=self._signer_max_bytes,
        )

    def _room_for(self, transaction: Transaction, former: Entry | None) -> list[Entry] | None:
        """Return what must go to make room, nothing removed yet; None if that is not to be."""
        gone = [] if former is None else [former]
        evicted: list[Entry] = []
        self._set_aside(gone)
        while self._is_over(transaction, [*gone, *evicted]):
            entry = self._crowd.first_to_go(transaction.body.signer, transaction.transaction_class)
            if entry is None:
                break
            self._set_aside([entry])
            evicted.append(entry)
        for entry in (*gone, *evicted):
            self._crowd.put(entry)
        return None if self._is_over(transaction, [*gone, *evicted]) else evicted

    def _set_aside(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self._crowd.remove(entry)

    def _is_over(self, transaction: Transaction, without: Sequence[Entry]) -> bool:
        count = len(self._by_id) - len(without) + 1
        size_bytes = self._size_bytes + len(transaction.data)
        if without:
            size_bytes -= sum(entry.size_bytes for entry in without)
        limits = self._limits
        return count > limits.transactions_max_count or size_bytes > limits.pool_max_bytes

    # -- going

    def take(
        self,
        share_ppm: int = 1_000_000,
        without: Container[bytes] = (),
        next_of: NextOf | None = None,
    ) -> list[Transaction]:
        """Return what a block with this share of the limits may hold, in the body's order.

        Nothing leaves the pool.  `without` are ids in blocks that are not final yet: they
        are neither returned nor in the way of what follows in their lanes.  `next_of` may
        answer for the parent's state in place of the final one.
        """
        expected_in = next_of or self._next_of
        runs = (
            (
                signer,
                [
                    entry
                    for entry in self._run((signer, lane), expected_in(signer, lane))
                    if entry.transaction.id not in without
                ],
            )
            for signer, lanes in self._lanes_of.items()
            for lane in sorted(lanes)
        )
        return select(runs, share_ppm)

    def applied(self, transactions: Iterable[Transaction]) -> list[Transaction]:
        """Let go of what became final, and return what else waits of the same signers.

        Ask after the final state has moved.  Whoever knows the state may hold what is
        returned against it anew, since a key or a balance may have changed, and `refuse`
        what has no hope.
        """
        signers: dict[bytes, None] = {}
        for transaction in transactions:
            entry = self._by_id.get(transaction.id)
            if entry is not None:
                self._drop(entry)
            self._past.put(transaction.id, "applied")
            signers[transaction.body.signer] = None
        for signer in signers:
            for lane in sorted(self._lanes_of.get(signer, ())):
                expected = self._next_of(signer, lane)
                for sequence, entry in sorted(self._lanes[signer, lane].items()):
                    if sequence < expected:  # another transaction has used its slot
                        self._remove(entry, "replaced")
        return [each for signer in signers for each in self.waiting_of(signer)]

    def unfit(self, ids: Iterable[bytes]) -> None:
        """Let go of what no block could hold; of several in a lane, of the first alone.

        What stands behind the first may be unfit only because of it, and is parked.
        """
        first: dict[Lane, Entry] = {}
        for transaction_id in ids:
            entry = self._by_id.get(transaction_id)
            if entry is None:
                continue
            body = entry.transaction.body
            known = first.setdefault((body.signer, body.lane), entry)
            if body.sequence < known.transaction.body.sequence:
                first[body.signer, body.lane] = entry
        for entry in first.values():
            self._remove(entry, None)

    def refuse(self, transaction_id: bytes) -> None:
        """Let go of one that the state will never take."""
        entry = self._by_id.get(transaction_id)
        if entry is not None:
            self._remove(entry, "refused")

    def expire(self, height: int, now_ms: int) -> list[bytes]:
        """Let go of what can be in no block above this height, or is parked too long.

        Returns their ids.  What was parked and no longer is begins anew if it is again.
        """
        gone: list[bytes] = []
        for valid_until_height in sorted(self._expiring):
            if valid_until_height > height:
                break
            for transaction_id in list(self._expiring[valid_until_height]):
                gone.append(transaction_id)
                self._remove(self._by_id[transaction_id], "expired")
        for lane, entries in list(self._lanes.items()):
            expected = self._next_of(*lane)
            pending = {entry.arrival for entry in self._run(lane, expected)}
            for entry in list(entries.values()):
                if entry.arrival in pending:
                    entry.parked_since_ms = None
                elif entry.parked_since_ms is None:
                    entry.parked_since_ms = now_ms
                elif now_ms - entry.parked_since_ms >= self._limits.parked_max_ms:
                    gone.append(entry.transaction.id)
                    self._remove(entry, None)
        return gone

    def clear(self) -> None:
        """Let go of everything and forget what became of what: the chain went back."""
        for entry in list(self._by_id.values()):
            self._drop(entry)
        self._past = Past()

    # -- keeping the books

    def _run(self, lane: Lane, expected: int) -> Iterator[Entry]:
        """Return the entries of a lane from the expected sequence up to the first gap."""
        entries = self._lanes.get(lane)
        while entries is not None and (entry := entries.get(expected)) is not None:
            yield entry
            expected += 1

    def _put(self, entry: Entry) -> None:
        transaction = entry.transaction
        body = transaction.body
        signer, until = body.signer, body.valid_until_height
        self._arrivals_count += 1
        self._by_id[transaction.id] = entry
        entries = self._lanes.get((signer, body.lane))
        if entries is None:
            entries = self._lanes[signer, body.lane] = {}
            self._lanes_of.setdefault(signer, {})[body.lane] = None
        entries[body.sequence] = entry
        count, size_bytes = self._of_signer.get(signer, _NOTHING)
        self._of_signer[signer] = (count + 1, size_bytes + entry.size_bytes)
        if until not in self._expiring:
            self._expiring[until] = {}
        self._expiring[until][transaction.id] = None
        self._size_bytes += entry.size_bytes
        self._count_by_class[transaction.transaction_class] += 1
        self._crowd.put(entry)
        self._past.forget(transaction.id)

    def _remove(self, entry: Entry, fate: Fate | None) -> None:
        self._drop(entry)
        if fate is not None:
            self._past.put(entry.transaction.id, fate)

    def _drop(self, entry: Entry) -> None:
        transaction = entry.transaction
        body = transaction.body
        signer, lane = body.signer, (body.signer, body.lane)
        del self._by_id[transaction.id]
        entries = self._lanes[lane]
        del entries[body.sequence]
        if not entries:
            del self._lanes[lane]
            del self._lanes_of[signer][body.lane]
            if not self._lanes_of[signer]:
                del self._lanes_of[signer]
        count, size_bytes = self._of_signer[signer]
        if count > 1:
            self._of_signer[signer] = (count - 1, size_bytes - entry.size_bytes)
        else:
            del self._of_signer[signer]
        expiring = self._expiring[body.valid_until_height]
        del expiring[transaction.id]
        if not expiring:
            del self._expiring[body.valid_until_height]
        self._size_bytes -= entry.size_bytes
        self._count_by_class[transaction.transaction_class] -= 1
        self._crowd.remove(entry)
