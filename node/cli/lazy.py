"""Groups that import a command when it is asked for, and options that may stand anywhere.

Source: docs/specs/cli.md, CLI-005 to CLI-007.
"""

import importlib
from collections.abc import Mapping
from typing import Any

import click

from node.cli.session import Session

HELP_WIDTH = 100


class Duration(click.ParamType[int]):
    """A span of time: `500ms`, `2s`, `1m`, `1h`, `30d`, or a bare number of seconds; in ms."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the milliseconds meant, always at least one."""
        if isinstance(value, int):
            return value
        units = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
        text = str(value).strip()
        number = text.rstrip("dhms")
        unit = text[len(number) :] or "s"
        whole, point, part = number.partition(".")
        if unit not in units or not (whole + part).isdigit() or (point and not part):
            self.fail(f"{text} is no duration; like this: 2s, 500ms, 1m", param, ctx)
        thousandths = int((whole or "0") + (part + "000")[:3]) * units[unit]
        milliseconds = thousandths // 1000
        if milliseconds < 1:
            self.fail("a duration is at least 1ms", param, ctx)
        return milliseconds


DURATION = Duration()


def _store(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    """Keep a global option where every command finds it, wherever on the line it stood."""
    if value is None or value is False:
        return
    session = ctx.find_root().obj
    if isinstance(session, Session):
        session.keep(str(param.name), value)


def _flag(*names: str, help: str) -> click.Option:  # noqa: A002
    return click.Option(
        names, is_flag=True, default=False, expose_value=False, callback=_store, help=help
    )


def _value(*names: str, metavar: str, help: str, type: Any = str) -> click.Option:  # noqa: A002
    return click.Option(
        names, metavar=metavar, type=type, expose_value=False, callback=_store, help=help
    )


GLOBAL_OPTIONS: tuple[click.Option, ...] = (
    _value("--rpc", metavar="URL", help="The node to ask: URL, port, or a name of the network."),
    _value("--from", "signer_name", metavar="NAME", help="Whose key signs: alice, alice/1."),
    _value(
        "--account", "account_name", metavar="ACCOUNT", help="For a delegate: the account, alice/0."
    ),
    _flag("--json", "as_json", help="Exactly one JSON document on stdout."),
    _flag("--quiet", help="Say nothing on the way."),
    _value("--timeout", "timeout_ms", metavar="TIME", type=DURATION, help="How long to wait."),
    _flag("--no-wait", help="Do not wait until what was sent is final."),
    _flag("--dry-run", help="Show what would follow; send nothing."),
    _flag("--force", help="Send even what is foreseen to be refused."),
    _value("--data", metavar="DIR", help="The data folder of the network or node."),
)


def _show_help(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if not value or ctx.resilient_parsing:
        return
    session = ctx.find_root().obj
    if isinstance(session, Session) and session.reporter.as_json:
        session.reporter.result({"help": ctx.get_help()})
    else:
        click.echo(ctx.get_help())
    ctx.exit()


class _Anywhere(click.Command):
    """A command that takes the global options too; they are listed once, by `novation --help`."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return own parameters, then the global ones that are not shadowed."""
        own = super().get_params(ctx)
        taken = {name for param in own for name in param.opts}
        return own + [option for option in GLOBAL_OPTIONS if not taken & set(option.opts)]

    def get_help_option(self, ctx: click.Context) -> click.Option | None:  # noqa: ARG002
        """Return the help option, which answers in JSON when JSON was asked for."""
        return click.Option(
            ["--help", "-h"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_show_help,
            help="Show this and exit.",
        )

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options of this command; the global ones only at the root."""
        own: list[tuple[str, str]] = []
        everywhere: list[tuple[str, str]] = []
        for param in self.get_params(ctx):
            if isinstance(param, click.Argument):
                continue
            entry = param.get_help_record(ctx)
            if entry is not None:
                (everywhere if param in GLOBAL_OPTIONS else own).append(entry)
        if own:
            with formatter.section("Options"):
                formatter.write_dl(own)
        if ctx.parent is None and everywhere:
            with formatter.section("Options of every command, anywhere on the line"):
                formatter.write_dl(everywhere)


class Command(_Anywhere):
    """A command of `novation`."""


class Group(_Anywhere, click.Group):
    """A group of commands that are here already."""

    command_class = Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which they were declared."""
        del ctx
        return list(self.commands)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write options, then commands."""
        _Anywhere.format_options(self, ctx, formatter)
        self.format_commands(ctx, formatter)


class LazyGroup(Group):
    """A group whose commands are named by `module:attribute` and imported on use."""

    def __init__(self, *args: Any, lazy: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lazy = dict(lazy)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which they were declared."""
        return [*self._lazy, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, importing its file now."""
        if cmd_name not in self._lazy:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = self._lazy[cmd_name].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command), f"{module}:{attribute} is no command"
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is meant, or refuse with the nearest name."""
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            raise click.exceptions.NoSuchCommand(
                name, possibilities=self.list_commands(ctx), ctx=ctx
            )
        return super().resolve_command(ctx, args)


def wants_json(arguments: list[str]) -> bool:
    """Return whether JSON was asked for, known before the line is understood.

    A line that cannot be parsed must still be answered in the form it asked for.
    """
    return "--json" in (arguments[: arguments.index("--")] if "--" in arguments else arguments)
