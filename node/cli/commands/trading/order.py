"""`novation order`: place, bundle, list and cancel."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from node.cli.lazy import DURATION, Group
from node.cli.output import table
from node.cli.session import Session
from node.client.failures import USAGE, Failure

TIME_IN_FORCE = {"gtc": 1, "ioc": 2, "fok": 3}
STOP, TAKE_PROFIT = 1, 2
BUY, SELL = 1, 2
MARGIN_SHORT = "margin.initial_margin_short"


@click.group(cls=Group)
def order() -> None:
    """Orders of a margin account."""


@order.command("place")
@click.argument("instrument")
@click.argument("side", type=click.Choice(["buy", "sell"]))
@click.argument("size")
@click.option("--price", metavar="P", help="The limit, as a decimal.")
@click.option("--market", is_flag=True, help="Take what there is, at once.")
@click.option("--protect", metavar="PRICE", help="With --market: no worse than this.")
@click.option("--tif", type=click.Choice(list(TIME_IN_FORCE)), help="gtc rests, ioc, fok.")
@click.option("--post-only", is_flag=True, help="Only add to the book.")
@click.option("--reduce-only", is_flag=True, help="Only shrink a position.")
@click.option("--client-id", default="", metavar="TEXT", help="A name of your own.")
@click.option("--good-till", metavar="TIME", help="It may rest so long, or till then: 1h.")
@click.option("--stop", metavar="PRICE", help="Wait until the mark reaches this against you.")
@click.option("--take-profit", metavar="PRICE", help="Wait until the mark reaches this for you.")
@click.pass_obj
def place(session: Session, /, instrument: str, side: str, size: str, **how: Any) -> None:
    """Place an order; sizes and prices are decimals, exact by lot and tick.

    novation order place BTC-PERP buy 0.5 --price 64_000 --from alice
    """
    from node.cli.commands.trading.naming import account_text
    from node.cli.writing import send
    from node.client.instruments import terms_of

    _refuse_both(how)
    account = account_text(session)
    terms = terms_of(session.client, instrument)
    limit = how["protect"] if how["market"] else how["price"]
    trigger = how["stop"] or how["take_profit"]
    trigger_kind = (STOP if how["stop"] else TAKE_PROFIT) if trigger else 0
    plain = {
        "account_holder": account,
        "instrument": terms.instrument,
        "side": BUY if side == "buy" else SELL,
        "price_ticks": str(terms.ticks(limit) if limit else 0),
        "size_lots": str(terms.lots(size)),
        "time_in_force": TIME_IN_FORCE[how["tif"] or ("ioc" if how["market"] else "gtc")],
        "post_only": how["post_only"],
        "reduce_only": how["reduce_only"],
        "self_trade": 0,
        "client_id": how["client_id"],
        "good_till_ms": good_till_ms(session, how["good_till"]),
        "trigger_kind": trigger_kind,
        "trigger_ticks": str(terms.ticks(trigger) if trigger else 0),
    }
    with told_of_all(session, plain, terms):
        send(session, "orders.place", plain, lambda receipt: placed_lines(receipt, terms))


@contextlib.contextmanager
def told_of_all(session: Session, plain: Mapping[str, Any], terms: Any) -> Iterator[None]:
    """Say of an order that margin refuses what all of it needs.

    The chain judges an order fill by fill, and its numbers end at the first that fails.
    """
    try:
        yield
    except Failure as failure:
        said = _whole_need(session, plain, terms, failure)
        if not said:
            raise
        units, *advice = failure.advice
        raise Failure(
            failure.kind, failure.message, units, said, *advice, details=failure.details
        ) from failure


def _whole_need(session: Session, plain: Mapping[str, Any], terms: Any, failure: Failure) -> str:
    """Return what an account would need for all of an order, nothing where no more than said."""
    from node.cli.assets import asset_decimals
    from node.client.amounts import money

    if failure.kind.reason != MARGIN_SHORT:
        return ""
    signed_lots = int(plain["size_lots"]) * (1 if plain["side"] == BUY else -1)
    leg = {"instrument": terms.instrument, "size_lots": str(signed_lots)}
    try:
        after = session.client.call("risk_whatIf", account=plain["account_holder"], legs=[leg])[
            "after"
        ]
    except Failure:
        return ""
    short_quantums = -int(after["excess_quantums"])
    if short_quantums <= int(failure.details["short_by_quantums"]):
        return ""
    asset = after["settlement_asset"]
    decimals = asset_decimals(session, asset)
    need = money(int(after["initial_margin_quantums"]), decimals, asset)
    short = money(short_quantums, decimals, asset)
    return (
        f"that is up to the first fill that fails; all {terms.size(abs(signed_lots))}, at the mark,"
        f" would need {need} and be short by {short}"
    )


def good_till_ms(session: Session, text: str | None) -> int:
    """Return when an order ends: a time in UTC, or a span from the chain's now on; 0 is never.

    Refuses: USAGE, for what is neither.
    """
    from node.clock import ms_of

    if text is None:
        return 0
    try:
        span_ms = DURATION(text)
    except click.BadParameter:
        pass
    else:
        return int(session.client.call("chain_getStatus")["time_ms"]) + span_ms
    try:
        return ms_of(text)
    except ValueError as fault:
        raise Failure(
            USAGE, f'"{text}" is neither a span nor a time', "like this: 1h, or 2027-01-31T08:00"
        ) from fault


def _refuse_both(how: Mapping[str, Any]) -> None:
    """Refuse wishes that exclude each other. Refuses: USAGE."""
    if bool(how["price"]) == how["market"]:
        raise Failure(USAGE, "an order has a price or is a market order: --price P or --market")
    if how["protect"] and not how["market"]:
        raise Failure(USAGE, "--protect bounds a market order; a limit is --price")
    if how["stop"] and how["take_profit"]:
        raise Failure(USAGE, "an order waits for --stop or for --take-profit, not for both")


def placed_lines(receipt: Mapping[str, Any], terms: Any) -> list[str]:
    """Return what became of an order: its number, each fill, and what rests."""
    from node.cli.commands.trading.naming import events_of

    lines = []
    for event in events_of(receipt, "orders.order_placed"):
        verb = "buy" if event["side"] == 1 else "sell"
        price = terms.price(event["price_ticks"]) if int(event["price_ticks"]) else "market"
        size = terms.size(event["size_lots"])
        waits = f", waits for {terms.price(event['trigger_ticks'])}"
        lines.append(
            f"order {event['order_id']}: {verb} {size} {terms.instrument} at {price}"
            + (waits if int(event["trigger_ticks"]) else "")
        )
    lines += [
        f"filled {terms.size(event['size_lots'])} at {terms.price(event['price_ticks'])}"
        for event in events_of(receipt, "trades.traded")
    ]
    lines += [
        f"rests {terms.size(event['remaining_lots'])}"
        for event in events_of(receipt, "orders.order_rested")
    ]
    lines += [
        f"order {event['order_id']}: {terms.size(event['remaining_lots'])} gone, {event['why']}"
        for event in events_of(receipt, "orders.order_cancelled")
    ]
    return lines or [f"{terms.instrument} order taken"]


@order.command("bundle")
@click.option("--leg", "legs", multiple=True, metavar="INSTRUMENT:SIZE[@P]", help="Below 0: sell.")
@click.option("--net", metavar="AMOUNT", help="Pay at most this for all; below 0: receive it.")
@click.option("--reduce-only", multiple=True, metavar="INSTRUMENT", help="A leg that only shrinks.")
@click.pass_obj
def bundle(
    session: Session, /, legs: Sequence[str], net: str | None, reduce_only: Sequence[str]
) -> None:
    """Fill several legs at once and together, each whole, or none of them.

    novation order bundle --leg BTC-PERP:-1 --leg BTC-26MAR27:1 --net 1_000 --from alice
    """
    from node.cli.assets import asset_decimals
    from node.cli.commands.trading.legs import leg_of, send_bundle
    from node.client.amounts import quantums_of

    if not legs:
        raise Failure(USAGE, "a bundle has legs: --leg INSTRUMENT:SIZE[@P], twice or more")
    found = [leg_of(session.client, leg) for leg in legs]
    shrinking = [name.upper() for name in reduce_only]
    unmet = [name for name in shrinking if name not in {leg.terms.instrument for leg in found}]
    if unmet:
        raise Failure(USAGE, f"--reduce-only {unmet[0]} names no leg")
    quote = found[0].terms.quote
    limit = None if net is None else quantums_of(net, asset_decimals(session, quote), quote)
    send_bundle(session, found, limit, shrinking)


@order.command("list")
@click.argument("name", metavar="[ACCOUNT]", required=False)
@click.option("--instrument", metavar="I", help="Orders of this instrument alone.")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True)
@click.option("--cursor", help="Go on after an earlier answer's next_cursor.")
@click.pass_obj
def list_orders(session: Session, /, name: str | None, instrument: str | None, **page: Any) -> None:
    """List an account's open orders, stops and take-profits."""
    from node.cli.commands.trading.naming import account_text, account_word
    from node.client.instruments import terms_of

    answer = session.client.call(
        "order_list",
        account=account_text(session, name),
        instrument=instrument.upper() if instrument else None,
        **page,
    )
    rows = []
    for item in answer["items"]:
        terms = terms_of(session.client, item["instrument"])
        price = terms.price(item["price_ticks"]) if int(item["price_ticks"]) else "market"
        rows.append(
            [
                item["order_id"],
                item["instrument"],
                item["side"],
                terms.size(item["remaining_lots"]),
                terms.size(item["size_lots"]),
                price,
                item["state"],
                item["client_id"] or "-",
            ]
        )
    head = ["order", "instrument", "side", "left", "of", "price", "state", "client id"]
    lines = [f"{account_word(session, name)}: {len(rows)} open at height {answer['height']}"]
    lines += [f"  {row}" for row in table(rows, head)] if rows else []
    session.reporter.result(answer, lines)


