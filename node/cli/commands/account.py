"""`novation account`: the money of a signer, in whole units."""

from collections.abc import Mapping
from typing import Any

import click

from node.cli.commands.trading.account import (
    change_schedule,
    deposit,
    history,
    margin,
    open_account,
    show,
    withdraw,
)
from node.cli.commands.trading.delegates import delegate, delegates, undelegate
from node.cli.lazy import Group
from node.cli.output import table
from node.cli.session import Session
from node.client.failures import KEY_MISSING, NOT_FOUND, USAGE, Failure


@click.group(cls=Group)
def account() -> None:
    """Balances, transfers, and margin accounts."""


_FUNDING = (deposit, withdraw, open_account, change_schedule)
_SHOWING = (show, margin, history)
_DELEGATES = (delegate, undelegate, delegates)

for _command in (*_FUNDING, *_SHOWING, *_DELEGATES):
    account.add_command(_command)


@account.command("balances")
@click.argument("name", required=False)
@click.option("--at", default="finalized", metavar="HEIGHT", help="The state of this height.")
@click.pass_obj
def balances(session: Session, name: str | None, at: str) -> None:
    """Show every balance of a wallet, a margin account or a named holder such as fees."""
    from chain.kit.holder import text_of_holder
    from node.client.amounts import decimal_of
    from node.client.forms import holder_named

    who = name or session.signer_name
    if not who:
        raise Failure(KEY_MISSING, "whose balances? like this: novation account balances alice")
    holder = text_of_holder(holder_named(who, session.keyring))
    answer = session.client.call("ledger_getBalances", holder=holder, at=at)
    rows = [
        [item["asset"], _amount(decimal_of, item), item["amount_quantums"]]
        for item in answer["balances"]
    ]
    lines = [f"{who} at height {answer['height']}"]
    lines += [f"  {row}" for row in table(rows, ["asset", "amount", "quantums"])] if rows else []
    lines += [] if rows else ["  nothing"]
    if not rows and holder == who:
        _refuse_slip(session, who)
    session.reporter.result(answer, lines)


def _refuse_slip(session: Session, who: str) -> None:
    """Refuse a name that nothing is held under and that is nearly a key's. Refuses: NOT_FOUND."""
    from node.client.declarations import nearest

    meant = nearest(who, [key.name for key in session.keyring.known()])
    if meant:
        raise Failure(
            NOT_FOUND,
            f"nothing is held under {who}{meant}",
            "a name is a key's here (novation keys list), or the house's: fees, insurance/main",
            details={"name": who},
        )


def _amount(decimal_of: Any, item: Mapping[str, Any]) -> str:
    return str(decimal_of(int(item["amount_quantums"]), item["decimals"], group=True, least=2))


@account.command("transfer")
@click.argument("to")
@click.argument("amount")
@click.option("--asset", default="USD", show_default=True, help="What is moved.")
@click.pass_obj
def transfer(session: Session, to: str, amount: str, asset: str) -> None:
    """Move an amount from the wallet of --from to another signer's.

    novation account transfer bob 25.50 --asset USD --from alice
    """
    from node.cli.assets import asset_decimals, warn_of_empty_wallet
    from node.cli.writing import send
    from node.client.amounts import money, quantums_of

    _require_wallet(session.signer_name)
    _require_wallet(to)
    decimals = asset_decimals(session, asset)
    quantums = quantums_of(amount, decimals, asset)
    from chain.crypto.addresses import text_of

    plain = {
        "to": text_of(session.keyring.address(to)),
        "asset": asset,
        "amount_quantums": str(quantums),
    }

    def tell(_receipt: Mapping[str, Any]) -> list[str]:
        return [f"{session.signer_name} paid {to} {money(quantums, decimals, asset)}"]

    warn_of_empty_wallet(session, asset, quantums)
    send(session, "ledger.transfer", plain, tell)


def _require_wallet(name: str | None) -> None:
    """Refuse a margin account where a wallet is meant.

    Refuses: USAGE.
    """
    if name and "/" in name:
        raise Failure(
            USAGE,
            f"a transfer moves wallets; {name} is a margin account",
            f"name the wallet: {name.partition('/')[0]}",
        )
