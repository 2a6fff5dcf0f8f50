"""`novation account delegate | undelegate | delegates`: who else may trade for an account.

Source: docs/specs/cli.md, CLI-112.
"""

import click

from node.cli.lazy import Command
from node.cli.output import table
from node.cli.session import Session


@click.command(cls=Command)
@click.argument("name", metavar="NAME")
@click.option(
    "--good-till", default="30d", show_default=True, metavar="TIME", help="So long, or till then."
)
@click.pass_obj
def delegate(session: Session, name: str, good_till: str) -> None:
    """Let another signer trade for the margin account of --from; it can never withdraw.

    The delegate names the account: novation order place ... --from bot --account alice

    novation account delegate bot --good-till 7d --from alice
    """
    from chain.crypto.addresses import text_of
    from node.cli.commands.trading.naming import account_text, account_word
    from node.cli.commands.trading.order import good_till_ms
    from node.cli.writing import send
    from node.clock import moment_of

    word, expires_ms = account_word(session), good_till_ms(session, good_till)
    plain = {
        "account_holder": account_text(session),
        "delegate": text_of(session.keyring.address(name)),
        "expires_ms": expires_ms,
    }
    said = f"{name} may trade for {word} until {moment_of(expires_ms)}"
    send(session, "accounts.add_delegate", plain, lambda _: [said])


@click.command(cls=Command)
@click.argument("name", metavar="NAME")
@click.pass_obj
def undelegate(session: Session, name: str) -> None:
    """End at once what a delegate may do for the margin account of --from.

    novation account undelegate bot --from alice
    """
    from chain.crypto.addresses import text_of
    from node.cli.commands.trading.naming import account_text, account_word
    from node.cli.writing import send

    word = account_word(session)
    delegated = text_of(session.keyring.address(name))
    plain = {"account_holder": account_text(session), "delegate": delegated}
    send(
        session,
        "accounts.remove_delegate",
        plain,
        lambda _: [f"{name} may no longer trade for {word}"],
    )


@click.command(cls=Command)
@click.argument("name", metavar="[ACCOUNT]", required=False)
@click.pass_obj
def delegates(session: Session, name: str | None) -> None:
    """Show who else may trade for a margin account, and until when."""
    from node.cli.commands.trading.naming import account_text, account_word
    from node.clock import moment_of

    account = account_text(session, name)
    answer = session.client.call("state_scan", table="delegates", prefix=[account])
    rows = [
        [session.names(row["key"]["delegate"]), moment_of(int(row["value"]["expires_ms"]))]
        for row in answer["items"]
    ]
    lines = [f"{account_word(session, name)} at height {answer['height']}"]
    lines += [f"  {row}" for row in table(rows, ["delegate", "until"])] if rows else ["  nobody"]
    session.reporter.result(answer, lines)
