"""What waits of one signer: its lanes, where each has its first gap, and how much it is.

Source: docs/specs/mempool.md, POOL-001, POOL-004.
"""

from collections.abc import Sequence

from node.mempool.entry import Entry


class Lane:
    """Entries of one lane by sequence, and how far they follow one another.

    Every sequence from `_since` up to `_missing`, which is not here, is here.  So the first gap
    is known without a walk as long as the state expects something in between.
    """

    __slots__ = ("_missing", "_since", "entries")

    def __init__(self) -> None:
        self.entries: dict[int, Entry] = {}
        self._since = 0
        self._missing = 0

    def missing_from(self, expected: int) -> int:
        """Return the first sequence from this one on that is not here."""
        if not self._since <= expected <= self._missing:
            self._since = self._missing = expected
            self._go_on()
        return self._missing

    def run(self, expected: int) -> Sequence[Entry]:
        """Return the entries from this sequence up to the first gap."""
        entries = self.entries
        return [entries[sequence] for sequence in range(expected, self.missing_from(expected))]

    def put(self, sequence: int, entry: Entry) -> None:
        """Hold an entry in a place that is free."""
        self.entries[sequence] = entry
        if sequence == self._missing:
            self._go_on()

    def remove(self, sequence: int) -> None:
        """Hold it no longer."""
        del self.entries[sequence]
        if self._since == sequence < self._missing:
            self._since += 1
        elif self._since < sequence < self._missing:
            self._missing = sequence

    def _go_on(self) -> None:
        while self._missing in self.entries:
            self._missing += 1


class Signer:
    """All lanes of one signer that hold something, and what they hold together."""

    __slots__ = ("count", "lanes", "size_bytes")

    def __init__(self) -> None:
        self.lanes: dict[int, Lane] = {}
        self.count = 0
        self.size_bytes = 0
