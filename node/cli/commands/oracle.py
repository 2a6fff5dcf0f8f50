"""`novation oracle`: what things cost, who says so, and how well."""

import click

from node.cli.lazy import Group
from node.cli.output import table
from node.cli.session import Session


@click.group(cls=Group)
def oracle() -> None:
    """Show prices and the authorities that report them."""


@oracle.command("feeds")
@click.pass_obj
def feeds(session: Session) -> None:
    """Show every feed: its price, how far it may be trusted, how old it is."""
    from node.cli.pricing import PRICE_DECIMALS
    from node.client.amounts import decimal_of
    from node.devnet.standing import took

    told = session.client.call("oracle_getFeeds")

    def shown(value: str | None) -> str:
        return "-" if value is None else decimal_of(int(value), PRICE_DECIMALS, group=True, least=2)

    rows = [
        [
            feed["feed"],
            shown(feed["price_e8"]),
            shown(feed["confidence_e8"]),
            feed["state"],
            "-"
            if feed["updated_ms"] is None
            else took(int(told["time_ms"]) - int(feed["updated_ms"])),
            shown(feed["average_5m_e8"]),
            shown(feed["set_price_e8"]),
        ]
        for feed in told["items"]
    ]
    head = ["feed", "price", "confidence", "state", "age", "5 min average", "set by hand"]
    session.reporter.result(told, [f"block {told['height']}", *table(rows, head)])


@oracle.command("reporters")
@click.pass_obj
def reporters(session: Session) -> None:
    """Show every authority as a reporter: how often it was heard, how far off it was."""
    told = session.client.call("oracle_getReporters")
    rows = [
        [
            one["authority"],
            one["reports_count"],
            one["misses_count"],
            one["error_ppm"],
            one["last_round"] or "-",
            one["newest_round"] or "-",
        ]
        for one in told["items"]
    ]
    head = ["authority", "reports", "misses", "error ppm", "last round", "newest here"]
    session.reporter.result(told, [f"block {told['height']}", *table(rows, head)])