@order.command("cancel")
@click.argument("order_id", metavar="[ID]", required=False, type=click.IntRange(1))
@click.option("--client-id", metavar="TEXT", help="By the name of your own.")
@click.pass_obj
def cancel(session: Session, order_id: int | None, client_id: str | None) -> None:
    """Cancel an open order by its number or its client id."""
    from node.cli.commands.trading.naming import account_text
    from node.cli.writing import send

    if (order_id is None) == (client_id is None):
        raise Failure(USAGE, "which order? its number, or --client-id TEXT")
    plain = {
        "account_holder": account_text(session),
        "order_id": order_id or 0,
        "client_id": client_id or "",
    }
    send(session, "orders.cancel", plain, lambda _: [f"order {order_id or client_id} cancelled"])


@order.command("cancel-all")
@click.option("--instrument", default="", metavar="I", help="Orders of this instrument alone.")
@click.pass_obj
def cancel_all(session: Session, instrument: str) -> None:
    """Cancel every open order of the account of --from."""
    from node.cli.commands.trading.naming import account_text, events_of
    from node.cli.writing import send

    plain = {"account_holder": account_text(session), "instrument": instrument.upper()}

    def tell(receipt: Mapping[str, Any]) -> list[str]:
        count = len(events_of(receipt, "orders.order_cancelled"))
        return [f"{count} {'order' if count == 1 else 'orders'} cancelled"]

    send(session, "orders.cancel_all", plain, tell)
