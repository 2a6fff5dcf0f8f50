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
    from node.cli.commands.trading.naming import account_text
    from node.cli.commands.trading.order import placed_lines
    from node.cli.writing import send
    from node.client.instruments import terms_of

    terms = terms_of(session.client, instrument)
    size = held_lots(session, terms.instrument)
    plain = {
        "account_holder": account_text(session),
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


@position.command("roll")
@click.argument("near", metavar="FROM")
@click.argument("far", metavar="TO")
@click.option("--size", metavar="SIZE", help="How much of it; all by default.")
@click.option("--spread", metavar="P", help="TO over FROM: at most, and for a short at least.")
@click.pass_obj
def roll(session: Session, near: str, far: str, size: str | None, spread: str | None) -> None:
    """Move the position of --from out of one instrument into another, whole or not at all.

    novation position roll BTC-26MAR27 BTC-25JUN27 --spread 400 --from alice
    """
    from node.cli.assets import asset_decimals
    from node.cli.commands.trading.legs import BUY, SELL, Leg, send_bundle, spread_quantums
    from node.client.instruments import terms_of

    closed, opened = (terms_of(session.client, name) for name in (near, far))
    held = held_lots(session, closed.instrument)
    lots = closed.lots(size) if size else abs(held)
    is_long = held > 0
    legs = [
        Leg(closed, SELL if is_long else BUY, lots, 0),
        Leg(opened, BUY if is_long else SELL, opened.lots(closed.size(lots)), 0),
    ]
    limit = None
    if spread is not None:
        signed = spread if is_long else negated(spread)
        limit = spread_quantums(signed, closed, lots, asset_decimals(session, closed.quote))
    send_bundle(session, legs, limit, [closed.instrument])


def negated(text: str) -> str:
    """Return a decimal with its sign turned.

    >>> negated("2.5"), negated("-400")
    ('-2.5', '400')
    """
    return text.strip()[1:] if text.strip().startswith("-") else f"-{text.strip()}"


def held_lots(session: Session, instrument: str) -> int:
    """Return what the account of --from holds of an instrument, below zero when short.

    Refuses: NOT_FOUND, where it holds nothing.
    """
    from node.cli.commands.trading.naming import account_text, account_word

    account = account_text(session)
    held = session.client.call("position_list", account=account, limit=1000)["items"]
    size = next((int(i["size_lots"]) for i in held if i["instrument"] == instrument), 0)
    if size == 0:
        raise Failure(
            NOT_FOUND,
            f"{account_word(session)} has no position in {instrument}",
            "list: novation position list",
        )
    return size
