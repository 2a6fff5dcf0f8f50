"""`novation tx`: hand in what was signed elsewhere, and follow what was sent."""

import base64
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from node.cli.lazy import Group
from node.cli.output import document_lines
from node.cli.session import Session
from node.client.failures import VALUE_MALFORMED, Failure

BLOB = click.argument("blob", metavar="BASE64|@FILE|-")
IDENTITY = click.argument("identity", metavar="ID")


@click.group(cls=Group)
def tx() -> None:
    """Submit, follow, explain and decode transactions."""


def bytes_given(blob: str) -> bytes:
    """Return the bytes of a transaction: base64 on the line, in a file, or on stdin.

    Refuses: VALUE_MALFORMED.
    """
    try:
        if blob == "-":
            text = sys.stdin.read()
        else:
            text = Path(blob[1:]).read_text() if blob.startswith("@") else blob
        return base64.b64decode(text.strip(), validate=True)
    except (OSError, ValueError) as fault:
        raise Failure(
            VALUE_MALFORMED, f"{blob[:40]} is no transaction in base64 ({fault})"
        ) from fault


def identity_given(text: str) -> str:
    """Return the id of a transaction in its one form.

    Refuses: VALUE_MALFORMED.
    """
    from node.client.keyring import public_key_from

    # Ids and public keys have one form: 0x and 64 digits.
    return f"0x{public_key_from(text.lower()).hex()}"


def parsed(session: Session, data: bytes) -> Any:
    """Return the transaction that the bytes are, on the chain that is asked.

    Refuses: what the chain would refuse of its form.
    """
    from chain.block.transaction import parse_transaction
    from chain.kit.reason import Refusal
    from node.client.building import chain_at
    from node.client.declarations import application
    from node.client.failures import Kind

    chain_id = session.target.chain_id or chain_at(session.client, session.target).chain_id
    try:
        return parse_transaction(application(), chain_id, data)
    except Refusal as refusal:
        raise Failure(
            Kind(refusal.reason.slug, refusal.reason.code, 4),
            refusal.message,
            "nothing was sent",
            details=refusal.facts,
        ) from refusal


@tx.command("submit")
@BLOB
@click.pass_obj
def submit(session: Session, blob: str) -> None:
    """Send a signed transaction and wait until it is final."""
    deliver_bytes(session, bytes_given(blob))


def deliver_bytes(session: Session, data: bytes) -> None:
    """Send a signed transaction, or show what it would do, and tell what came of it."""
    from node.cli.commands.send import told
    from node.cli.writing import deliver
    from node.client.building import Signed
    from node.client.declarations import application
    from node.client.sending import simulate

    transaction = parsed(session, data)
    body = transaction.body
    signed = Signed(
        data=data,
        id=transaction.id,
        kind=application().kind_name(body.kind),
        signer=body.signer,
        lane=body.lane,
        sequence=body.sequence,
        valid_until_height=body.valid_until_height,
    )
    if session.dry_run:
        receipt = simulate(session.client, signed)
        session.reporter.result(receipt, ["would do, nothing was sent", *receipt_lines(receipt)])
        return
    deliver(session, signed, lambda receipt: told(signed.kind, receipt))


@tx.command("simulate")
@BLOB
@click.pass_obj
def simulate(session: Session, blob: str) -> None:
    """Show the receipt that a signed transaction would get now; nothing is sent."""
    data = base64.b64encode(bytes_given(blob)).decode()
    receipt = session.client.call("tx_simulate", tx=data)
    session.reporter.result(receipt, ["nothing was sent", *receipt_lines(receipt)])


@tx.command("status")
@IDENTITY
@click.pass_obj
def status(session: Session, identity: str) -> None:
    """Show where a transaction stands: unknown, waiting, proposed, applied, refused ..."""
    answer = session.client.call("tx_getStatus", id=identity_given(identity))
    lines = [f"{answer['status']}  {answer['id']}"]
    if answer.get("receipt"):
        lines += receipt_lines(answer["receipt"])
    session.reporter.result(answer, lines)


@tx.command("wait")
@IDENTITY
@click.pass_obj
def wait(session: Session, identity: str) -> None:
    """Wait until a transaction is final; ends as if it had just been sent."""
    from node.client import sending
    from node.clock import Clock
    from node.devnet.processes import pause

    receipt = sending.wait(
        session.client,
        identity_given(identity),
        sending.Patience(session.wait_ms, Clock(), pause),
    )
    session.reporter.result(
        {**receipt, "final": True}, ["applied and final", *receipt_lines(receipt)]
    )


@tx.command("explain")
@click.argument("identity", metavar="ID|EVENT")
@click.pass_obj
def explain(session: Session, identity: str) -> None:
    """Say why a transaction came to what it came to, or an event to be, with the numbers.

    novation tx explain 0x5f...      novation tx explain 81
    """
    if identity.isdecimal():
        answer = session.client.call("event_explain", seq=identity)
    else:
        answer = session.client.call("tx_explain", id=identity_given(identity))
    session.reporter.result(answer, [session.names(line) for line in answer["lines"]])


@tx.command("decode")
@BLOB
@click.pass_obj
def decode(session: Session, blob: str) -> None:
    """Show what a transaction says, and whether its signatures are genuine; nothing is sent."""
    data = said_by(parsed(session, bytes_given(blob)))
    session.reporter.result(data, document_lines(data))


def said_by(transaction: Any) -> dict[str, Any]:
    """Return what a transaction says, read from its own bytes, and whether it is genuine."""
    from chain.block.transaction import LIST_KIND, is_genuine_transaction
    from chain.crypto.addresses import text_of
    from chain.kit.plain import plain_record
    from node.client.declarations import application

    body = transaction.body
    actions = [
        {"kind": application().kind_name(kind), "fields": plain_record(payload)}
        for kind, payload in transaction.actions
    ]
    return {
        "id": f"0x{transaction.id.hex()}",
        "kind": application().kind_name(body.kind),
        "signer": text_of(body.signer),
        "lane": body.lane,
        "sequence": str(body.sequence),
        "valid_until_height": str(body.valid_until_height),
        "fields": {"actions": actions} if body.kind == LIST_KIND else actions[0]["fields"],
        "public_keys": [f"0x{key.hex()}" for key in transaction.signing_keys],
        "genuine": is_genuine_transaction(transaction),
    }


def receipt_lines(receipt: Mapping[str, Any]) -> list[str]:
    """Return a receipt for people: where, what came of it, its events."""
    state = "ok" if receipt["ok"] else f"refused [{receipt['reason']}]"
    lines = [f"  {receipt['kind']} in block {receipt['height']}, {state}"]
    if not receipt["ok"] and receipt.get("message"):
        lines.append(f"  {receipt['message']}")
    lines += [f"  {name} {value}" for name, value in receipt["facts"].items()]
    lines += [
        f"  {event['name']}  "
        + " ".join(f"{key} {value}" for key, value in event.items() if key != "name")
        for event in receipt["events"]
    ]
    if int(receipt["fee_quantums"]):
        lines.append(f"  fee {receipt['fee_quantums']} quantums")
    return lines
