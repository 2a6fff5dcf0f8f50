"""The ear that p2p talks to: what happened among peers becomes a log line and a number.

Source: docs/specs/telemetry.md, TELE-020.
"""

from node.telemetry.logs import Log, log_of
from node.telemetry.metrics import P2P_EVENTS

EVENTS_MAX_COUNT = 64
"""Events that become labels of their own; p2p's words are a closed set far below this."""

LOUD = ("refused", "banned", "failed", "offence", "defect", "dropped", "lost")
"""Words that make an event a warning: somebody can do something about it."""


class TelemetryObserver:
    """Tells the log and the metrics what p2p tells it. Never waits and never raises."""

    def __init__(self, log: Log | None = None) -> None:
        self._log = log if log is not None else log_of("p2p")
        self._seen: set[str] = set()

    def told(self, event: str, **facts: str | int) -> None:
        """Count the event and write its line: a warning if somebody can do something."""
        label = event
        if event not in self._seen:
            if len(self._seen) >= EVENTS_MAX_COUNT:
                label = "other"
            else:
                self._seen.add(event)
        P2P_EVENTS.labels(label).inc()
        # A fact may be called anything; `event` is the line itself.
        fields = {("fact_event" if name == "event" else name): fact for name, fact in facts.items()}
        if any(word in event for word in LOUD):
            self._log.warning(event, **fields)
        else:
            self._log.debug(event, **fields)
