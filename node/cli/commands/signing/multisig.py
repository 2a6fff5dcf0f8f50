"""`novation multisig`: signers that several keys move, some number of them together."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from node.cli.lazy import Group
from node.cli.output import document_lines
from node.cli.session import Session
from node.client.failures import KEY_REFUSED, NOT_FOUND, USAGE, Failure

if TYPE_CHECKING:
    from chain.block.transaction import Transaction
    from node.client.joint import Joint
    from node.keystore.key_file import KeyFile

FILE = click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
VALID_FOR_BLOCKS = 1_000
"""Long enough to pass a file around: eight minutes at half a second a block."""


@click.group(cls=Group)
def multisig() -> None:
    """Signers of several keys: who may sign, and transactions that go from hand to hand."""


@multisig.command("show")
@click.argument("name")
@click.pass_obj
def show(session: Session, name: str) -> None:
    """Show which keys move a signer, and how many of them it takes."""
    held = signer_of(session, name)
    lines = [f"{name}: {held['threshold']} of {len(held['keys'])} keys"]
    lines += [f"  {_spoken(session, key)}" for key in held["keys"]]
    session.reporter.result(held, lines)


def signer_of(session: Session, name: str) -> dict[str, Any]:
    """Return threshold and keys of a signer as the chain has them. Refuses: NOT_FOUND."""
    from chain.crypto.addresses import text_of

    address = text_of(session.keyring.address(name))
    held = session.client.call("state_get", table="signers", key={"signer": address})["value"]
    if held is None:
        raise Failure(
            NOT_FOUND, f"{name} is not open on this chain", "pay it something first, at least 1 USD"
        )
    return {"signer": address, **held}


def require_key_of(session: Session, signer: str, key: "KeyFile") -> dict[str, Any]:
    """Return threshold and keys of a signer that this key is one of.

    Refuses: KEY_REFUSED, for another key; NOT_FOUND.
    """
    held = signer_of(session, signer)
    own = f"0x{key.public_key.hex()}"
    if own not in held["keys"]:
        raise Failure(
            KEY_REFUSED,
            f"{key.name} is none of the {len(held['keys'])} keys that move this signer",
            "nothing was signed; who does: novation multisig show NAME",
            details={"public_key": own},
        )
    return held


def _spoken(session: Session, public_key: str) -> str:
    names = {f"0x{key.public_key.hex()}": key.name for key in session.keyring.known()}
    return f"{public_key}  {names.get(public_key, '')}".rstrip()


@multisig.command("set")
@click.argument("keys", nargs=-1, required=True, metavar="KEY...")
@click.option("--threshold", type=click.IntRange(1, 16), required=True, help="How many must sign.")
@click.option("--out", type=click.Path(path_type=Path), help="Do not send: a file to be signed.")
@click.pass_obj
def set_keys(session: Session, keys: Sequence[str], threshold: int, out: Path | None) -> None:
    """Let these keys move the signer of --from, so many of them together; its address stays.

    A KEY is the name of one here, or 0x and its public key. Where one key moves it now, this is
    sent at once; where several do, --out makes a file for them to sign.

    novation multisig set alice bob carol --threshold 2 --from alice
    """
    from node.cli.writing import send

    chosen = sorted({_public_key(session, key) for key in keys})
    plain = {"threshold": threshold, "keys": chosen}
    if out is not None:
        _propose(session, "signers.set_keys", plain, out)
        return
    said = f"{session.signer_name} is moved by {threshold} of {len(chosen)} keys from here on"
    send(session, "signers.set_keys", plain, lambda _: [said])


def _public_key(session: Session, text: str) -> str:
    from node.client.keyring import public_key_from

    if text.startswith("0x"):
        return f"0x{public_key_from(text).hex()}"
    return f"0x{session.keyring.find(text).public_key.hex()}"


@multisig.command(
    "propose", context_settings={"ignore_unknown_options": True, "allow_extra_args": True}
)
@click.argument("name", metavar="MODULE.TRANSACTION")
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[--FIELD VALUE]...")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The file to pass on.")
@click.pass_obj
def propose(session: Session, name: str, words: tuple[str, ...], out: Path) -> None:
    """Write a transaction of the signer of --from for its keys to sign; nothing is sent.

    novation multisig propose ledger.transfer --to bob --asset USD --amount 5 --from alice --out t
    """
    from node.cli.assets import asset_decimals
    from node.client.declarations import kind_named, payload_fields
    from node.client.forms import pairs_of, plain_fields

    fields = payload_fields(kind_named(name)[1])
    plain = plain_fields(
        fields, pairs_of(words), session.keyring, lambda asset: asset_decimals(session, asset)
    )
    _propose(session, name, plain, out)


def _propose(session: Session, name: str, plain: dict[str, Any], out: Path) -> None:
    from node.cli.writing import signer_of as signer_named
    from node.client import building
    from node.client.joint import Joint, write_joint

    who = signer_named(session)
    held = signer_of(session, who)
    chain = building.chain_at(session.client, session.target)
    drafted = building.draft_of(
        session.client,
        chain,
        session.keyring.address(who),
        building.one(name, plain),
        valid_for_blocks=VALID_FOR_BLOCKS,
    )
    joint = Joint(chain.chain_id, drafted.body, {})
    write_joint(out, joint)
    data = {**joint.written(), "file": str(out), "threshold": held["threshold"]}
    session.reporter.result(
        data,
        [
            f"wrote {out}: {name} of {who}, valid until height {drafted.valid_until_height}",
            f"  {held['threshold']} of these keys must sign it:",
            *(f"    {_spoken(session, key)}" for key in held["keys"]),
            f"  each: novation multisig sign {out} --from NAME",
        ],
    )


@multisig.command("sign")
@FILE
@click.pass_obj
def sign(session: Session, path: Path) -> None:
    """Show what a file would do and sign it with the key of --from; --dry-run shows alone.

    novation multisig sign t --from bob
    """
    from chain.crypto.addresses import text_of
    from node.cli.commands.tx import said_by
    from node.cli.writing import signer_of as signer_named
    from node.client import building
    from node.client.joint import read_joint, write_joint

    joint = read_joint(path)
    chain = building.chain_at(session.client, session.target)
    _require_chain(joint, chain.chain_id)
    key, signing = session.keyring.open(signer_named(session), chain.kind)
    signed = joint.signed_by(signing)
    transaction = _parsed(session, signed)
    held = require_key_of(session, text_of(transaction.body.signer), key)
    if not session.dry_run:
        write_joint(path, signed)
    count, needed = len(signed.signatures), held["threshold"]
    first = f"{key.name} would sign" if session.dry_run else f"{key.name} signed"
    data = {**said_by(transaction), "signatures_count": count, "threshold": needed}
    lines = [
        f"{first} {path}: {count} of {needed} signatures",
        *(f"  {line}" for line in document_lines(said_by(transaction))),
    ]
    if count >= needed:
        lines.append(f"  it can be sent: novation multisig send {path}")
    session.reporter.result(data, lines)


def _require_chain(joint: "Joint", chain_id: bytes) -> None:
    if joint.chain_id != chain_id:
        raise Failure(
            USAGE,
            f"the file is for chain 0x{joint.chain_id.hex()[:8]}…, this is 0x{chain_id.hex()[:8]}…",
            "nothing was signed or sent",
        )


def _parsed(session: Session, joint: "Joint") -> "Transaction":
    from node.cli.commands.tx import parsed

    transaction: Transaction = parsed(session, joint.data)
    return transaction


@multisig.command("send")
@FILE
@click.pass_obj
def send_file(session: Session, path: Path) -> None:
    """Send a file that enough keys have signed, and wait until it is final."""
    from node.cli.commands.tx import deliver_bytes
    from node.client import building
    from node.client.joint import read_joint

    joint = read_joint(path)
    _require_chain(joint, building.chain_at(session.client, session.target).chain_id)
    if not joint.signatures:
        raise Failure(
            KEY_REFUSED,
            f"nobody has signed {path} yet",
            f"each: novation multisig sign {path} --from NAME",
        )
    deliver_bytes(session, joint.data)
