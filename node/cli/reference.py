"""Write the reference of the command line from its declarations: `python -m node.cli.reference`.

Source: architecture law 8: what is generated is checked.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from node.cli.lazy import GLOBAL_OPTIONS
from node.cli.main import root
from node.cli.session import Session
from node.client import failures
from node.client.failures import Kind

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "cli.md"
HEAD = """# Commands of `novation`

Generated from their declarations by `python -m node.cli.reference`; do not edit.
What they have in common (output, exit codes, nodes, keys) is in `docs/specs/cli.md`.
"""
EXITS = {
    0: "done and final",
    1: "our bug",
    2: "usage or configuration",
    3: "node unreachable, nothing sent",
    4: "rejected before inclusion",
    5: "included but refused, or a check that failed",
    6: "sent, outcome unknown: says until which height not to resend",
    7: "key or passphrase",
    8: "node not ready",
    9: "not found",
    130: "interrupted",
}


def page() -> str:
    """Return the whole page."""
    context = click.Context(root, info_name="novation", obj=Session())
    parts = [HEAD, "## Options of every command, anywhere on the line\n"]
    parts.append(_options(context, GLOBAL_OPTIONS))
    parts.append("## Exit codes\n")
    parts.append("\n".join(f"- `{code}` {meaning}" for code, meaning in EXITS.items()) + "\n")
    for name, command in _commands(context):
        parts += _described(name, command)
    parts.append("## Reasons of the command line itself\n")
    parts.append(_reasons())
    return "\n".join(parts)


def _commands(context: click.Context) -> Iterator[tuple[str, click.Command]]:
    """Yield every command with its full name, a group before its commands."""
    group = context.command
    assert isinstance(group, click.Group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        yield f"{context.command_path} {name}", command
        if isinstance(command, click.Group):
            yield from _commands(click.Context(command, info_name=name, parent=context))


def _described(name: str, command: click.Command) -> list[str]:
    """Return the section of one command."""
    level = "##" if name.count(" ") == 1 else "###"
    context = click.Context(command, info_name=name, obj=Session())
    sentence, _, rest = (command.help or "").strip().partition("\n")
    parts = [f"{level} {name}\n", f"{sentence}\n"]
    if rest.strip():
        lines = [line.strip() for line in rest.strip().splitlines()]
        parts.append("```\n" + "\n".join(line for line in lines if line) + "\n```\n")
    if not isinstance(command, click.Group):
        words = [*command.collect_usage_pieces(context)]
        parts.append(f"    {name} {' '.join(words)}".rstrip() + "\n")
    own = [option for option in command.params if isinstance(option, click.Option)]
    if own:
        parts.append(_options(context, own))
    return parts


def _options(context: click.Context, options: Iterable[click.Option]) -> str:
    rows = [record for option in options if (record := option.get_help_record(context))]
    return "\n".join(f"- `{written}` {help_text}".rstrip() for written, help_text in rows) + "\n"


def _reasons() -> str:
    kinds = sorted(
        (value for value in vars(failures).values() if isinstance(value, Kind)),
        key=lambda kind: kind.code,
    )
    rows = ["| code | reason | exit |", "|---|---|---|"]
    rows += [f"| {kind.code} | `{kind.reason}` | {kind.exit_code} |" for kind in kinds]
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
