"""`novation send`: any transaction of any module, from its declaration."""

from collections.abc import Mapping
from typing import Any

import click

from node.cli.lazy import Command
from node.cli.session import Session


@click.command(
    cls=Command, context_settings={"ignore_unknown_options": True, "allow_extra_args": True}
)
@click.argument("name", metavar="MODULE.TRANSACTION", required=False)
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[--FIELD VALUE]...")
@click.option("--describe", is_flag=True, help="Show the fields instead of sending.")
@click.pass_obj
def send(session: Session, name: str | None, words: tuple[str, ...], describe: bool) -> None:
    """Send any transaction; without a name, list what can be sent.

    novation send ledger.transfer --to bob --asset USD --amount 2.5 --from alice
    """
    from node.cli.assets import asset_decimals
    from node.cli.writing import send as carry
    from node.client.declarations import kind_named, kind_names, payload_fields, sentence_of
    from node.client.forms import pairs_of, plain_fields

    if name is None:
        rows = [f"  {one:<24} {sentence_of(kind_named(one)[1])}" for one in kind_names()]
        session.reporter.result({"items": kind_names()}, ["transactions:", *rows])
        return
    kind, record = kind_named(name)
    fields = payload_fields(record)
    if describe:
        session.reporter.result(*described(name, kind, record, fields))
        return
    pairs = pairs_of(words)
    plain = plain_fields(
        fields, pairs, session.keyring, lambda asset: asset_decimals(session, asset)
    )
    carry(session, name, plain, lambda receipt: told(name, receipt))


def told(name: str, receipt: Mapping[str, Any]) -> list[str]:
    """Return what came of any transaction: its name, then its events."""
    events = [
        f"{event['name']}  "
        + " ".join(f"{key} {value}" for key, value in event.items() if key != "name")
        for event in receipt["events"]
    ]
    return [f"{name} applied", *events]


def described(
    name: str, kind: int, record: type[Any], fields: Any
) -> tuple[dict[str, Any], list[str]]:
    """Return what a transaction is and what it needs, as JSON and as lines."""
    from node.client.declarations import sentence_of
    from node.client.forms import option_of
    from node.naming.choices import CHOICES, choices_said

    shapes = [
        {
            "name": field.name,
            "form": field.form,
            "unit": field.unit or None,
            "optional": field.optional,
            "choices": dict(CHOICES.get(field.name, {})),
        }
        for field in fields
    ]
    lines = [f"{name}  (kind {kind})", f"  {sentence_of(record)}"]
    for field in fields:
        # A name that is itself the unit (lane, threshold) needs no second word.
        unit = f", {field.unit}" if field.unit not in {"", field.name} else ""
        short = field.name.removesuffix("_quantums")
        decimal = f"   or --{option_of(short)} as a decimal" if short != field.name else ""
        choices = choices_said(field.name)
        said = choices or f"{field.form}{unit}{decimal}"
        lines.append(f"  --{option_of(field.name):<20} {said}")
    data = {
        "kind": kind,
        "name": name,
        "sentence": sentence_of(record),
        "transaction_class": getattr(record, "transaction_class", None),
        "fields": shapes,
    }
    return data, lines
