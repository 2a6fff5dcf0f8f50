"""Numbers at /metrics. Criteria: TELE-010 to TELE-012 of docs/specs/telemetry.md."""

import ast
import re
from pathlib import Path

from prometheus_client import Metric
from prometheus_client.metrics import MetricWrapperBase

from node.telemetry import metrics

UNITS = ("_seconds", "_bytes", "_total", "_transactions", "_height", "_view", "_epoch", "_signing",
         "_linked", "_connections", "_subscriptions", "_fds", "_up", "_ticks", "_lots")  # fmt: skip
ROOT = Path(__file__).parents[3]
WRITES = {"inc", "dec", "set", "observe", "labels", "time"}
LABELS = {"method", "code", "event", "kind", "area", "outcome", "doing", "topic", "direction",
          "alarm", "class", "instrument", "side"}  # fmt: skip


def families() -> list[Metric]:
    return list(metrics.REGISTRY.collect())


def test_every_number_says_what_it_is_and_in_which_unit() -> None:
    for family in families():
        name = family.name + ("_total" if family.type == "counter" else "")

        assert re.fullmatch(r"novation_[a-z0-9_]+", name), name
        assert name.endswith(UNITS), name
        assert family.documentation.endswith("."), name


def test_labels_are_from_closed_sets() -> None:
    declared = {
        label for value in vars(metrics).values() for label in getattr(value, "_labelnames", ())
    }

    assert declared <= LABELS


def written_in(source: str) -> set[str]:
    """Return the names of module-level numbers that a file changes or times."""
    found = set()
    for part in ast.walk(ast.parse(source)):
        if isinstance(part, ast.Attribute) and part.attr in WRITES:
            owner = part.value
            found.add(owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", ""))
    return found


def test_every_declared_number_has_a_writer() -> None:
    declared = {
        name for name, value in vars(metrics).items() if isinstance(value, MetricWrapperBase)
    }
    written = set()
    for path in (ROOT / "node").rglob("*.py"):
        written |= written_in(path.read_text(encoding="utf-8"))
    # Three are written through the table of what p2p counts.
    gauges = (ROOT / "node/telemetry/gauges.py").read_text(encoding="utf-8")
    written |= set(re.findall(r"_total\": metrics\.([A-Z_]+),", gauges))

    assert set() == declared - written


def test_operators_find_every_number_and_every_alarm_on_their_page() -> None:
    page = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    numbers = {
        value._name.removeprefix("novation_")
        for value in vars(metrics).values()
        if isinstance(value, MetricWrapperBase)
    }
    sources = [*(ROOT / "node").rglob("*.py"), *(ROOT / "chain/consensus").rglob("*.py")]
    alarms = {
        name
        for path in sources
        for name in re.findall(
            r"(?:\.sound\(|\bAlarm\()\s*\"([a-z_]+)\"", path.read_text(encoding="utf-8")
        )
    }

    assert [] == sorted(name for name in numbers if not re.search(rf"`{name}[`{{]", page))
    assert {"disk_low", "clock_apart"} <= alarms
    assert [] == sorted(name for name in alarms if f"| `{name}` |" not in page)


def test_they_are_rendered_as_text() -> None:
    metrics.counter("test_things", "Things that a test saw.").inc()

    text = metrics.render().decode()

    assert "# HELP novation_test_things_total Things that a test saw." in text
    assert "novation_test_things_total 1.0" in text
