"""The observer that p2p reports to: what happens among peers becomes a log line and a metric.

A fault of a peer is a warning once, and not again until that peer was linked in between: a
peer that is away for a night is one line, not thousands.

Source: docs/specs/telemetry.md, TELE-020, TELE-021.
"""

from node.telemetry.logs import Log, log_of
from node.telemetry.metrics import P2P_EVENTS

EVENTS_MAX_COUNT = 64
"""Events that become labels of their own; p2p's words are a closed set far below this."""

WARNED_MAX_COUNT = 1_024
"""Faults remembered as told; beyond it they are told again."""

LOUD = ("banned", "defect", "dropped", "failed", "lost", "refused", "rejected", "silent", "stuck")
"""Words that make an event a warning: somebody can do something about it."""

WELL = "link_opened"
"""After it, what was told of a peer may be told anew."""


class TelemetryObserver:
    """Tells the log and the metrics what p2p tells it. Never waits and never raises."""

    def __init__(self, log: Log | None = None) -> None:
        self._log = log if log is not None else log_of("p2p")
        self._seen: set[str] = set()
        self._warned: dict[str, set[str]] = {}

    def told(self, event: str, **facts: str | int) -> None:
        """Count the event and write its line: a warning if somebody can do something."""
        P2P_EVENTS.labels(self._label_of(event)).inc()
        peer = str(facts.get("peer", ""))
        if event == WELL:
            self._warned.pop(peer, None)
        if any(word in event for word in LOUD) and self._is_new(event, peer):
            self._log.warning(event, **facts)
        else:
            self._log.debug(event, **facts)

    def _label_of(self, event: str) -> str:
        if event not in self._seen:
            if len(self._seen) >= EVENTS_MAX_COUNT:
                return "other"
            self._seen.add(event)
        return event

    def _is_new(self, event: str, peer: str) -> bool:
        if len(self._warned) >= WARNED_MAX_COUNT:
            self._warned.clear()
        events = self._warned.setdefault(peer, set())
        is_new = event not in events
        events.add(event)
        return is_new
