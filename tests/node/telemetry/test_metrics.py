"""Numbers at /metrics. Criteria: TELE-010 to TELE-012 of docs/specs/telemetry.md."""

import re

from prometheus_client import Metric

from node.telemetry import metrics

UNITS = ("_seconds", "_bytes", "_total", "_transactions", "_height", "_view", "_epoch", "_signing",
         "_linked", "_connections", "_subscriptions")  # fmt: skip
LABELS = {"method", "code", "event", "kind", "area", "outcome", "doing", "topic", "direction"}


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


def test_they_are_rendered_as_text() -> None:
    metrics.counter("test_things", "Things that a test saw.").inc()

    text = metrics.render().decode()

    assert "# HELP novation_test_things_total Things that a test saw." in text
    assert "novation_test_things_total 1.0" in text
