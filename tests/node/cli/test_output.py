import json

import pytest

from node.cli.output import Reporter, document_lines, failure_lines, table
from node.client.failures import REFUSED, Failure

Capture = pytest.CaptureFixture[str]


def test_json_result_is_one_document_with_its_warnings(capsys: Capture) -> None:
    reporter = Reporter(as_json=True)

    reporter.warn("careful")
    reporter.note("on the way")
    reporter.result({"a": 1}, ["never printed"])

    said = capsys.readouterr()
    expected = {"schema": 1, "ok": True, "data": {"a": 1}, "warnings": ["careful"]}
    assert expected == json.loads(said.out)
    assert "never printed" not in said.out + said.err
    assert "on the way" in said.err


def test_json_failure_is_one_document(capsys: Capture) -> None:
    Reporter(as_json=True).failure(Failure(REFUSED, "no", "do this", details={"n": 1}))

    document = json.loads(capsys.readouterr().out)
    assert {"schema", "ok", "error"} == document.keys()
    assert ["code", "reason", "message", "details", "hint"] == list(document["error"])


def test_failure_after_the_result_does_not_add_a_document(capsys: Capture) -> None:
    reporter = Reporter(as_json=True)
    reporter.result(1)

    reporter.failure(Failure(REFUSED, "later"))

    said = capsys.readouterr()
    assert 1 == len(said.out.splitlines())
    assert "later" in said.err


def test_stream_writes_an_object_a_line(capsys: Capture) -> None:
    reporter = Reporter(as_json=True)

    reporter.stream({"n": 1}, "one")
    reporter.stream({"n": 2}, "two")

    lines = capsys.readouterr().out.splitlines()
    assert [{"n": 1}, {"n": 2}] == [json.loads(line) for line in lines]


def test_quiet_says_nothing_on_the_way_but_still_warns(capsys: Capture) -> None:
    reporter = Reporter(quiet=True)

    reporter.note("hush")
    reporter.warn("loud")

    assert "warning: loud\n" == capsys.readouterr().err


def test_failure_has_reason_then_unsaid_facts_then_advice() -> None:
    failure = Failure(REFUSED, "short by 7", "deposit 7", details={"short_by": 7, "free": 3})

    first, facts, advice = failure_lines(failure)

    assert first.startswith("error: short by 7")
    assert first.endswith("[client.refused]")
    assert ["  free 3", "  deposit 7"] == [facts, advice]


def test_table_without_rows_is_empty() -> None:
    assert [] == table([])


def test_any_document_can_be_read_by_people() -> None:
    data = {"a": None, "deep": {"b": True}, "items": [{"c": 1}, "d"], "none": []}

    lines = document_lines(data)

    assert ["a      -", "deep", "  b  yes", "items", "  c  1", "", "  d", "none   (none)"] == lines


def test_a_note_that_nobody_reads_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    class Gone:
        """A standard error whose reader has left."""

        def write(self, text: str) -> None:
            said.append(text)
            raise BrokenPipeError

    monkeypatch.setattr("sys.stderr", Gone())

    Reporter().note("stopping")

    assert ["stopping"] == said


def test_numbers_stand_to_the_right_where_some_are_missing() -> None:
    rows = [["auth0", "14777", "-"], ["auth0-feeder", "-", "-"]]

    assert [
        "name            pid  why",
        "auth0         14777  -",
        "auth0-feeder      -  -",
    ] == table(rows, ["name", "pid", "why"])


def test_people_read_names_and_programs_addresses(capsys: Capture) -> None:
    failure = Failure(REFUSED, "only nov1x may", details={"account": "nov1x/0"})

    Reporter(as_json=True).failure(failure, lambda line: line.replace("nov1x", "alice"))

    said = capsys.readouterr()
    assert "only alice may" in said.err
    assert {"account": "nov1x/0"} == json.loads(said.out)["error"]["details"]
