"""`novation position`: what an account holds, and how to get out of it."""

from typing import Any

import click

from node.cli.lazy import Group
from node.cli.output import table
from node.cli.session import Session
from node.client.failures import NOT_FOUND, Failure


@click.group(cls=Group)
def position() -> None:
    """Positions of a margin account."""


@position.command("list")
@click.argument("name", metavar="[ACCOUNT]", required=False)
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True)
@click.option("--cursor", help="Go on after an earlier answer's next_cursor.")
@click.pass_obj
def list_positions(session: Session, /, name: str | None, **page: Any) -> None:
    """List an account's positions with profit, funding and liquidation price."""
    from node.cli.assets import asset_decimals
    from node.cli.commands.trading.naming import account_text, account_word
    from node.client.amounts import decimal_of
    from node.client.instruments import terms_of

    answer = session.client.call("position_list", account=account_text(session, name), **page)
    rows = []
    for item in answer["items"]:
        terms = terms_of(session.client, item["instrument"])
        decimals = asset_decimals(session, terms.quote)
        profit, owed = (
            decimal_of(int(item[field]), decimals, group=True, least=2)
            for field in ("unrealised_profit_quantums", "funding_owed_quantums")
        )
        liquidation = item["liquidation_price_ticks"]
        rows.append(
            [
                item["instrument"],
                terms.size(item["size_lots"]),
                terms.price(item["entry_price_ticks"]),
                terms.price(item["mark_price_ticks"]),
                f"{profit} {terms.quote}",
                f"{owed} {terms.quote}",
                "-" if liquidation is None else terms.price(liquidation),
            ]
        )
    head = ["instrument", "size", "entry", "mark", "profit", "funding owed", "liquidation"]
    count = "no positions" if not rows else f"{len(rows)} held"
    lines = [f"{account_word(session, name)}: {count} at height {answer['height']}"]
    lines += [f"  {row}" for row in table(rows, head)] if rows else []
    session.reporter.result(answer, lines)


@position.command("close")
@click.argument("instrument")
@click.option("--protect", metavar="PRICE", help="No worse than this price.")
@click.pass_obj
def close(session: Session, instrument: str, protect: str | None) -> None:
    """Close the position of --from in an instrument with a market order that only reduces."""
    from node.cli.commands.trading.naming import account_text, account_word
    from node.cli.commands.trading.order import placed_lines
    from node.cli.writing import send
    from node.client.instruments import terms_of

    account = account_text(session)
    terms = terms_of(session.client, instrument)
    held = session.client.call("position_list", account=account, limit=1000)["items"]
    size = next((int(i["size_lots"]) for i in held if i["instrument"] == terms.instrument), 0)
    if size == 0:
        raise Failure(
            NOT_FOUND,
            f"{account_word(session)} has no position in {terms.instrument}",
            "list: novation position list",
        )
    plain = {
        "account_holder": account,
        "instrument": terms.instrument,
        "side": 2 if size > 0 else 1,
        "price_ticks": str(terms.ticks(protect) if protect else 0),
        "size_lots": str(abs(size)),
        "time_in_force": 2,
        "post_only": False,
        "reduce_only": True,
        "self_trade": 0,
        "client_id": "",
        "good_till_ms": 0,
        "trigger_kind": 0,
        "trigger_ticks": "0",
    }
    send(session, "orders.place", plain, lambda receipt: placed_lines(receipt, terms))
