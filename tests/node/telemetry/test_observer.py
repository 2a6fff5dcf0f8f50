"""What p2p tells. Criterion: TELE-020 of docs/specs/telemetry.md."""

from typing import Any

from node.telemetry.metrics import P2P_EVENTS
from node.telemetry.observer import EVENTS_MAX_COUNT, TelemetryObserver
from p2p.network import Observer


class Notes:
    """A log that keeps what it is told."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, dict[str, Any]]] = []

    def debug(self, event: str, **fields: Any) -> None:
        self.lines.append(("debug", event, fields))

    def warning(self, event: str, **fields: Any) -> None:
        self.lines.append(("warning", event, fields))


def test_what_somebody_can_act_on_is_a_warning() -> None:
    notes = Notes()
    observer: Observer = TelemetryObserver(notes)  # type: ignore[arg-type]

    observer.told("peer banned", peer="p", score=-100)
    observer.told("frame sent", peer="p")

    assert [
        ("warning", "peer banned", {"peer": "p", "score": -100}),
        ("debug", "frame sent", {"peer": "p"}),
    ] == notes.lines


def test_a_peer_that_is_away_is_one_warning_until_it_was_back() -> None:
    notes = Notes()
    observer = TelemetryObserver(notes)  # type: ignore[arg-type]

    for event in ("dial_failed", "dial_failed", "link_opened", "dial_failed"):
        observer.told(event, peer="p")
    observer.told("dial_failed", peer="q")

    assert ["warning", "debug", "debug", "warning", "warning"] == [
        level for level, _, _ in notes.lines
    ]


def test_events_are_counted_under_few_names() -> None:
    observer = TelemetryObserver(Notes())  # type: ignore[arg-type]
    before = P2P_EVENTS.labels("other")._value.get()

    for number in range(EVENTS_MAX_COUNT + 5):
        observer.told(f"test event {number}")

    assert before + 5 == P2P_EVENTS.labels("other")._value.get()
