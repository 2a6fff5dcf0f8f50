"""Who makes room when the pool is full: the newest of the signer with the most of a class.

Counts are kept per class, the highest class number giving way first.  Ranks are a heap that is
made when somebody asks, since most pools are never full: for every signer it has an entry of at
least its count; what is too high is set right when it surfaces.

Source: docs/specs/mempool.md, POOL-012.
"""

from heapq import heapify, heappop, heappush, heapreplace

from node.mempool.entry import Entry

CLASSES_COUNT = 5
_STALE_ALLOWED_COUNT = 1_024


class Crowd:
    """Entries by class and signer."""

    __slots__ = ("_heaps", "_of_signer")

    def __init__(self) -> None:
        self._of_signer: list[dict[bytes, dict[int, Entry]]] = [{} for _ in range(CLASSES_COUNT)]
        self._heaps: list[list[tuple[int, bytes]] | None] = [None] * CLASSES_COUNT

    def put(self, entry: Entry) -> None:
        """Count an entry."""
        transaction = entry.transaction
        signer, number = transaction.body.signer, transaction.transaction_class
        crowd = self._of_signer[number]
        entries = crowd.get(signer)
        if entries is None:
            entries = crowd[signer] = {}
        entries[entry.arrival] = entry
        heap = self._heaps[number]
        if heap is not None:
            heappush(heap, (-len(entries), signer))
            if len(heap) > 4 * len(crowd) + _STALE_ALLOWED_COUNT:
                self._heaps[number] = None  # most of it is stale: made anew if asked for

    def remove(self, entry: Entry) -> None:
        """No longer count an entry."""
        transaction = entry.transaction
        signer, number = transaction.body.signer, transaction.transaction_class
        entries = self._of_signer[number][signer]
        del entries[entry.arrival]
        if not entries:
            del self._of_signer[number][signer]

    def first_to_go(self, signer: bytes, transaction_class: int) -> Entry | None:
        """Return what must make room for one more of this signer and class.

        The newest entry of the signer with the most in the highest class above this one;
        or of this class, if that signer would still have more than the newcomer's; else
        None: the newcomer is the first to go itself.
        """
        for number in range(CLASSES_COUNT - 1, transaction_class - 1, -1):
            crowded = self._most(number)
            if crowded is None:
                continue
            entries = self._of_signer[number][crowded]
            own_count = len(self._of_signer[number].get(signer, ()))
            if number > transaction_class or len(entries) > own_count + 1:
                return entries[max(entries)]
        return None

    def _most(self, number: int) -> bytes | None:
        heap, crowd = self._heaps[number], self._of_signer[number]
        if heap is None:
            heap = [(-len(entries), who) for who, entries in crowd.items()]
            heapify(heap)
            self._heaps[number] = heap
        while heap:
            negative_count, signer = heap[0]
            count = len(crowd.get(signer, ()))
            if count == -negative_count:
                return signer
            if 0 < count < -negative_count:
                heapreplace(heap, (-count, signer))
            else:
                heappop(heap)
        return None
