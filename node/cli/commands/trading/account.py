"""`novation account deposit | withdraw | open | schedule | show | margin | history`."""

from collections.abc import Callable, Mapping
from typing import Any

import click

from node.cli.lazy import Command
from node.cli.output import table
from node.cli.session import Session

OPENED_UNDER = "standard"
"""The schedule of every account until it changes it."""
DEPOSITED = "USD"
DEPOSIT = "accounts.deposit"
ENTRY_EQUITY_SHORT = "margin.entry_equity_short"


@click.command(cls=Command)
@click.argument("amount")
@click.option("--asset", default="USD", show_default=True, help="What is moved.")
@click.pass_obj
def deposit(session: Session, amount: str, asset: str) -> None:
    """Move an amount from the wallet of --from into the margin account of --from.

    novation account deposit 10_000 --asset USD --from alice
    """
    _move(session, DEPOSIT, amount, asset, "deposited")


@click.command(cls=Command)
@click.argument("amount")
@click.option("--asset", default="USD", show_default=True, help="What is moved.")
@click.pass_obj
def withdraw(session: Session, amount: str, asset: str) -> None:
    """Move an amount from the margin account of --from to the wallet of --from.

    novation account withdraw 500 --asset USD --from alice
    """
    _move(session, "margin.withdraw_collateral", amount, asset, "withdrew")


def _move(session: Session, kind: str, amount: str, asset: str, verb: str) -> None:
    from node.cli.assets import asset_decimals, warn_of_empty_wallet
    from node.cli.commands.trading.naming import account_text, account_word
    from node.cli.writing import send
    from node.client.amounts import money, quantums_of

    account, word = account_text(session), account_word(session)
    decimals = asset_decimals(session, asset)
    quantums = quantums_of(amount, decimals, asset)
    plain = {"account_holder": account, "asset": asset, "amount_quantums": str(quantums)}

    def tell(_receipt: Mapping[str, Any]) -> list[str]:
        return [f"{word} {verb} {money(quantums, decimals, asset)}"]

    if kind == DEPOSIT:
        warn_of_empty_wallet(session, asset, quantums)
    send(session, kind, plain, tell)


@click.command("open", cls=Command)
@click.option("--schedule", type=click.Choice(["standard", "portfolio"]), default="standard")
@click.option("--mode", type=click.Choice(["cross", "isolated"]), default="cross")
@click.option("--compartment", default="main", show_default=True)
@click.option("--deposit", "amount", metavar="AMOUNT", help="Of USD, from the wallet, at once.")
@click.pass_obj
def open_account(session: Session, /, amount: str | None, **asked: str) -> None:
    """Open a margin account of --from; number 0 is opened by its first deposit.

    A schedule that asks for equity is entered with the deposit, all in one transaction.

    novation account open --schedule portfolio --deposit 150_000 --from alice/1
    """
    from node.cli.assets import asset_decimals
    from node.cli.commands.trading.naming import account_text, account_word
    from node.cli.writing import send_list
    from node.client.amounts import money, quantums_of
    from node.client.failures import Failure

    account, word = account_text(session), account_word(session)
    mode, schedule = asked["mode"], asked["schedule"]
    told, quantums = f"{word} opened, {mode}, {schedule}", 0
    if amount is not None:
        decimals = asset_decimals(session, DEPOSITED)
        quantums = quantums_of(amount, decimals, DEPOSITED)
        told += f", with {money(quantums, decimals, DEPOSITED)}"
    actions = _opening(account, None if amount is None else quantums, **asked)
    try:
        send_list(session, actions, lambda _: [told])
    except Failure as failure:
        if failure.kind.reason != ENTRY_EQUITY_SHORT:
            raise
        advice = (f"opened with what it needs: --deposit AMOUNT, in {DEPOSITED}", *failure.advice)
        raise Failure(failure.kind, failure.message, *advice, details=failure.details) from failure


def _opening(
    account: str, quantums: int | None, schedule: str, mode: str, compartment: str
) -> list[tuple[str, dict[str, Any]]]:
    """Return what opens an account: under `standard`, then the deposit, then the schedule."""
    own = {"account_holder": account}
    terms = {"compartment": compartment, "mode": ["cross", "isolated"].index(mode)}
    actions: list[tuple[str, dict[str, Any]]] = [
        ("accounts.open", {**own, **terms, "schedule": OPENED_UNDER})
    ]
    if quantums is not None:
        moved = {"asset": DEPOSITED, "amount_quantums": str(quantums)}
        actions.append((DEPOSIT, {**own, **moved}))
    if schedule != OPENED_UNDER:
        actions.append(("margin.set_schedule", {**own, "schedule": schedule}))
    return actions


@click.command("schedule", cls=Command)
@click.argument("name", metavar="SCHEDULE")
@click.pass_obj
def change_schedule(session: Session, name: str) -> None:
    """Let the margin account of --from be margined by another schedule.

    novation account schedule portfolio --from alice
    """
    from node.cli.commands.trading.naming import account_text, account_word
    from node.cli.writing import send

    word = account_word(session)
    plain = {"account_holder": account_text(session), "schedule": name}
    send(session, "margin.set_schedule", plain, lambda _: [f"{word} is margined by {name}"])


