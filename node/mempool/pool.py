"""The pool: who may wait, in which place, and what a block may take of it.

A transaction has a slot: signer, lane, sequence.  What stands in its lane's order right
after what is final is pending; what stands behind a gap is parked, for a short while.
The pool is told what the state expects by a function it is given, and the time by whoever
calls; signatures and the state's own opinion are asked before, at the door.

Source: docs/specs/mempool.md, POOL-001 to POOL-016.
"""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Literal, TypeAlias

from chain.arithmetic import multiply_ppm_down
from chain.block.transaction import Transaction
from chain.kit.reason import Refusal
from node.mempool import reasons
from node.mempool.crowd import CLASSES_COUNT, Crowd
from node.mempool.entry import SIGNER_SHARE_PPM, Added, Entry, Limits
from node.mempool.lanes import Lane, Signer
from node.mempool.past import Fate, Past
from node.mempool.places import place_refusal
from node.mempool.selection import select

NextOf: TypeAlias = Callable[[bytes, int], int]
"""The sequence that a signer's lane expects next."""

_PENDING = Added(parked=False, replaced=None, evicted=())


class Mempool:
    """Transactions that wait for a block."""

    def __init__(self, limits: Limits, next_of: NextOf) -> None:
        """Wait under these limits; `next_of` answers for the final state of the moment."""
        self._limits = limits
        self._next_of = next_of
        self._by_id: dict[bytes, Entry] = {}
        self._signers: dict[bytes, Signer] = {}
        self._crowd: Crowd | None = None
        """Only of a pool that was full and is not half empty since."""
        self._earliest_until = 0
        """The lowest `valid_until_height` that waits, or something below it."""
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
        """Return `waiting`, why it no longer does, or None when this pool does not know.

        What became final is not known here: ask the store.
        """
        return "waiting" if transaction_id in self._by_id else self._past.get(transaction_id)

    @property
    def known(self) -> tuple[Mapping[bytes, object], ...]:
        """Return what has every id that `status` knows as a key, live."""
        return (self._by_id, self._past.fates)

    def get(self, transaction_id: bytes) -> Transaction | None:
        """Return a transaction that waits."""
        entry = self._by_id.get(transaction_id)
        return None if entry is None else entry.transaction

    def waiting_of(self, signer: bytes) -> list[Transaction]:
        """Return what waits of one signer, by lane and sequence."""
        held = self._signers.get(signer)
        return (
            []
            if held is None
            else [
                lane.entries[sequence].transaction
                for _, lane in sorted(held.lanes.items())
                for sequence in sorted(lane.entries)
            ]
        )

    def is_noted(self, signer: bytes, standing: object, height: int) -> bool:
        """Return whether this was noted of a signer, and nothing is valid until below a height.

        Of a signer of whom nothing waits, nothing is noted.
        """
        held = self._signers.get(signer)
        return held is not None and held.standing == standing and height <= self._earliest_until

    def note(self, signer: bytes, standing: object) -> None:
        """Note the standing in which all that waits of a signer may wait; None for none."""
        held = self._signers.get(signer)
        if held is not None:
            held.standing = standing

    def next_sequence(self, signer: bytes, lane: int) -> int:
        """Return the sequence for one more transaction behind what is pending in a lane."""
        expected = self._next_of(signer, lane)
        held = self._lane(signer, lane)
        return expected if held is None else held.missing_from(expected)

    # -- coming

    def add(self, transaction: Transaction, now_ms: int) -> Added | Refusal:
        """Let a genuine transaction wait, or return why it may not.

        Refusals: mempool.duplicate, .sequence_used, .sequence_gap_too_far, .slot_taken,
        .lane_full, .signer_full, .full.  What was here stays as it was then.
        """
        if transaction.id in self._by_id:
            return Refusal(reasons.DUPLICATE)
        body = transaction.body
        expected = self._next_of(body.signer, body.lane)
        signer = self._signers.get(body.signer)
        lane = None if signer is None else signer.lanes.get(body.lane)
        missing = expected if lane is None else lane.missing_from(expected)
        former, refusal = None, None
        if body.sequence != missing:
            former = None if lane is None else lane.entries.get(body.sequence)
            refusal = place_refusal(
                transaction,
                expected,
                missing,
                former,
                waiting_count=0 if lane is None else len(lane.entries),
                limits=self._limits,
            )
        refusal = refusal or self._signer_refusal(transaction, signer, former)
        if refusal is not None:
            return refusal
        if former is None and body.sequence == missing and not self._is_over(transaction, ()):
            self._put(Entry(transaction, self._arrivals_count), signer, lane)
            return _PENDING
        return self._put_elsewhere(transaction, former, missing, now_ms)

    def add_many(self, transactions: Sequence[Transaction], now_ms: int) -> list[Added | Refusal]:
        """Let genuine transactions wait as `add` does, one after the other; return its answers.

        What comes next in its lane while there is room for all is put in without further ado.
        """
        size_bytes = sum([len(transaction.data) for transaction in transactions])
        limits = self._limits
        has_room = (
            len(self._by_id) + len(transactions) <= limits.transactions_max_count
            and self._size_bytes + size_bytes <= limits.pool_max_bytes
        )
        if not has_room or self._crowd is not None:
            return [self.add(transaction, now_ms) for transaction in transactions]
        answers: list[Added | Refusal] = []
        while len(answers) < len(transactions):
            answers += [_PENDING] * self._put_next(transactions, len(answers))
            if len(answers) < len(transactions):
                answers.append(self.add(transactions[len(answers)], now_ms))
        return answers

    def _put_next(self, transactions: Sequence[Transaction], start: int) -> int:
        """Put in, from this place on, what comes next in its lane; return how many did so.

        There is room for all of them.
        """
        by_id, counts = self._by_id, self._count_by_class
        places: dict[tuple[bytes, int], tuple[Signer, Lane]] = {}
        put_bytes = put_count = 0
        for transaction in islice(transactions, start, None):
            body = transaction.body
            name, number, sequence = body.signer, body.lane, body.sequence
            place = places.get((name, number))
            if place is None:
                place = places[name, number] = self._opened(name, number)
            signer, lane = place
            size_bytes = len(transaction.data)
            if (
                sequence != lane.missing
                or signer.count >= self._signer_max_count
                or signer.size_bytes + size_bytes > self._signer_max_bytes
                or transaction.id in by_id
            ):
                break
            if not by_id or body.valid_until_height < self._earliest_until:
                self._earliest_until = body.valid_until_height
            by_id[transaction.id] = entry = Entry(transaction, self._arrivals_count + put_count)
            lane.put(sequence, entry)
            signer.count += 1
            signer.size_bytes += size_bytes
            put_count += 1
            put_bytes += size_bytes
            counts[transaction.transaction_class] += 1
        self._arrivals_count += put_count
        self._size_bytes += put_bytes
        self._close_empty(places)
        return put_count

    def _opened(self, name: bytes, number: int) -> tuple[Signer, Lane]:
        """Return a signer and its lane, which may hold nothing yet, with the first gap known."""
        signer = self._signers.get(name)
        if signer is None:
            signer = self._signers[name] = Signer()
        lane = signer.lanes.get(number)
        if lane is None:
            lane = signer.lanes[number] = Lane()
        lane.missing_from(self._next_of(name, number))
        return signer, lane

    def _close_empty(self, places: Mapping[tuple[bytes, int], tuple[Signer, Lane]]) -> None:
        """Let go of signers and lanes that hold nothing."""
        for (name, number), (signer, lane) in places.items():
            if not lane.entries:
                del signer.lanes[number]
            if not signer.count:
                self._signers.pop(name, None)

    def _put_elsewhere(
        self, transaction: Transaction, former: Entry | None, missing: int, now_ms: int
    ) -> Added | Refusal:
        """Put in one that parks, takes another's place, or for which others make room."""
        parked = former is None and transaction.body.sequence > missing
        evicted = self._room_for(transaction, former) if self._is_over(transaction, ()) else []
        if evicted is None:
            return Refusal(
                reasons.FULL, waiting_count=self.waiting_count, waiting_bytes=self._size_bytes
            )
        if former is not None:
            self._remove(former, "replaced")
        for entry in evicted:
            self._remove(entry, None)
        entry = Entry(transaction, self._arrivals_count, now_ms if parked else None)
        body = transaction.body
        self._put(entry, self._signers.get(body.signer), self._lane(body.signer, body.lane))
        return Added(
            parked,
            None if former is None else former.transaction.id,
            tuple(entry.transaction.id for entry in evicted),
        )

    def _signer_refusal(
        self, transaction: Transaction, signer: Signer | None, former: Entry | None
    ) -> Refusal | None:
        count, size_bytes = (0, 0) if signer is None else (signer.count, signer.size_bytes)
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
        crowd = self._crowd
        if crowd is None:
            crowd = self._crowd = Crowd()
            for entry in self._by_id.values():
                crowd.put(entry)
        gone = [] if former is None else [former]
        evicted: list[Entry] = []
        for entry in gone:
            crowd.remove(entry)
        while self._is_over(transaction, [*gone, *evicted]):
            first = crowd.first_to_go(transaction.body.signer, transaction.transaction_class)
            if first is None:
                break
            crowd.remove(first)
            evicted.append(first)
        for entry in (*gone, *evicted):
            crowd.put(entry)
        return None if self._is_over(transaction, [*gone, *evicted]) else evicted

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
        without: Collection[bytes] = (),
        next_of: NextOf | None = None,
    ) -> list[Transaction]:
        """Return what a block with this share of the limits may hold, in the body's order.

        Nothing leaves the pool.  `without` are ids in blocks that are not final yet: they
        are neither returned nor in the way of what follows in their lanes.  `next_of` may
        answer for the parent's state in place of the final one.
        """
        expected_in = next_of or self._next_of
        runs = (
            (signer, held.run(expected_in(signer, lane)))
            for signer, holds in self._signers.items()
            for lane, held in sorted(holds.lanes.items())
        )
        if without:
            runs = (
                (signer, [entry for entry in run if entry.transaction.id not in without])
                for signer, run in runs
            )
        return select(runs, share_ppm)

    def applied(self, transactions: Iterable[Transaction]) -> list[bytes]:
        """Let go of what became final, and return those of its signers of whom something waits.

        Ask after the final state has moved.  Whoever knows the state may hold against it what
        waits of them, since a key or a balance may have changed, and `refuse` what has no hope.
        """
        by_id, fates = self._by_id, self._past.fates
        signers: dict[bytes, None] = {}
        for transaction in transactions:
            if transaction.id in by_id:
                self._drop(by_id[transaction.id])
            if fates:
                fates.pop(transaction.id, None)
            signers[transaction.body.signer] = None
        for signer in signers:
            held = self._signers.get(signer)
            for number, lane in sorted(held.lanes.items()) if held is not None else ():
                for sequence in lane.used_before(self._next_of(signer, number)):
                    self._remove(lane.entries[sequence], "replaced")
        return [signer for signer in signers if signer in self._signers]

    def unfit(self, ids: Iterable[bytes]) -> None:
        """Let go of what no block could hold; of several in a lane, of the first alone.

        What stands behind the first may be unfit only because of it, and is parked.
        """
        first: dict[tuple[bytes, int], Entry] = {}
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
        gone = [entry.transaction.id for entry in self._expired(height)]
        for transaction_id in gone:
            self._remove(self._by_id[transaction_id], "expired")
        for name, signer in list(self._signers.items()):
            for number, lane in list(signer.lanes.items()):
                expected = self._next_of(name, number)
                missing = lane.missing_from(expected)
                for sequence, entry in list(lane.entries.items()):
                    if expected <= sequence < missing:
                        entry.parked_since_ms = None
                    elif entry.parked_since_ms is None:
                        entry.parked_since_ms = now_ms
                    elif now_ms - entry.parked_since_ms >= self._limits.parked_max_ms:
                        gone.append(entry.transaction.id)
                        self._remove(entry, None)
        return gone

    def _expired(self, height: int) -> list[Entry]:
        """Return what is valid until this height or less, the earliest first."""
        if height < self._earliest_until or not self._by_id:
            return []
        ordered = sorted(
            self._by_id.values(), key=lambda entry: entry.transaction.body.valid_until_height
        )
        untils = [entry.transaction.body.valid_until_height for entry in ordered]
        count = bisect_right(untils, height)
        self._earliest_until = untils[min(count, len(untils) - 1)]
        return ordered[:count]

    def clear(self) -> None:
        """Let go of everything and forget what became of what: the chain went back."""
        for entry in list(self._by_id.values()):
            self._drop(entry)
        self._past = Past()

    # -- keeping the books

    def _lane(self, signer: bytes, lane: int) -> Lane | None:
        held = self._signers.get(signer)
        return None if held is None else held.lanes.get(lane)

    def _put(self, entry: Entry, signer: Signer | None, lane: Lane | None) -> None:
        """Hold an entry, in what its signer and its lane hold already, if that is anything."""
        transaction = entry.transaction
        body = transaction.body
        size_bytes = len(transaction.data)
        if signer is None:
            signer = self._signers[body.signer] = Signer()
        if lane is None:
            lane = signer.lanes[body.lane] = Lane()
        if not self._by_id or body.valid_until_height < self._earliest_until:
            self._earliest_until = body.valid_until_height
        self._arrivals_count += 1
        self._by_id[transaction.id] = entry
        lane.put(body.sequence, entry)
        signer.count += 1
        signer.size_bytes += size_bytes
        self._size_bytes += size_bytes
        self._count_by_class[transaction.transaction_class] += 1
        if self._crowd is not None:
            self._crowd.put(entry)

    def _remove(self, entry: Entry, fate: Fate | None) -> None:
        self._drop(entry)
        if fate is not None:
            self._past.put(entry.transaction.id, fate)
        else:  # and what became of it before it came again
            self._past.forget(entry.transaction.id)

    def _drop(self, entry: Entry) -> None:
        transaction = entry.transaction
        body = transaction.body
        name, size_bytes = body.signer, len(transaction.data)
        del self._by_id[transaction.id]
        signer = self._signers[name]
        lane = signer.lanes[body.lane]
        lane.remove(body.sequence)
        if not lane.entries:
            del signer.lanes[body.lane]
        signer.count -= 1
        signer.size_bytes -= size_bytes
        if not signer.count:
            del self._signers[name]
        self._size_bytes -= size_bytes
        self._count_by_class[transaction.transaction_class] -= 1
        if self._crowd is not None:
            self._crowd.remove(entry)
            if 2 * len(self._by_id) < self._limits.transactions_max_count and (
                2 * self._size_bytes < self._limits.pool_max_bytes
            ):
                self._crowd = None
