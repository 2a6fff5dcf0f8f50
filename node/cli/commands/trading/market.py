"""`novation market`: what can be traded, its book, trades, candles, funding and volatility."""

from collections.abc import Sequence
from typing import Any

import click

from node.cli.lazy import Group
from node.cli.output import document_lines, table
from node.cli.session import Session

KINDS = ("perpetual", "future", "call", "put", "synthetic")
OPTION_KINDS = ("call", "put")
INTERVALS = ("1m", "5m", "15m", "30m", "1h", "4h", "12h", "1d")
PRICES = ("open", "high", "low", "close")
DRAWING_ROWS = 16
POINT_COLUMNS = 5
DATE_MARKS = "abcdefghijklmnopqrstuvwxyz"


@click.group(cls=Group)
def market() -> None:
    """Instruments and their prices."""


@market.command("list")
@click.option("--underlying", help="Of this alone: BTC.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="Of this kind.")
@click.pass_obj
def list_markets(session: Session, /, underlying: str | None, kinds: Sequence[str]) -> None:
    """List instruments with their states and prices; options where they are asked for.

    novation market list --underlying BTC --kind call
    """
    from node.client.instruments import shown

    asked: dict[str, Any] = {"kinds": list(kinds)} if kinds else {}
    if underlying is not None:
        asked["underlying"] = underlying.upper()
    answer = session.client.call("market_list", limit=1000, **asked)
    items = [one for one in answer["items"] if kinds or one["kind"] not in OPTION_KINDS]
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
        for item in items
    ]
    head = ["instrument", "kind", "state", "mark", "last", "open interest", "funding 8h"]
    lines = [f"markets at height {answer['height']}", *(f"  {row}" for row in table(rows, head))]
    options_count = len(answer["items"]) - len(items)
    if options_count:
        lines.append(f"  and {options_count} options: --kind call --kind put")
    session.reporter.result(answer, lines)


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


@market.command("candles")
@click.argument("instrument")
@click.option("--interval", type=click.Choice(INTERVALS), default="1m", show_default=True)
@click.option("--limit", type=click.IntRange(1, 1000), default=60, show_default=True)
@click.option("--cursor", help="Go on before an earlier answer's next_cursor.")
@click.option("--plot", is_flag=True, help="Draw them.")
@click.pass_obj
def candles(session: Session, /, instrument: str, plot: bool, **page: Any) -> None:
    """Show first, highest, lowest and last price of each span that had a trade.

    novation market candles BTC-PERP --interval 1m --plot
    """
    from node.client.instruments import terms_of
    from node.clock import moment_of

    terms = terms_of(session.client, instrument)
    answer = session.client.call("market_getCandles", instrument=terms.instrument, **page)
    items = answer["items"]
    count = f"{len(items)} {'candle' if len(items) == 1 else 'candles'} of {page['interval']}"
    lines = [f"{terms.instrument}: {count} at height {answer['height']}"]
    if plot and items:
        lines += [f"  {line}" for line in _drawn(items, terms)]
        lines.append(f"  {moment_of(items[0]['start_ms'])} to {moment_of(items[-1]['start_ms'])}")
    elif items:
        rows = [
            [
                moment_of(item["start_ms"]),
                *(terms.price(item[f"{name}_ticks"]) for name in PRICES),
                terms.size(item["volume_lots"]),
                item["trades_count"],
            ]
            for item in items
        ]
        lines += [f"  {row}" for row in table(rows, ["from", *PRICES, "volume", "trades"])]
    if answer["next_cursor"]:
        lines.append(f"  older: --cursor {answer['next_cursor']}")
    session.reporter.result(answer, lines)


def _drawn(items: list[dict[str, Any]], terms: Any) -> list[str]:
    from node.cli.showing.drawing import Bar
    from node.cli.showing.drawing import candles as drawn

    bars = [Bar(*(int(item[f"{name}_ticks"]) for name in PRICES)) for item in items]
    return drawn(bars, DRAWING_ROWS, terms.price)


