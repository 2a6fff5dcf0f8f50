"""What waits of one signer: its lanes, where each has its first gap, and how much it is.

Source: docs/specs/mempool.md, POOL-001, POOL-004.
"""

from collections.abc import Sequence

from node.mempool.entry import Entry


class Lane:
    """Entries of one lane by sequence, and how far they follow one another.

    Every sequence from `_since` up to `missing`, which is not here, is here.  So the first gap
    is known without a walk as long as the state expects something in between.
    """

    __slots__ = ("_since", "entries", "missing")

    def __init__(self) -> None:
        self.entries: dict[int, Entry] = {}
        self._since = 0
        self.missing = 0
        """The first gap from what `missing_from` was last asked for."""

    def missing_from(self, expected: int) -> int:
        """Return the first sequence from this one on that is not here."""
        if not self._since <= expected <= self.missing:
            self._since = self.missing = expected
            self._go_on()
        return self.missing

    def used_before(self, expected: int) -> list[int]:
        """Return the sequences here that are below this one, ascending: most often none."""
        if len(self.entries) == self.missing_from(expected) - expected:
            return []
        return sorted(sequence for sequence in self.entries if sequence < expected)

    def run(self, expected: int) -> Sequence[Entry]:
        """Return the entries from this sequence up to the first gap."""
        entries = self.entries
        return [entries[sequence] for sequence in range(expected, self.missing_from(expected))]

    def put(self, sequence: int, entry: Entry) -> None:
        """Hold an entry in a place that is free."""
        entries = self.entries
        entries[sequence] = entry
        if sequence == self.missing:
            sequence += 1
            while sequence in entries:
                sequence += 1
            self.missing = sequence

    def remove(self, sequence: int) -> None:
        """Hold it no longer."""
        del self.entries[sequence]
        since = self._since
        if since <= sequence < self.missing:
            if since == sequence:
                self._since = since + 1
            else:
                self.missing = sequence

    def _go_on(self) -> None:
        while self.missing in self.entries:
            self.missing += 1


class Signer:
    """All lanes of one signer that hold something, and what they hold together."""

    __slots__ = ("count", "lanes", "size_bytes", "standing")

    def __init__(self) -> None:
        self.lanes: dict[int, Lane] = {}
        self.count = 0
        self.size_bytes = 0
        self.standing: object = None
        """What the door noted of it; None when nothing."""
