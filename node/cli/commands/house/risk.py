"""`novation risk`: how near an account is to liquidation, what would bring it there, what did."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from node.cli.lazy import Group
from node.cli.output import table
from node.cli.session import Session
from node.client.failures import VALUE_MALFORMED, Failure

ACCOUNT = click.option("--account", "name", metavar="ACCOUNT", help="alice, alice/1.")
AT = click.option("--at", default="finalized", metavar="HEIGHT", help="The state of this height.")
PERCENT_DECIMALS = 4
HUNDRED_PER_CENT_PPM = 1_000_000
MOVE_MAX_PPM = 10 * HUNDRED_PER_CENT_PPM
REACHES_PPM = range(10_000, 900_001)
WAYS = ("", "up", "down")


@click.group(cls=Group)
def risk() -> None:
    """How an account stands, would stand and stood."""


@risk.command("what-if")
@click.option("--leg", "legs", multiple=True, metavar="INSTRUMENT:SIZE", help="Below 0: sell.")
@click.option("--price", "moves", multiple=True, metavar="UNDERLYING=+5%", help="A move of prices.")
@click.option("--vol", "volatilities", multiple=True, metavar="UNDERLYING=+10%", help="Of options.")
@ACCOUNT
@AT
@click.pass_obj
def what_if(
    session: Session,
    /,
    *,
    legs: Sequence[str],
    moves: Sequence[str],
    volatilities: Sequence[str],
    name: str | None,
    at: str,
) -> None:
    """Show how an account would stand after trades at the mark, then moves.

    A move is of an underlying with all its dates, or of one date; that of volatility is relative:
    +10% makes 66 of 60.

    novation risk what-if --leg BTC-PERP:0.5 --price BTC=-10% --vol BTC=+25% --account alice
    """
    from node.cli.commands.trading.naming import account_text, account_word
    from node.cli.showing.standing import stand_lines

    answer = session.client.call(
        "risk_whatIf",
        account=account_text(session, name),
        legs=[leg_from(session, leg) for leg in legs],
        moves=[
            *(move_from(move) for move in moves),
            *(move_from(move, "volatility_move_ppm") for move in volatilities),
        ],
        at=at,
    )
    fee = int(answer["fee_quantums"])
    lines = [f"{account_word(session, name)} at height {answer['height']}"]
    shown = stand_lines(session, answer["before"], answer["after"], fee)
    session.reporter.result(answer, [*lines, *(f"  {line}" for line in shown)])


def leg_from(session: Session, text: str) -> dict[str, str]:
    """Return the trade that `BTC-PERP:-0.5` means. Refuses: VALUE_MALFORMED, AMOUNT_INEXACT."""
    from node.client.instruments import terms_of

    instrument, colon, size = text.partition(":")
    if not instrument or not colon or not size:
        raise Failure(VALUE_MALFORMED, f'"{text}" is no trade', "like this: BTC-PERP:-0.5")
    terms = terms_of(session.client, instrument)
    sign = -1 if size.startswith("-") else 1
    return {
        "instrument": terms.instrument,
        "size_lots": str(sign * terms.lots(size.lstrip("+-"))),
    }


def move_from(text: str, of: str = "price_move_ppm") -> dict[str, Any]:
    """Return the move that `BTC=+5%` means, in ppm. Refuses: VALUE_MALFORMED, AMOUNT_INEXACT.

    >>> move_from("BTC=-2.5%")
    {'underlying': 'BTC', 'price_move_ppm': -25000}
    """
    from node.client.amounts import quantums_of

    underlying, equals, move = text.partition("=")
    if not equals or not move.endswith("%"):
        raise Failure(VALUE_MALFORMED, f'"{text}" is no move', "like this: BTC=+5% or BTC=-2.5%")
    ppm = quantums_of(move.removesuffix("%").removeprefix("+"), PERCENT_DECIMALS, "per cent")
    if not -HUNDRED_PER_CENT_PPM < ppm <= MOVE_MAX_PPM:
        raise Failure(VALUE_MALFORMED, f"{text}: a move is above -100 % and at most +1,000 %")
    return {"underlying": underlying.upper(), of: ppm}


@risk.command("scenarios")
@ACCOUNT
@AT
@click.pass_obj
def scenarios(session: Session, /, name: str | None, at: str) -> None:
    """Show what an account would lose in every scenario that margin looks at."""
    from node.cli.commands.trading.naming import account_text, account_word
    from node.client.amounts import decimal_of

    account = account_text(session, name)
    answer = session.client.call("risk_getScenarios", account=account, at=at)
    amount = _amounts(session, account, at)
    lines = [f"{account_word(session, name)} at height {answer['height']}"]
    for item in answer["items"]:
        rows = [
            [
                f"{decimal_of(one['price_move_ppm'], PERCENT_DECIMALS)} %",
                WAYS[one["volatility"]],
                f"{decimal_of(one['weight_ppm'], PERCENT_DECIMALS)} %",
                amount(one["loss_quantums"]),
                "worst" if one["worst"] else "",
            ]
            for one in item["scenarios"]
        ]
        lines.append(f"  {item['underlying']}: at worst {amount(item['scan_quantums'])} (MARG-030)")
        lines += [
            f"    {row}" for row in table(rows, ["price", "volatility", "weight", "loss", ""])
        ]
    lines += [] if answer["items"] else ["  nothing that could lose"]
    session.reporter.result(answer, lines)


@risk.command("greeks")
@ACCOUNT
@AT
@click.pass_obj
def greeks(session: Session, /, name: str | None, at: str) -> None:
    """Show how an account moves with the price of each underlying."""
    from node.cli.commands.trading.naming import account_text, account_word

    account = account_text(session, name)
    answer = session.client.call("risk_getGreeks", account=account, at=at)
    amount = _amounts(session, account, at)
    rows = [
        [
            item["underlying"],
            amount(item["delta_quantums"]),
            amount(item["positions_delta_quantums"]),
            amount(str(int(item["delta_quantums"]) // 100)),
            amount(item["gamma_quantums"]),
            amount(item["vega_quantums"]),
            amount(item["theta_quantums"]),
            amount(item["funding_8h_quantums"]),
        ]
        for item in answer["items"]
    ]
    head = [
        "underlying",
        "delta",
        "of positions",
        "for 1 %",
        "gamma",
        "vega",
        "theta",
        "funding 8 h",
    ]
    lines = [f"{account_word(session, name)} at height {answer['height']}"]
    lines += [f"  {row}" for row in table(rows, head)] if rows else ["  nothing that moves"]
    session.reporter.result(answer, lines)


@risk.command("payoff")
@click.argument("underlying")
@click.option("--date", metavar="25DEC26", help="[default: the first it has something of]")
@click.option("--leg", "legs", multiple=True, metavar="INSTRUMENT:SIZE", help="Below 0: sell.")
@click.option("--reach", default="30%", metavar="PERCENT", help="How far.  [default: 30%]")
@ACCOUNT
@AT
@click.pass_obj
def payoff(
    session: Session,
    /,
    *,
    underlying: str,
    date: str | None,
    legs: Sequence[str],
    reach: str,
    name: str | None,
    at: str,
) -> None:
    """Draw what an account would gain or lose over a price: now, and when a date ends.

    novation risk payoff BTC --leg BTC-25DEC26-70000-C:1 --account alice
    """
    from node.cli.commands.trading.naming import account_text, account_word
    from node.cli.showing.payoff import payoff_lines
    from node.reports.forward import spot_and_expiry

    account = account_text(session, name)
    asked: dict[str, Any] = {"underlying": underlying.upper(), "account": account, "at": at}
    if date is not None:
        dated = spot_and_expiry(f"{underlying}-{date}".upper())
        if dated is None:
            raise Failure(VALUE_MALFORMED, f'"{date}" is no date', "like this: 25DEC26")
        asked["expiry_ms"] = dated[1]
    asked["reach_ppm"] = move_from(f"{underlying}={reach}")["price_move_ppm"]
    if asked["reach_ppm"] not in REACHES_PPM:
        raise Failure(VALUE_MALFORMED, f"--reach {reach}: it goes from 1% to 90%")
    asked["legs"] = [leg_from(session, leg) for leg in legs]
    answer = session.client.call("risk_getPayoff", **asked)
    lines = payoff_lines(answer, _amounts(session, account, at))
    session.reporter.result(answer, [account_word(session, name) + ", " + lines[0], *lines[1:]])


@risk.command("plot")
@click.argument("name", metavar="[ACCOUNT]", required=False)
@click.option("--from-block", "first", type=click.IntRange(0), help="Of the last 1,000.")
@click.option("--to-block", "last", type=click.IntRange(0), help="[default: the newest that tells]")
@click.option("--out", type=click.Path(path_type=Path), help="A picture: FILE.png, .svg or .pdf.")
@click.pass_obj
def plot(
    session: Session, /, name: str | None, first: int | None, last: int | None, out: Path | None
) -> None:
    """Draw an account's equity against its maintenance margin over blocks.

    Around the last time it was warned or liquidated, or the newest hundred blocks; on the
    terminal, or as a picture.

    novation risk plot alice --out liquidation.png
    """
    from node.cli.commands.trading.naming import account_text, account_word
    from node.cli.showing.fall import fall_data, fall_lines, fall_of

    fall = fall_of(session, account_text(session, name), account_word(session, name), first, last)
    if out is None:
        session.reporter.result(fall_data(fall), fall_lines(fall))
        return
    from node.cli.showing.picture import write_picture

    write_picture(fall, out)
    session.reporter.result({**fall_data(fall), "file": str(out)}, [f"wrote {out}"])


def _amounts(session: Session, account: str, at: str) -> Any:
    """Return what says quantums of an account's settlement asset in whole units."""
    from node.cli.assets import asset_decimals
    from node.client.amounts import money

    asset = session.client.call("account_get", account=account, at=at)["settlement_asset"]
    decimals = asset_decimals(session, asset)
    return lambda quantums: money(int(quantums), decimals, asset)
