"""Named deadlines behind the one timer that the driver keeps for the core.

Source: docs/specs/consensus_core.md, CORE-005.
"""

from enum import IntEnum


class Deadline(IntEnum):
    """What may fall due; of two that fall due together the lower number is done first."""

    NULLIFY = 1
    """The view's time is up: R5, and again at each retry of R8."""
    PUSH_ENTRY = 2
    """Those who are not here yet are sent what brings them here: R1."""
    PUSH_FINAL = 3
    """Those who are not known to have the newest Finalize certificate are sent it: R7."""
    FORWARD = 4
    """The proposal is forwarded to those whose Notarize is lacking: R8."""
    BUILD = 5
    """The next block is due: R2."""
    TIMELY = 6
    """A proposal held for being early may be judged: R3."""
    FETCH = 7
    """What was asked for did not come: ask the next."""
    STATUS = 8
    BEGIN = 9
    """The first votes after a start need wait no longer for hellos."""


class Schedule:
    """At most one time for each deadline."""

    def __init__(self) -> None:
        self._at: dict[Deadline, int] = {}

    def put(self, deadline: Deadline, at_ms: int) -> None:
        """Set or move a deadline."""
        self._at[deadline] = at_ms

    def drop(self, deadline: Deadline) -> None:
        """Forget a deadline, if it is set."""
        self._at.pop(deadline, None)

    def at_ms(self, deadline: Deadline) -> int | None:
        """Return when a deadline falls, or None."""
        return self._at.get(deadline)

    def next_ms(self) -> int | None:
        """Return when the earliest deadline falls, or None without any."""
        return min(self._at.values(), default=None)

    def take_due(self, now_ms: int) -> list[Deadline]:
        """Remove and return the deadlines that have come, in order."""
        due = sorted((at_ms, name) for name, at_ms in self._at.items() if at_ms <= now_ms)
        for _, name in due:
            del self._at[name]
        return [name for _, name in due]
