"""Every write of the command line goes this way: build, simulate, sign, send, wait, tell.

Source: docs/specs/cli.md, CLI-050 to CLI-055.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from chain.crypto.addresses import text_of
from node.cli.assets import asset_decimals
from node.cli.session import Session
from node.cli.showing.standing import change_lines
from node.client import building, sending
from node.client.amounts import money
from node.client.building import CANCEL_LANE, ORDINARY_LANE, Signed
from node.client.failures import KEY_MISSING, Failure
from node.client.forms import LOTS, QUANTUMS, TICKS
from node.client.instruments import terms_of
from node.client.keyring import account_name, short
from node.clock import Clock, moment_of
from node.devnet.processes import pause
from node.devnet.standing import took

T = TypeVar("T")

ACCOUNT_FIELD = "account_holder"
"""How the transactions that change a margin account name it."""

MILLISECONDS = "_ms"
YEAR_2001_MS = 978_307_200_000

CANCELS = frozenset({"orders.cancel", "orders.cancel_all"})

OVERTAKEN = frozenset(
    {
        "mempool.slot_taken",
        "mempool.sequence_used",
        "signers.sequence_ahead",
        "signers.sequence_stale",
    }
)
"""Refusals of a sequence that somebody else with the same key took between our two questions."""
ATTEMPTS_COUNT = 20
"""How often a transaction is made anew with the next sequence, before its refusal is told."""

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
    lane = CANCEL_LANE if all(name in CANCELS for name, _ in actions) else ORDINARY_LANE
    account = actions[0][1].get(ACCOUNT_FIELD) if session.dry_run else None

    instrument = actions[0][1].get("instrument")

    def attempt() -> tuple[Sent, sending.Receipt | None]:
        drafted = building.draft_of(session.client, chain, key.address, asked, lane=lane)
        signed = building.sign(drafted, [signing])
        foreseen = None
        if not session.force or session.dry_run:
            with in_whole_units(session, instrument):
                foreseen = sending.simulate(session.client, signed, account)
        began_ms = Clock().monotonic_ms()
        taken = not session.dry_run and sending.submit(session.client, signed)
        return Sent(signed, taken, began_ms, instrument), foreseen

    sent, foreseen = _in_turn(attempt)
    if session.dry_run and foreseen is not None:
        data = {**written(sent.signed), **foreseen, "sent": False, "final": False}
        lines = [*tell(foreseen), *change_lines(session, foreseen)]
        session.reporter.result(data, ["would do, nothing was sent", *indented(lines)])
        return
    _follow(session, sent, tell, settle=settle)


def _in_turn(attempt: Callable[[], T]) -> T:
    """Return what an attempt comes to that nobody overtakes: each takes the next sequence.

    Such a refusal says that nothing of the attempt is on its way.
    """
    for _ in range(ATTEMPTS_COUNT - 1):
        try:
            return attempt()
        except Failure as failure:
            if failure.kind.reason not in OVERTAKEN:
                raise
    return attempt()


def deliver(session: Session, signed: Signed, tell: Tell) -> None:
    """Send a signed transaction, wait for finality unless told not to, and tell."""
    began_ms = Clock().monotonic_ms()
    taken = sending.submit(session.client, signed)
    _follow(session, Sent(signed, taken, began_ms), tell, settle=None)


@dataclass(frozen=True)
class Sent:
    """A transaction on its way: whether a node is known to have it, and since when."""

    signed: Signed
    taken: bool
    began_ms: int
    instrument: str | None = None
    """What the ticks and lots of its refusal are of."""


def _follow(session: Session, sent: Sent, tell: Tell, *, settle: Callable[[], None] | None) -> None:
    """Wait for the finality of what was sent, unless told not to, and tell."""
    clock, signed = Clock(), sent.signed
    if session.no_wait:
        if not sent.taken:
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
        with in_whole_units(session, sent.instrument):
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
    lasted = took(clock.monotonic_ms() - sent.began_ms)
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
def in_whole_units(session: Session, instrument: str | None = None) -> Iterator[None]:
    """Say the integers of a refusal in whole units too.

    Quantums where its facts name their asset, or an account: then they are of the asset that
    it settles in.  Ticks and lots where they name an instrument, else of the one given.
    """
    try:
        yield
    except Failure as failure:
        said = [*_money_said(session, failure), *_steps_said(session, failure, instrument)]
        said += _times_said(failure)
        if not said:
            raise
        raise Failure(
            failure.kind,
            failure.message,
            ", ".join(said),
            *failure.advice,
            details=failure.details,
        ) from failure


def _money_said(session: Session, failure: Failure) -> list[str]:
    """Return the quantums of a refusal in whole units."""
    asset = failure.details.get("asset") or _settlement_asset(session, failure)
    amounts = _numbers(failure, QUANTUMS)
    if not isinstance(asset, str) or not amounts:
        return []
    decimals = asset_decimals(session, asset)
    return [f"{name} {money(value, decimals, asset)}" for name, value in amounts.items()]


def _steps_said(session: Session, failure: Failure, instrument: str | None) -> list[str]:
    """Return the ticks and lots of a refusal as prices and sizes."""
    name = failure.details.get("instrument") or instrument
    prices, sizes = _numbers(failure, TICKS), _numbers(failure, LOTS)
    if not isinstance(name, str) or not (prices or sizes):
        return []
    try:
        terms = terms_of(session.client, name)
    except Failure:
        return []
    return [
        *(
            f"{said if said.endswith('price') else said + ' price'} {terms.price(value)}"
            for said, value in prices.items()
        ),
        *(f"{said} {terms.size(value)}" for said, value in sizes.items()),
    ]


def _times_said(failure: Failure) -> list[str]:
    """Return the moments of a refusal as dates; a span is no moment."""
    return [
        f"{name} {moment_of(value)}"
        for name, value in _numbers(failure, MILLISECONDS).items()
        if value >= YEAR_2001_MS
    ]


def _numbers(failure: Failure, unit: str) -> dict[str, int]:
    """Return the facts of a refusal in a unit, by their names without it."""
    return {
        name.removesuffix(unit).replace("_", " "): int(value)
        for name, value in failure.details.items()
        if name.endswith(unit)
    }


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
