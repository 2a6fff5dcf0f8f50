"""`novation clearing`: what pays for losses, in which order, and who was closed by force."""

from collections.abc import Mapping
from typing import Any

import click

from node.cli.lazy import Group
from node.cli.output import table
from node.cli.session import Session

COMPARTMENT = click.option("--compartment", default="main", show_default=True, metavar="C")
AT = click.option("--at", default="finalized", metavar="HEIGHT", help="The state of this height.")


@click.group(cls=Group)
def clearing() -> None:
    """Funds of the house, who pays for losses, and who was closed."""


@clearing.command("fund")
@COMPARTMENT
@AT
@click.pass_obj
def fund(session: Session, compartment: str, at: str) -> None:
    """Show what a compartment has to pay losses with, what it owes, and what it closes."""
    answer = session.client.call("clearing_getFund", compartment=compartment, at=at)
    amount = _amounts(session, answer)
    rows = [
        ["insurance", amount("insurance_quantums")],
        ["of it payable this hour", amount("insurance_limit_quantums")],
        ["default fund", amount("default_fund_quantums")],
        ["owed", amount("debt_quantums")],
    ]
    lines = [f"{compartment} at height {answer['height']}"]
    lines += [f"  {row}" for row in table(rows)]
    session.reporter.result(answer, [*lines, *_closing_lines(session, answer)])


def _amounts(session: Session, answer: Mapping[str, Any]) -> Any:
    """Return what says a field of a fund in whole units."""
    from node.cli.assets import asset_decimals
    from node.client.amounts import money

    asset = answer["settlement_asset"]
    decimals = asset_decimals(session, asset)
    return lambda field: money(int(answer[field]), decimals, asset)


def _closing_lines(session: Session, answer: Mapping[str, Any]) -> list[str]:
    """Return what is said of a default account that is being closed, if there is one."""
    from node.cli.assets import asset_decimals
    from node.client.amounts import money
    from node.client.instruments import terms_of
    from node.devnet.standing import took

    closing = answer["closing"]
    if closing is None:
        return []
    asset = answer["settlement_asset"]
    decimals = asset_decimals(session, asset)
    held = [
        f"{terms.size(one['size_lots'])} {one['instrument']}"
        for one in closing["positions"]
        for terms in [terms_of(session.client, one["instrument"])]
    ]
    left_ms = closing["tear_up_ms"] - answer["time_ms"]
    when = f"torn up in {took(left_ms)}" if left_ms > 0 else "torn up in the next block"
    budget = money(int(closing["budget_quantums"]), decimals, asset)
    return [
        f"  the default account holds {', '.join(held) or 'no positions'}",
        f"  what is open is {when}; until then slices may cost {budget}",
    ]


@clearing.command("waterfall")
@COMPARTMENT
@AT
@click.pass_obj
def waterfall(session: Session, compartment: str, at: str) -> None:
    """Show who would pay a compartment's next loss, in order, each with its rule."""
    answer = session.client.call("clearing_getFund", compartment=compartment, at=at)
    rows = [[place, *row] for place, row in enumerate(_steps(session, answer), 1)]
    lines = [f"{compartment} at height {answer['height']}"]
    lines += [f"  {row}" for row in table(rows, ["", "who pays", "at most now", "rule"])]
    if int(answer["debt_quantums"]):
        owed = _amounts(session, answer)("debt_quantums")
        lines.append(f"  {owed} are owed: nothing opens until they are repaid (INS-050)")
    session.reporter.result(answer, lines)


def _steps(session: Session, answer: Mapping[str, Any]) -> list[list[str]]:
    from node.cli.assets import asset_decimals
    from node.client.amounts import money

    asset = answer["settlement_asset"]
    decimals = asset_decimals(session, asset)
    layers = []
    for layer in answer["layers"]:
        amount = money(int(layer["quantums"]), decimals, asset)
        layers.append([layer["name"].replace("_", " "), amount, layer["rule"]])
    return [
        *layers,
        ["gains of that block", "all of them, pro rata", "INS-020"],
        ["accounts with positions", "what they have, by risk", "INS-030"],
        ["the compartment, as a debt", "the rest", "INS-050"],
    ]


@clearing.command("liquidations")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@click.option("--cursor", help="Go on after an earlier answer's next_cursor.")
@click.pass_obj
def liquidations(session: Session, /, **page: Any) -> None:
    """Show what was closed by force, the newest first, a slice a line."""
    from node.cli.showing.telling import Telling
    from node.clock import moment_of

    answer = session.client.call("clearing_listLiquidations", **page)
    settlement = session.client.call("clearing_getFund")["settlement_asset"]
    telling = Telling(session, "", settlement)
    rows = [
        [
            moment_of(item["time_ms"]),
            item["height"],
            telling.who(item["account"]),
            item["kind"],
            _closed(telling, item),
            telling.who(item["keeper"]) if item["keeper"] else _taker_of(item),
            telling.amount(item["equity_quantums"]),
            telling.amount(_given(item)),
        ]
        for item in answer["items"]
    ]
    head = ["when", "block", "account", "kind", "closed", "by", "equity", "gave"]
    lines = [f"{len(rows)} at height {answer['height']}"]
    lines += [f"  {row}" for row in table(rows, head)] if rows else []
    if answer["next_cursor"]:
        lines.append(f"  older: --cursor {answer['next_cursor']}")
    session.reporter.result(answer, lines)


def _given(item: Mapping[str, Any]) -> str:
    """Return what the account gave beyond the mark: to whoever took it, and to insurance."""
    if item["kind"] == "takeover":
        return "0"
    return str(int(item["reward_quantums"]) + int(item["insurance_quantums"]))


def _taker_of(item: Mapping[str, Any]) -> str:
    return "the house" if item["kind"] == "takeover" else "the book"


def _closed(telling: Any, item: Mapping[str, Any]) -> str:
    if item["kind"] == "takeover":
        count = item["positions_count"]
        return f"all, {count} {'position' if count == 1 else 'positions'}"
    parts = [telling.lots(leg) for leg in item["closes"]]
    parts += [telling.amount(cut["amount_quantums"], cut["asset"]) for cut in item["collateral"]]
    return ", ".join(parts)
