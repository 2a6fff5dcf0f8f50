"""`novation rpc`, `novation audit`: any method of the node, and the question that matters most."""

import json
from typing import Any

import click

from node.cli.lazy import Command
from node.cli.session import Session
from node.client.failures import INVARIANT_BROKEN, VALUE_MALFORMED, Failure


@click.command(cls=Command)
@click.argument("method")
@click.argument("fields", nargs=-1, metavar="[KEY=VALUE]...")
@click.pass_obj
def rpc(session: Session, method: str, fields: tuple[str, ...]) -> None:
    """Call any method of the node; a value is JSON where it parses, else text.

    novation rpc chain_getBlock height=12      novation rpc rpc.discover
    """
    named: dict[str, Any] = {}
    for field in fields:
        name, separator, text = field.partition("=")
        if not separator or not name:
            raise Failure(VALUE_MALFORMED, f'"{field}" is no KEY=VALUE')
        named[name] = json_or_text(text)
    answer = session.client.call(method, **named)
    session.reporter.result(answer, [json.dumps(answer, indent=2, ensure_ascii=False)])


def json_or_text(text: str) -> object:
    """Return the value that a word on the command line stands for.

    Numbers of the interface are integers, so `1.5` stays the text it is.

    >>> json_or_text("12"), json_or_text("0x0a"), json_or_text("[1]"), json_or_text("1.5")
    (12, '0x0a', [1], '1.5')
    """

    def refuse(found: str) -> object:
        raise ValueError(found)

    try:
        value: object = json.loads(text, parse_float=refuse, parse_constant=refuse)
    except (ValueError, RecursionError):
        return text
    return value


@click.command(cls=Command)
@click.pass_obj
def audit(session: Session) -> None:
    """Ask the node to check every invariant of every module on its final state."""
    answer = session.client.call("node_audit")
    breaches = answer["breaches"]
    if breaches:
        raise Failure(
            INVARIANT_BROKEN,
            f"{len(breaches)} invariants do not hold at height {answer['height']}",
            *(f"{one['module']}.{one['invariant']}: {one['what']}" for one in breaches),
            "stop trading on this chain and keep its data",
            details=answer,
        )
    session.reporter.result(
        answer,
        [f"all {answer['invariants_count']} invariants hold at height {answer['height']}"],
    )
