"""`novation query`: any table or query of any module, from its declaration."""

from collections.abc import Mapping
from typing import Any

import click

from node.cli.lazy import Command
from node.cli.output import document_lines, table
from node.cli.session import Session
from node.client.failures import NO_COMMAND, NOT_FOUND, Failure


@click.command(
    cls=Command, context_settings={"ignore_unknown_options": True, "allow_extra_args": True}
)
@click.argument("name", metavar="MODULE.NAME", required=False)
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[--FIELD VALUE]...")
@click.option("--at", default="finalized", metavar="HEIGHT", help="The state of this height.")
@click.option("--limit", type=click.IntRange(1, 1000), help="Rows of a table at most.")
@click.option("--cursor", help="Go on after an earlier answer's next_cursor.")
@click.option("--prove", is_flag=True, help="Check the value's proof on this machine.")
@click.pass_obj
def query(
    session: Session, /, name: str | None, words: tuple[str, ...], *, prove: bool, **asked: Any
) -> None:
    """Ask any table or query of any module; without a name, list what can be asked.

    novation query ledger.balances --holder alice      novation query signers.signers
    """
    from node.client.declarations import nearest, query_fields, query_named, query_names
    from node.client.declarations import table_named as find_table
    from node.client.forms import pairs_of

    if name is None:
        names = query_names()
        session.reporter.result({"items": names}, ["tables and queries:", *_indented(names)])
        return
    pairs = pairs_of(words)
    found, stored = query_named(name), find_table(name)
    # A table and a query may share a name: the fields that are given tell them apart.
    if found is not None and (
        stored is None or {f.name for f in query_fields(found[1])} == set(pairs)
    ):
        _call_query(session, found[0], query_fields(found[1]), pairs, asked["at"])
        return
    if stored is None:
        known = [*query_names(), *(full.partition(".")[2] for full in query_names())]
        raise Failure(
            NO_COMMAND, f'no table or query "{name}"{nearest(name, known)}', "list: novation query"
        )
    _read_table(session, stored, pairs, asked, prove=prove)


def _call_query(
    session: Session, name: str, fields: Any, pairs: Mapping[str, str], at: str
) -> None:
    from node.client.forms import plain_fields

    plain = plain_fields(fields, pairs, session.keyring, _no_decimals)
    answer = session.client.call("query_call", name=name, fields=plain, at=at)
    session.reporter.result(
        answer, [f"{name} at height {answer['height']}", *document_lines(answer["value"], "  ")]
    )


def _read_table(
    session: Session,
    stored: Any,
    pairs: Mapping[str, str],
    asked: Mapping[str, Any],
    *,
    prove: bool,
) -> None:
    """Answer with one record when the whole key is given, else with the rows it begins."""
    from node.client.declarations import key_fields
    from node.client.forms import plain_fields

    fields = [field for field in key_fields(stored) if field.name in pairs]
    unknown = set(pairs) - {field.name for field in fields}
    if unknown or len(fields) == len(key_fields(stored)):
        plain = plain_fields(key_fields(stored), pairs, session.keyring, _no_decimals)
        if prove:
            _prove(session, stored, plain, asked["at"])
            return
        answer = session.client.call(
            "state_get", table=stored.name, key=plain or None, at=asked["at"]
        )
        if answer["value"] is None:
            raise _nothing(stored.name, plain, answer["height"])
        session.reporter.result(
            answer,
            [f"{stored.name} at height {answer['height']}", *document_lines(answer["value"], "  ")],
        )
        return
    prefix = plain_fields(fields, pairs, session.keyring, _no_decimals)
    answer = session.client.call(
        "state_scan",
        table=stored.name,
        prefix=prefix or None,
        at=asked["at"],
        limit=asked["limit"],
        cursor=asked["cursor"],
    )
    session.reporter.result(answer, _rows(stored.name, answer))


def _prove(session: Session, stored: Any, plain: Mapping[str, Any], at: str) -> None:
    from chain.kit.plain import plain_record, value_from
    from node.client.declarations import key_fields
    from node.client.verifying import anchor_of, verified_block, verified_value

    values = tuple(value_from(f, plain[f.name], f.name) for f in key_fields(stored))
    encoded_key = stored.encoded(values[0] if len(values) == 1 else values)
    anchor = anchor_of(session.client, session.target.folder)
    if not anchor.from_genesis:
        session.reporter.warn("no genesis at hand: the authorities are the node's own word")
    answer = session.client.call("chain_getProof", table=stored.name, key=plain or None, at=at)
    shape = session.client.call("chain_getBlock", height=answer["height"])
    found = verified_block(shape, anchor)
    data = verified_value(answer, encoded_key, found.header)
    value = None if data is None else plain_record(stored.record_from(data))
    height = str(found.header.height)
    lines = document_lines(value, "  ") if value else ["  nothing is stored there"]
    session.reporter.result(
        {
            "table": stored.name,
            "key": dict(plain),
            "value": value,
            "height": height,
            "proven": True,
            "anchor": "genesis" if anchor.from_genesis else "node",
        },
        [f"{stored.name} at height {height}, proven by {len(found.signers)} signatures", *lines],
    )


def _nothing(name: str, key: Mapping[str, Any], height: str) -> Failure:
    where = ", ".join(f"{part} {value}" for part, value in key.items())
    return Failure(
        NOT_FOUND,
        f"nothing in {name} under {where or 'its one key'} at height {height}",
        "prove that: add --prove",
        details={"table": name, "key": dict(key), "height": height},
    )


def _rows(name: str, answer: Mapping[str, Any]) -> list[str]:
    rows = [{**item["key"], **item["value"]} for item in answer["items"]]
    count = len(rows)
    lines = [f"{name} at height {answer['height']}: {count} {'row' if count == 1 else 'rows'}"]
    if rows:
        head = list(rows[0])
        lines += _indented(table([[_cell(row[column]) for column in head] for row in rows], head))
    if answer["next_cursor"]:
        lines.append(f"  more: --cursor {answer['next_cursor']}")
    return lines


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return f"[{len(value)}]"
    return "-" if value is None else str(value)


def _no_decimals(_asset: str) -> int:
    return 0


def _indented(lines: list[str]) -> list[str]:
    return [f"  {line}" for line in lines]
