"""Know which transactions are genuinely signed: checked once, in threads, remembered.

What is remembered is that these signatures by these keys are genuine, under the digest of
the whole bytes, signatures included; nothing here knows whether a key may act.

Source: docs/specs/signatures.md, SIG-030 to SIG-034.
"""

from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock

import trio

from chain.block.transaction import Transaction, are_genuine_transactions

GENUINE_MAX_COUNT = 20_000
"""As many as the pool holds: of what is admitted the executor knows, what is final is past."""
FALSE_MAX_COUNT = 10_000
"""Kept apart, so that a flood of false ones never pushes out what is known to be genuine."""
THREAD_FROM_COUNT = 20
"""A hop to a thread costs the loop two turns; from here on it pays, whoever signed."""
CHUNK_MIN_COUNT = 128
CHUNK_MAX_COUNT = 256
"""Signatures that one thread verifies before it tells: nobody waits for them beyond 15 ms.

At the door as many as may be, since each chunk costs the loop two turns; of a block, for which
consensus waits, few enough that all threads have some.
"""
THREADS_COUNT = 2
CHUNKS_A_THREAD = 4
"""A thread that the machine holds up leaves the others at most a quarter of its part."""


class _Underway:
    """What one thread verifies now, for those who need the same verdicts."""

    __slots__ = ("done", "verdicts")

    def __init__(self) -> None:
        self.done = Event()
        self.verdicts: dict[bytes, bool] = {}
        """By digest, once done; of a thread that failed there are none."""


class Signatures:
    """The verdicts on transactions, by the digest of their bytes."""

    def __init__(self) -> None:
        self._genuine: OrderedDict[bytes, None] = OrderedDict()
        self._false: OrderedDict[bytes, None] = OrderedDict()
        self._underway: dict[bytes, _Underway] = {}
        self._lock = Lock()  # the executor's thread asks too
        self._threads = ThreadPoolExecutor(THREADS_COUNT, thread_name_prefix="signatures")
        self._limiter = trio.CapacityLimiter(THREADS_COUNT)

    def is_cached(self, digest: bytes) -> bool:
        """Return whether the verdict on these bytes is known, whatever it is."""
        return digest in self._genuine or digest in self._false

    async def genuine(self, transactions: Sequence[Transaction]) -> list[bool]:
        """Return for each whether all its signatures are genuine.

        Few are checked at once; from twenty on in threads, while the loop goes on.
        """
        if sum([len(each.signatures) for each in transactions]) < THREAD_FROM_COUNT:
            verdicts_on_few = self._verified_alone(transactions)
            await trio.lowlevel.checkpoint()
            return verdicts_on_few
        chunks = _chunks(transactions, CHUNK_MAX_COUNT)
        verdicts: list[list[bool]] = [[]] * len(chunks)

        async def check(place: int) -> None:
            verdicts[place] = await trio.to_thread.run_sync(
                self._verified, chunks[place], limiter=self._limiter
            )

        if len(chunks) == 1:
            await check(0)  # without what a nursery costs
        else:
            async with trio.open_nursery() as nursery:
                for place in range(len(chunks)):
                    nursery.start_soon(check, place)
        return [verdict for chunk in verdicts for verdict in chunk]

    def genuine_in_thread(self, transaction: Transaction) -> bool:
        """Return whether all signatures of one are genuine. For any thread; blocks."""
        return self._verified_alone((transaction,))[0]

    def genuine_many_in_thread(self, transactions: Sequence[Transaction]) -> list[bool]:
        """Return for each whether its signatures are genuine, on all threads. Blocks.

        What another thread verifies now is waited for, never what only waits for its turn there.
        """
        if len(transactions) < THREAD_FROM_COUNT:
            return self._verified_alone(transactions)
        share_count = len(transactions) // (THREADS_COUNT * CHUNKS_A_THREAD)
        most_count = min(max(CHUNK_MIN_COUNT, share_count), CHUNK_MAX_COUNT)
        verdicts = self._threads.map(self._verified, _chunks(transactions, most_count))
        return [verdict for chunk in verdicts for verdict in chunk]

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _verified_alone(self, transactions: Sequence[Transaction]) -> list[bool]:
        """Return for each whether its signatures are genuine, whatever other threads verify."""
        verdicts = self._known_many(transactions)
        places = [place for place, verdict in enumerate(verdicts) if verdict is None]
        answers = (
            are_genuine_transactions([transactions[place] for place in places]) if places else []
        )
        self._remember_many([transactions[place].digest for place in places], answers)
        for place, answer in zip(places, answers, strict=True):
            verdicts[place] = answer
        return [bool(verdict) for verdict in verdicts]

    def _verified(self, transactions: Sequence[Transaction]) -> list[bool]:
        """Return for each whether its signatures are genuine. In a thread, which it may block.

        What is known is not verified again.  What others verify at this moment is waited for
        once the rest is done, so no two threads wait for each other.
        """
        mine, elsewhere = _Underway(), {}
        verdicts = self._known_many(transactions)
        unknown = [place for place, verdict in enumerate(verdicts) if verdict is None]
        places: list[int] = []
        with self._lock:
            for place in unknown:
                other = self._underway.setdefault(transactions[place].digest, mine)
                if other is mine:
                    places.append(place)
                else:
                    elsewhere[place] = other
        digests = [transactions[place].digest for place in places]
        try:
            answers = are_genuine_transactions([transactions[place] for place in places])
            mine.verdicts = dict(zip(digests, answers, strict=True))
            self._remember_many(digests, answers)
        finally:
            with self._lock:
                for digest in digests:
                    self._underway.pop(digest, None)
            mine.done.set()
        for place, answer in zip(places, answers, strict=True):
            verdicts[place] = answer
        for place, other in elsewhere.items():
            other.done.wait()
            verdicts[place] = other.verdicts.get(transactions[place].digest)
        return [
            self.genuine_in_thread(each) if verdict is None else verdict
            for each, verdict in zip(transactions, verdicts, strict=True)
        ]

    def _known_many(self, transactions: Sequence[Transaction]) -> list[bool | None]:
        genuine, false = self._genuine, self._false
        verdicts: list[bool | None] = []
        with self._lock:
            for transaction in transactions:
                digest = transaction.digest
                if digest in genuine:
                    genuine.move_to_end(digest)
                    verdicts.append(True)
                else:
                    verdicts.append(False if digest in false else None)
        return verdicts

    def _remember_many(self, digests: Sequence[bytes], verdicts: Sequence[bool]) -> None:
        with self._lock:
            for digest, verdict in zip(digests, verdicts, strict=True):
                (self._genuine if verdict else self._false)[digest] = None
            while len(self._genuine) > GENUINE_MAX_COUNT:
                self._genuine.popitem(last=False)
            while len(self._false) > FALSE_MAX_COUNT:
                self._false.popitem(last=False)


def _chunks(transactions: Sequence[Transaction], most_count: int) -> list[Sequence[Transaction]]:
    """Return them in runs of at most so many signatures; one that has more stands alone."""
    chunks: list[Sequence[Transaction]] = []
    start = held_count = 0
    for place, transaction in enumerate(transactions):
        count = len(transaction.signatures)
        if held_count and held_count + count > most_count:
            chunks.append(transactions[start:place])
            start, held_count = place, 0
        held_count += count
    chunks.append(transactions[start:])
    return chunks
