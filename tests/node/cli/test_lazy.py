from collections.abc import Callable
from typing import Any

import click
import pytest

from node.cli.lazy import DURATION, wants_json
from node.cli.main import COMMANDS, root
from node.cli.session import Session

Run = Callable[..., Any]


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("2s", 2000),
        ("500ms", 500),
        ("1m", 60_000),
        ("3", 3000),
        ("1.5s", 1500),
        ("1h", 3_600_000),
        ("1d", 86_400_000),
    ],
)
def test_duration_is_read_in_the_unit_it_names(text: str, milliseconds: int) -> None:
    assert milliseconds == DURATION.convert(text, None, None)


@pytest.mark.parametrize("text", ["", "s", "-1s", "0", "2w", "1.s", "x", "1ss"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        DURATION.convert(text, None, None)


def test_json_is_wanted_only_before_two_dashes() -> None:
    assert wants_json(["version", "--json"])
    assert not wants_json(["rpc", "--", "--json"])


@pytest.mark.parametrize(
    "words",
    [
        ["--quiet", "--rpc", "http://x", "version"],
        ["version", "--rpc", "http://x", "--quiet"],
        ["--quiet", "version", "--rpc=http://x"],
    ],
)
def test_global_option_may_stand_anywhere(words: list[str]) -> None:
    session = Session()

    root.main(words, prog_name="novation", obj=session, standalone_mode=False)

    assert ("http://x", True) == (session.rpc, session.reporter.quiet)


def test_every_declared_command_exists_and_says_what_it_does() -> None:
    context = click.Context(root, info_name="novation", obj=Session())

    silent = [
        name
        for name in COMMANDS
        if not (command := root.get_command(context, name)) or not command.get_short_help_str(200)
    ]

    assert [] == silent


def test_unknown_command_names_the_nearest(novation: Run) -> None:
    said = novation("verson", "--json")

    assert 2 == said.code
    assert "client.no_command" == said.document["error"]["reason"]
    assert 'no command "verson"; did you mean "version"?' == said.document["error"]["message"]


def test_unknown_option_names_the_nearest(novation: Run) -> None:
    said = novation("version", "--jsn")

    assert 2 == said.code
    assert "did you mean --json?" in said.err


def test_help_in_json_is_one_document(novation: Run) -> None:
    said = novation("devnet", "up", "--help", "--json")

    assert 0 == said.code
    assert "--detach" in said.document["data"]["help"]
