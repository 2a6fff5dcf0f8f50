"""Read the time: the only file that does.

`Clock` is the machine's own.  `TrioClock` follows the clock of the running trio loop, so that
tests under `trio.testing.MockClock` jump through hours; it must be read inside `trio.run`.
`VirtualClock` is a dev chain's: its wall moves 500 ms a block and when it is told to, so that
the same commands always give the same block times; its monotonic part stays real, because
timers and deadlines wait for real things.

Wall time is for block times and for people; whatever measures or waits uses monotonic time.
"""

import time
from datetime import UTC, datetime

VIRTUAL_BLOCK_MS = 500

_NS_PER_MS = 1_000_000


def moment_of(time_ms: int) -> str:
    """Return a moment for people, in UTC to the second. Rounds: down.

    >>> moment_of(1_798_761_599_999)
    '2026-12-31 23:59:59'
    """
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time_ms // 1000))


def ms_of(moment: str) -> int:
    """Return a moment of ISO 8601 in ms since 1970, UTC where it names no zone.

    Rounds: to the nearest millisecond. Refuses: ValueError, what is no such moment.

    >>> ms_of("2026-12-31 23:59:59"), ms_of("2027-01-01T00:59:59+01:00")
    (1798761599000, 1798761599000)
    """
    read = datetime.fromisoformat(moment)
    return round((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp() * 1000)


class Clock:
    """The machine's clock."""

    def monotonic_ms(self) -> int:
        """Return milliseconds since some fixed moment; never goes back."""
        return time.monotonic_ns() // _NS_PER_MS

    def wall_ms(self) -> int:
        """Return milliseconds since 1970, as the machine believes; may jump."""
        return time.time_ns() // _NS_PER_MS

    def stopwatch_ns(self) -> int:
        """Return nanoseconds since some fixed moment, for durations in metrics."""
        return time.perf_counter_ns()


class TrioClock(Clock):
    """The clock of the running trio loop, with a wall that started at a given moment."""

    def __init__(self, wall_at_start_ms: int) -> None:
        self._wall_at_start_ms = wall_at_start_ms

    def monotonic_ms(self) -> int:
        """Return the loop's time in milliseconds."""
        import trio  # the command line reads clocks too, and never loads trio

        return int(trio.current_time() * 1000)

    def wall_ms(self) -> int:
        """Return the wall at the start plus the loop's time."""
        return self._wall_at_start_ms + self.monotonic_ms()

    def stopwatch_ns(self) -> int:
        """Return the loop's time in nanoseconds."""
        return self.monotonic_ms() * _NS_PER_MS


class VirtualClock(Clock):
    """A wall that stands still between blocks: 500 ms a block, plus what it is advanced."""

    def __init__(self, wall_ms: int, block_ms: int = VIRTUAL_BLOCK_MS) -> None:
        assert wall_ms >= 0
        assert block_ms > 0
        self._wall_ms = wall_ms
        self.block_ms = block_ms

    def wall_ms(self) -> int:
        """Return the virtual wall."""
        return self._wall_ms

    def step(self) -> int:
        """Move the wall by one block and return it: called once before each block is built."""
        return self.advance(self.block_ms)

    def advance(self, forward_ms: int) -> int:
        """Move the wall forward and return it."""
        assert forward_ms >= 0
        self._wall_ms += forward_ms
        return self._wall_ms

    def restore(self, wall_ms: int) -> None:
        """Put the wall where a snapshot had it: the one way back."""
        assert wall_ms >= 0
        self._wall_ms = wall_ms
