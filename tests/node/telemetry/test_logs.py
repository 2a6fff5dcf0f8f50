"""The log of the process. Criteria: TELE-001 to TELE-004 of docs/specs/telemetry.md."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from node.telemetry.logs import log_of, set_up


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    """Give the process its own logging back."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    for handler in list(root.handlers):
        if handler not in handlers:
            handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines_of(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_people_read_a_line_and_programs_an_object(tmp_path: Path) -> None:
    console = io.StringIO()
    set_up(tmp_path / "node.log", console=console)

    log_of("consensus").info("block committed", transactions=34, height=812, root=b"\x9f\x3c")

    (line,) = lines_of(tmp_path / "node.log")
    assert ["time", "level", "part", "event", "height", "transactions", "root"] == list(line)
    assert ("info", "consensus", 812, "0x9f3c") == (
        line["level"],
        line["part"],
        line["height"],
        line["root"],
    )
    told = console.getvalue()
    assert "block committed  height=812 transactions=34 root=0x9f3c\n" in told
    assert "INFO" in told


def test_place_comes_first_in_its_order(tmp_path: Path) -> None:
    console = io.StringIO()
    set_up(console=console)

    log_of("sync").warning("lost", why="x", transaction="t", peer="p", view=3, height=2)

    assert "lost  height=2 view=3 peer=p transaction=t why=x" in console.getvalue()


def test_a_file_is_appended_to(tmp_path: Path) -> None:
    for number in (1, 2):
        set_up(tmp_path / "node.log", console=io.StringIO())
        log_of("run").info("started", number=number)

    assert [1, 2] == [line["number"] for line in lines_of(tmp_path / "node.log")]


def test_a_line_can_be_split_at_spaces_again() -> None:
    console = io.StringIO()
    set_up(console=console)

    log_of("p2p").info("told", words='two "words"', lines="a\nb", nothing="")

    assert 'words="two \\"words\\"" lines="a\\nb" nothing=""' in console.getvalue()
    assert 1 == console.getvalue().count("\n")


def test_the_level_is_kept_for_ours_and_others_begin_at_warning() -> None:
    console = io.StringIO()
    set_up(level="warning", console=console)

    log_of("run").info("unheard")
    logging.getLogger("somebody").info("unheard")
    logging.getLogger("libp2p.host").warning("unheard")
    logging.getLogger("somebody").warning("heard %s", "too")
    log_of("run").error("heard")

    assert "unheard" not in console.getvalue()
    assert 2 == console.getvalue().count("heard")
    assert "somebody" in console.getvalue()


def test_a_defect_brings_its_traceback(tmp_path: Path) -> None:
    console = io.StringIO()
    set_up(tmp_path / "node.log", console=console)

    log_of("rpc").error("ended by a defect", exc_info=ValueError("ours"))

    assert "ValueError: ours" in console.getvalue()
    assert "ValueError: ours" in str(lines_of(tmp_path / "node.log")[0]["exception"])


def test_objects_on_the_console_when_asked_for() -> None:
    console = io.StringIO()
    set_up(console=console, console_format="json")

    log_of("run").info("started", height=1)

    assert ("started", 1) == (
        json.loads(console.getvalue())["event"],
        json.loads(console.getvalue())["height"],
    )