@click.command(cls=Command)
@click.argument("name", metavar="[ACCOUNT]", required=False)
@click.option("--at", default="finalized", metavar="HEIGHT", help="The state of this height.")
@click.pass_obj
def show(session: Session, name: str | None, at: str) -> None:
    """Show a margin account: what backs it, its equity, its margin, and what is free."""
    from node.cli.assets import asset_decimals
    from node.cli.commands.trading.naming import account_text, account_word
    from node.client.amounts import decimal_of, money

    answer = session.client.call("account_get", account=account_text(session, name), at=at)
    asset = answer["settlement_asset"]
    decimals = asset_decimals(session, asset)
    rows = [
        [
            item["asset"],
            decimal_of(
                int(item["amount_quantums"]),
                asset_decimals(session, item["asset"]),
                group=True,
                least=2,
            ),
            money(int(item["value_quantums"]), decimals, asset),
            f"{item['haircut_ppm']} ppm",
        ]
        for item in answer["collateral"]
    ]
    numbers = [
        [label, money(int(answer[field]), decimals, asset)]
        for label, field in (
            ("equity", "equity_quantums"),
            ("initial margin", "initial_margin_quantums"),
            ("maintenance margin", "maintenance_margin_quantums"),
            ("free to withdraw", "free_quantums"),
        )
    ]
    head = f"{account_word(session, name)}: {answer['state']}, {answer['mode']},"
    lines = [f"{head} {answer['schedule']}, {answer['compartment']} at height {answer['height']}"]
    lines += [f"  {row}" for row in table(numbers)]
    lines += [f"  {row}" for row in table(rows, ["asset", "amount", "value", "haircut"])]
    session.reporter.result(answer, lines)


@click.command(cls=Command)
@click.argument("name", metavar="[ACCOUNT]", required=False)
@click.option("--at", default="finalized", metavar="HEIGHT", help="The state of this height.")
@click.option("--explain", is_flag=True, help="Every number that it is made of.")
@click.pass_obj
def margin(session: Session, name: str | None, at: str, explain: bool) -> None:
    """Show what an account's margin is made of, each part with its rule."""
    from node.cli.assets import asset_decimals
    from node.cli.commands.trading.naming import account_text, account_word
    from node.client.amounts import decimal_of

    account = account_text(session, name)
    answer = session.client.call("account_getMargin", account=account, at=at)
    asset = session.client.call("account_get", account=account, at=at)["settlement_asset"]
    decimals = asset_decimals(session, asset)

    def amount(text: str) -> str:
        return decimal_of(int(text), decimals, group=True, least=2)

    rows = [
        [
            part["name"],
            amount(part["initial_quantums"]),
            amount(part["maintenance_quantums"]),
            part["rule"],
        ]
        for part in answer["parts"]
    ]
    total = [amount(answer[f"{kind}_margin_quantums"]) for kind in ("initial", "maintenance")]
    equity, excess = amount(answer["equity_quantums"]), amount(answer["excess_quantums"])
    word, height = account_word(session, name), answer["height"]
    lines = [f"{word}: equity {equity} {asset}, excess {excess} at height {height}"]
    head = ["part", "initial", "maintenance", "rule"]
    lines += [f"  {row}" for row in table([*rows, ["all", *total, ""]], head)]
    worst = answer["worst"]
    if worst is not None:
        move = decimal_of(worst["price_move_ppm"], 4)
        loss = amount(worst["loss_quantums"])
        lines.append(f"  worst: {worst['underlying']} {move} % loses {loss} {asset}")
    if explain:
        lines += _explained(answer, amount)
    session.reporter.result(answer, lines)


SUMS = (
    ("equity", "equity_quantums"),
    ("risk", None),
    ("open_risk", None),
    ("initial", "initial_margin_quantums"),
    ("maintenance", "maintenance_margin_quantums"),
)


def _explained(answer: Mapping[str, Any], amount: Callable[[str], str]) -> list[str]:
    """Return each sum with the numbers that it is made of and their rules."""
    lines = []
    for name, field in SUMS:
        own = [line for line in answer["lines"] if line["sum"] == name]
        total = str(sum(int(line["quantums"]) for line in own)) if field is None else answer[field]
        rows = [
            [line["name"].replace("_", " "), line["of"], amount(line["quantums"]), line["rule"]]
            for line in own
        ]
        lines.append(f"  {name.replace('_', ' ')} = {amount(total)}")
        lines += [f"    {row}" for row in table(rows)]
    return lines


@click.command(cls=Command)
@click.argument("name", metavar="[ACCOUNT]", required=False)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@click.option("--cursor", help="Go on after an earlier answer's next_cursor.")
@click.pass_obj
def history(session: Session, /, name: str | None, **page: Any) -> None:
    """Show what changed an account's money or standing, the newest first.

    novation account history alice
    """
    from node.cli.commands.trading.naming import account_text, account_word
    from node.cli.showing.telling import Telling
    from node.clock import moment_of

    account = account_text(session, name)
    answer = session.client.call("account_getHistory", account=account, **page)
    settlement = session.client.call("account_get", account=account)["settlement_asset"]
    telling = Telling(session, account, settlement)
    rows = [
        [moment_of(item["time_ms"]), item["height"], telling.line(item["event"])]
        for item in answer["items"]
    ]
    lines = [f"{account_word(session, name)} at height {answer['height']}"]
    lines += [f"  {row}" for row in table(rows, ["when", "block", "what"])]
    if answer["next_cursor"]:
        lines.append(f"  older: --cursor {answer['next_cursor']}")
    session.reporter.result(answer, lines)
