"""What happened that somebody can do something about: told once to the log, kept for status."""

from collections import deque

from node.clock import Clock
from node.telemetry.logs import log_of
from node.telemetry.metrics import CONSENSUS_ALARMS

KEPT_COUNT = 32
QUIET_MS = 60_000
"""The same alarm is not told again within this time."""


class Alarms:
    """The newest alarms, newest last."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._log = log_of("alarm")
        self._kept: deque[str] = deque(maxlen=KEPT_COUNT)
        self._told_ms: dict[str, int] = {}

    def sound(self, what: str, /, **facts: int | str) -> None:
        """Tell an operator, unless the same was told within a minute."""
        text = " ".join([what, *(f"{name}={value}" for name, value in facts.items())])
        now_ms = self._clock.monotonic_ms()
        told_ms = self._told_ms.get(what)
        if told_ms is not None and now_ms - told_ms < QUIET_MS:
            return
        self._told_ms[what] = now_ms
        self._kept.append(text)
        CONSENSUS_ALARMS.labels(what).inc()
        self._log.error(what, **facts)

    def kept(self) -> tuple[str, ...]:
        """Return the newest alarms with their facts, newest last."""
        return tuple(self._kept)
