"""`novation market`: what can be traded, its book, its trades, its funding."""

import click

from node.cli.lazy import Group
from node.cli.output import document_lines, table
from node.cli.session import Session


@click.group(cls=Group)
def market() -> None:
    """Instruments and their prices."""


@market.command("list")
@click.pass_obj
def list_markets(session: Session) -> None:
    """List every instrument with its state and its prices."""
    from node.client.instruments import shown

    answer = session.client.call("market_list", limit=1000)
    rows = [
        [
            item["instrument"],
            item["kind"],
            item["state"],
            _price(item["mark_price_ticks"], item["tick_size"]),
            _price(item["last_price_ticks"], item["tick_size"]),
            shown(int(item["open_interest_lots"]), item["lot_size"]),
            "-" if item["funding_rate_ppm"] is None else f"{item['funding_rate_ppm']} ppm",
        ]
        for item in answer["items"]
    ]
    head = ["instrument", "kind", "state", "mark", "last", "open interest", "funding 8h"]
    session.reporter.result(
        answer,
        [f"markets at height {answer['height']}", *(f"  {row}" for row in table(rows, head))],
    )


def _price(ticks: str | None, tick_size: str) -> str:
    from node.client.instruments import shown

    return "-" if ticks is None else shown(int(ticks), tick_size)


@market.command("show")
@click.argument("instrument")
@click.pass_obj
def show(session: Session, instrument: str) -> None:
    """Show an instrument's terms, state and prices."""
    from node.client.instruments import terms_of

    shape = terms_of(session.client, instrument).shape
    session.reporter.result(shape, document_lines(shape))


@market.command("book")
@click.argument("instrument")
@click.option("--depth", type=click.IntRange(1, 200), default=10, show_default=True)
@click.pass_obj
def book(session: Session, instrument: str, depth: int) -> None:
    """Show an instrument's book: asks above, bids below, the best in the middle."""
    from node.client.instruments import terms_of

    terms = terms_of(session.client, instrument)
    answer = session.client.call("market_getBook", instrument=terms.instrument, depth_count=depth)
    rows = [
        [side, terms.price(price), terms.size(lots)]
        for side, levels in (("sell", answer["asks"][::-1]), ("buy", answer["bids"]))
        for price, lots in levels
    ]
    lines = [f"{terms.instrument} at height {answer['height']}"]
    lines += [f"  {row}" for row in table(rows, ["side", "price", "size"])] if rows else []
    lines += [] if rows else ["  nothing rests"]
    session.reporter.result(answer, lines)


@market.command("trades")
@click.argument("instrument")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@click.option("--cursor", help="Go on after an earlier answer's next_cursor.")
@click.pass_obj
def trades(session: Session, instrument: str, limit: int, cursor: str | None) -> None:
    """Show an instrument's trades, the newest first."""
    from node.client.instruments import terms_of

    terms = terms_of(session.client, instrument)
    answer = session.client.call(
        "market_getTrades", instrument=terms.instrument, limit=limit, cursor=cursor
    )
    rows = [
        [
            item["trade_id"],
            item["height"],
            terms.price(item["price_ticks"]),
            terms.size(item["size_lots"]),
            item["taker_side"] or "-",
        ]
        for item in answer["items"]
    ]
    count = f"{len(rows)} {'trade' if len(rows) == 1 else 'trades'}"
    lines = [f"{terms.instrument}: {count} at height {answer['height']}"]
    lines += (
        [f"  {row}" for row in table(rows, ["trade", "block", "price", "size", "taker"])]
        if rows
        else []
    )
    if answer["next_cursor"]:
        lines.append(f"  older: --cursor {answer['next_cursor']}")
    session.reporter.result(answer, lines)


@market.command("funding")
@click.argument("instrument")
@click.pass_obj
def funding(session: Session, instrument: str) -> None:
    """Show what a perpetual's longs pay its shorts, now and as foreseen."""
    from node.client.amounts import decimal_of
    from node.client.instruments import terms_of

    terms = terms_of(session.client, instrument)
    answer = session.client.call("market_getFunding", instrument=terms.instrument)
    rows = [
        [label, f"{decimal_of(int(answer[field]), 7)} %"]
        for label, field in (
            ("this hour, for 8 h", "rate_8h_e9"),
            ("next hour, as its premiums so far say", "predicted_8h_e9"),
        )
    ]
    session.reporter.result(
        answer,
        [f"{terms.instrument} at height {answer['height']}", *(f"  {row}" for row in table(rows))],
    )
