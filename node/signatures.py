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

GENUINE_MAX_COUNT = 100_000
FALSE_MAX_COUNT = 10_000
"""Kept apart, so that a flood of false ones never pushes out what is known to be genuine."""
THREAD_FROM_COUNT = 20
"""One hop to a thread costs as much as checking a signature; from here on it pays."""
CHUNK_MIN_COUNT = 128
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

    def __init__(self, thread_count: int = 2) -> None:
        self._genuine: OrderedDict[bytes, None] = OrderedDict()
        self._false: OrderedDict[bytes, None] = OrderedDict()
        self._underway: dict[bytes, _Underway] = {}
        self._lock = Lock()  # the executor's thread asks too
        self._thread_count = thread_count
        self._threads = ThreadPoolExecutor(thread_count, thread_name_prefix="signatures")
        self._limiter = trio.CapacityLimiter(thread_count)

    def is_cached(self, digest: bytes) -> bool:
        """Return whether the verdict on these bytes is known, whatever it is."""
        return digest in self._genuine or digest in self._false

    async def genuine(self, transactions: Sequence[Transaction]) -> list[bool]:
        """Return for each whether all its signatures are genuine.

        Few are checked at once; from twenty on in threads, while the loop goes on.
        """
        verdicts = self._known_many(transactions)
        unknown = [place for place, verdict in enumerate(verdicts) if verdict is None]
        signature_count = sum(len(transactions[place].signatures) for place in unknown)
        if signature_count < THREAD_FROM_COUNT:
            for place in unknown:
                verdicts[place] = self.genuine_in_thread(transactions[place])
            await trio.lowlevel.checkpoint()
        else:

            async def check(places: list[int]) -> None:
                part = [transactions[place] for place in places]
                answers = await trio.to_thread.run_sync(self._verified, part, limiter=self._limiter)
                for place, answer in zip(places, answers, strict=True):
                    verdicts[place] = answer

            first, *others = self._chunks(unknown)
            if not others:
                await check(first)  # without what a nursery costs
            else:
                async with trio.open_nursery() as nursery:
                    for places in (first, *others):
                        nursery.start_soon(check, places)
        return [verdict is True for verdict in verdicts]

    def genuine_in_thread(self, transaction: Transaction) -> bool:
        """Return whether all signatures of one are genuine. For any thread; blocks."""
        (verdict,) = self._known_many((transaction,))
        if verdict is None:
            (verdict,) = are_genuine_transactions((transaction,))
            self._remember_many((transaction.digest,), (verdict,))
        return verdict

    def genuine_many_in_thread(self, transactions: Sequence[Transaction]) -> list[bool]:
        """Return for each whether its signatures are genuine, on all threads. Blocks.

        What another thread verifies now is waited for, never what only waits for its turn there.
        """
        verdicts = self._known_many(transactions)
        unknown = [place for place, verdict in enumerate(verdicts) if verdict is None]
        if len(unknown) < THREAD_FROM_COUNT:
            for place in unknown:
                verdicts[place] = self.genuine_in_thread(transactions[place])
        else:
            chunks = self._chunks(unknown)
            parts = [[transactions[place] for place in places] for places in chunks]
            answered = self._threads.map(self._verified, parts)
            for places, answers in zip(chunks, answered, strict=True):
                for place, answer in zip(places, answers, strict=True):
                    verdicts[place] = answer
        return [verdict is True for verdict in verdicts]

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _chunks(self, places: list[int]) -> list[list[int]]:
        """Return the places in runs: a few for each thread, none shorter than a hop is worth."""
        count = max(CHUNK_MIN_COUNT, len(places) // (self._thread_count * CHUNKS_A_THREAD))
        return [places[start : start + count] for start in range(0, len(places), count)]

    def _verified(self, transactions: Sequence[Transaction]) -> list[bool]:
        """Return for each whether its signatures are genuine. In a thread, which it may block.

        Whatever was verified since it was asked is not verified again.  What others verify at
        this moment is waited for once the rest is done, so no two threads wait for each other.
        """
        known, mine, elsewhere, underway = self._begun(transactions)
        try:
            answers = are_genuine_transactions(mine)
            underway.verdicts.update(
                (each.digest, answer) for each, answer in zip(mine, answers, strict=True)
            )
            self._remember_many(list(underway.verdicts), list(underway.verdicts.values()))
        finally:
            with self._lock:
                for each in mine:
                    self._underway.pop(each.digest, None)
            underway.done.set()
        known.update(underway.verdicts)
        for other in elsewhere.values():
            other.done.wait()
            known.update(other.verdicts)
        return [
            known[each.digest] if each.digest in known else self.genuine_in_thread(each)
            for each in transactions
        ]

    def _begun(
        self, transactions: Sequence[Transaction]
    ) -> tuple[dict[bytes, bool], list[Transaction], dict[int, _Underway], _Underway]:
        """Return what is known, what is left to the asker, and who verifies the rest now."""
        known: dict[bytes, bool] = {}
        mine: list[Transaction] = []
        elsewhere: dict[int, _Underway] = {}
        underway = _Underway()
        with self._lock:
            for each in transactions:
                digest = each.digest
                if digest in self._genuine or digest in self._false:
                    known[digest] = digest in self._genuine
                elif (other := self._underway.get(digest)) is None:
                    self._underway[digest] = underway
                    mine.append(each)
                elif other is not underway:
                    elsewhere[id(other)] = other
        return known, mine, elsewhere, underway

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