@market.command("funding")
@click.argument("instrument")
@click.option("--limit", type=click.IntRange(1, 1000), default=24, show_default=True)
@click.option("--cursor", help="Go on after an earlier answer's next_cursor.")
@click.pass_obj
def funding(session: Session, /, instrument: str, **page: Any) -> None:
    """Show what a perpetual's longs pay its shorts: now, as foreseen, and in past hours."""
    from node.client.amounts import decimal_of
    from node.client.instruments import terms_of
    from node.clock import moment_of

    terms = terms_of(session.client, instrument)
    answer = session.client.call("market_getFunding", instrument=terms.instrument, **page)
    rows = [
        [label, f"{decimal_of(int(answer[field]), 7)} %"]
        for label, field in (
            ("this hour, for 8 h", "rate_8h_e9"),
            ("next hour, as its premiums so far say", "predicted_8h_e9"),
        )
    ]
    lines = [f"{terms.instrument} at height {answer['height']}"]
    lines += [f"  {row}" for row in table(rows)]
    past = [
        [
            moment_of(rate["hour_start_ms"]),
            f"{decimal_of(int(rate['rate_8h_e9']), 7)} %",
            f"{decimal_of(int(rate['mean_premium_e9']), 7)} %",
            rate["samples_count"],
        ]
        for rate in answer["history"]
    ]
    head = ["hour from", "rate for 8 h", "mean premium", "premiums"]
    lines += [f"  {row}" for row in table(past, head)] if past else []
    if answer["next_cursor"]:
        lines.append(f"  older: --cursor {answer['next_cursor']}")
    session.reporter.result(answer, lines)


@market.command("surface")
@click.argument("underlying")
@click.option("--plot", is_flag=True, help="Draw it.")
@click.pass_obj
def surface(session: Session, underlying: str, plot: bool) -> None:
    """Show what volatility the chain goes by, by date and strike.

    novation market surface BTC --plot
    """
    from node.client.amounts import decimal_of
    from node.clock import moment_of

    answer = session.client.call("market_getSurface", underlying=underlying.upper())
    dates = answer["dates"]
    chosen = f"chosen {moment_of(answer['chosen_ms'])} of {answer['admitted_count']} surfaces"
    lines = [f"{answer['underlying']} at height {answer['height']}, {answer['state']}, {chosen}"]
    strikes = [f"{point['percent']} %" for point in dates[0]["points"]] if dates else []
    if plot and dates:
        lines += [f"  {line}" for line in _smiles_drawn(dates)]
        lines.append(f"  strikes from {strikes[0]} to {strikes[-1]} of the forward, evenly spaced")
        lines += [
            f"  {mark} {moment_of(date['expiry_ms'])}"
            for mark, date in zip(DATE_MARKS, dates, strict=False)
        ]
    elif dates:
        rows = [
            [
                moment_of(date["expiry_ms"]),
                decimal_of((int(date["forward_e8"]) + 500_000) // 10**6, 2, group=True),
                f"{decimal_of(date['dispersion_ppm'], 4)} %",
                *(_per_cent(int(point["volatility_e9"])) for point in date["points"]),
            ]
            for date in dates
        ]
        lines += [f"  {row}" for row in table(rows, ["date", "forward", "spread", *strikes])]
        lines.append("  volatility a year in per cent, at strikes in per cent of the forward")
    else:
        lines.append("  every date of it has passed")
    session.reporter.result(answer, lines)


@market.command("chain")
@click.argument("underlying")
@click.argument("date", required=False)
@click.pass_obj
def chain(session: Session, underlying: str, date: str | None) -> None:
    """Show the options of a date by strike: calls at the left, puts at the right.

    novation market chain BTC 25DEC26
    """
    from node.cli.showing.chain import chain_lines
    from node.client.failures import VALUE_MALFORMED, Failure
    from node.reports.forward import spot_and_expiry

    asked: dict[str, Any] = {"underlying": underlying.upper()}
    if date is not None:
        dated = spot_and_expiry(f"{underlying}-{date}".upper())
        if dated is None:
            raise Failure(VALUE_MALFORMED, f'"{date}" is no date', "like this: 25DEC26")
        asked["expiry_ms"] = dated[1]
    answer = session.client.call("market_getChain", **asked)
    session.reporter.result(answer, chain_lines(answer))


def _smiles_drawn(dates: list[dict[str, Any]]) -> list[str]:
    from node.cli.showing.drawing import Curve, curves

    drawn = [
        Curve(
            mark,
            [
                int(point["volatility_e9"]) if column == 0 else None
                for point in date["points"]
                for column in range(POINT_COLUMNS)
            ],
        )
        for mark, date in zip(DATE_MARKS, dates, strict=False)
    ]
    return curves(drawn, DRAWING_ROWS, lambda volatility_e9: f"{_per_cent(volatility_e9)} %")


def _per_cent(volatility_e9: int) -> str:
    """Return a volatility in per cent with two places. Rounds: to nearest, halves up."""
    from node.client.amounts import decimal_of

    return decimal_of((volatility_e9 + 50_000) // 100_000, 2, least=2)
