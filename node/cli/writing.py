"""Every write of the command line goes this way: build, simulate, sign, send, wait, tell.

Source: docs/specs/cli.md, CLI-050 to CLI-055.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from chain.crypto.addresses import text_of
from node.cli.assets import asset_decimals
from node.cli.session import Session
from node.cli.showing.standing import change_lines
from node.client import building, sending
from node.client.amounts import money
from node.client.building import Signed
from node.client.failures import KEY_MISSING, Failure
from node.client.forms import QUANTUMS
from node.client.keyring import account_name, short
from node.clock import Clock
from node.devnet.processes import pause
from node.devnet.standing import took

ACCOUNT_FIELD = "account_holder"
"""How the transactions that change a margin account name it."""

Tell = Callable[[Mapping[str, Any]], Iterable[str]]
"""Says in lines what a receipt of success means to people."""


def signer_of(session: Session) -> str:
    """Return the name after --from, without the number of a margin account.

    Refuses: KEY_MISSING, when nobody was named.
    """
    if not session.signer_name:
        raise Failure(
            KEY_MISSING, "whose key signs? name it: --from alice", "keys here: novation keys list"
        )
    return account_name(session.signer_name).owner


def send(
    session: Session,
    name: str,
    plain: Mapping[str, Any],
    tell: Tell,
    settle: Callable[[], None] | None = None,
) -> None:
    """Carry one transaction from its fields to its receipt, as far as was asked.

    `settle` is done once the transaction is final, before that is told.

    Refuses: with every exit code there is.
    """
    send_list(session, [(name, plain)], tell, settle)


def send_list(
    session: Session,
    actions: Sequence[tuple[str, Mapping[str, Any]]],
    tell: Tell,
    settle: Callable[[], None] | None = None,
) -> None:
    """Carry actions as `send` does, several as one signed list: all of them are done, or none.

    Refuses: with every exit code there is.
    """
    chain = building.chain_at(session.client, session.target)
    key, signing = session.keyring.open(signer_of(session), chain.kind)
    asked = building.one(*actions[0]) if len(actions) == 1 else building.several(actions)
    signed = building.sign(building.draft_of(session.client, chain, key.address, asked), [signing])
    if not session.force or session.dry_run:
        account = actions[0][1].get(ACCOUNT_FIELD) if session.dry_run else None
        with in_whole_units(session):
            foreseen = sending.simulate(session.client, signed, account)
    if session.dry_run:
        data = {**written(signed), **foreseen, "sent": False, "final": False}
        lines = [*tell(foreseen), *change_lines(session, foreseen)]
        session.reporter.result(data, ["would do, nothing was sent", *indented(lines)])
        return
    deliver(session, signed, tell, settle)


def deliver(
    session: Session, signed: Signed, tell: Tell, settle: Callable[[], None] | None = None
) -> None:
    """Send a signed transaction, wait for finality unless told not to, and tell."""
    clock = Clock()
    began_ms = clock.monotonic_ms()
    taken = sending.submit(session.client, signed)
    if session.no_wait:
        if not taken:
            raise sending.outcome_unknown(signed.id_text, 0, signed.valid_until_height, None)
        session.reporter.result(
            {**written(signed), "sent": True, "final": False},
            [
                f"sent {signed.id_text}, not waited for",
                f"  valid until height {signed.valid_until_height}",
                f"  wait: novation tx wait {signed.id_text}",
            ],
        )
        return
    session.reporter.note(f"sent {short(signed.id_text)}, waiting until it is final …")
    try:
        patience = sending.Patience(session.wait_ms, clock, pause)
        with in_whole_units(session):
            receipt = sending.wait(
                session.client, signed.id_text, patience, signed.valid_until_height
            )
    except KeyboardInterrupt:
        session.reporter.warn(
            f"{signed.id_text} was sent; it can be included until height"
            f" {signed.valid_until_height}"
        )
        raise
    if settle is not None:
        settle()
    lasted = took(clock.monotonic_ms() - began_ms)
    first, *rest = [*tell(receipt), ""]
    session.reporter.result(
        {**written(signed), **receipt, "sent": True, "final": True},
        [
            f"{first} in block {receipt['height']}, final after {lasted}",
            *indented(line for line in rest if line),
            f"  {signed.id_text}",
        ],
    )


@contextlib.contextmanager
def in_whole_units(session: Session) -> Iterator[None]:
    """Say the quantums of a refusal in whole units too, where its facts name their asset.

    Or an account: then they are of the asset that it settles in.
    """
    try:
        yield
    except Failure as failure:
        asset = failure.details.get("asset") or _settlement_asset(session, failure)
        amounts = {
            name.removesuffix(QUANTUMS): value
            for name, value in failure.details.items()
            if name.endswith(QUANTUMS)
        }
        if not isinstance(asset, str) or not amounts:
            raise
        decimals = asset_decimals(session, asset)
        said = [
            f"{name.replace('_', ' ')} {money(int(value), decimals, asset)}"
            for name, value in amounts.items()
        ]
        raise Failure(
            failure.kind,
            failure.message,
            ", ".join(said),
            *failure.advice,
            details=failure.details,
        ) from failure


def _settlement_asset(session: Session, failure: Failure) -> str | None:
    """Return what the account of a refusal settles in, None where there is none to ask about."""
    account = failure.details.get("account")
    if not isinstance(account, str):
        return None
    with contextlib.suppress(Failure):
        return str(session.client.call("account_get", account=account)["settlement_asset"])
    return None


def written(signed: Signed) -> dict[str, Any]:
    """Return what is known of a transaction before anybody answers."""
    return {
        "id": signed.id_text,
        "kind": signed.kind,
        "signer": text_of(signed.signer),
        "lane": signed.lane,
        "sequence": str(signed.sequence),
        "valid_until_height": str(signed.valid_until_height),
    }


def indented(lines: Iterable[str]) -> list[str]:
    """Return lines under the first one."""
    return [f"  {line}" for line in lines]
