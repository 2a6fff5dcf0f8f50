"""`novation keys`: make, import, list, show, export; nothing of it leaves this machine."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from node.cli.lazy import DURATION, Group
from node.cli.output import table
from node.cli.session import Session
from node.client.failures import KEY_REFUSED, VALUE_MALFORMED, Failure

if TYPE_CHECKING:
    from node.keystore.key_file import KeyFile, Purpose

PURPOSE = click.Choice(("account", "consensus", "identity", "oracle"))


@click.group(cls=Group)
def keys() -> None:
    """Keys on this machine: encrypted by default, plain only for development."""


def shape_of(key: "KeyFile") -> dict[str, object]:
    """Return what may be told of a key: everything but the seed."""
    return {
        "name": key.name,
        "address": key.address_text,
        "public_key": f"0x{key.public_key.hex()}",
        "purpose": key.purpose,
        "development": key.development,
        "description": key.description,
        "file": str(key.path),
    }


def lines_of(key: "KeyFile") -> list[str]:
    """Return what may be told of a key, for people."""
    lock = "plain, for development only" if key.development else "encrypted"
    return [
        f"{key.name}  {key.address_text}",
        f"  public key 0x{key.public_key.hex()}",
        f"  {key.purpose} key, {lock}, in {key.path}",
        *([f"  {key.description}"] if key.description else []),
    ]


def _writing_folder(session: Session) -> Path:
    """Return where a new key goes: to the network that was named, else to the home directory."""
    from node.client.keyring import HOME_KEYS, KEYS_FOLDER

    if session.data:
        return Path(session.data).expanduser() / KEYS_FOLDER
    return Path.home() / HOME_KEYS


def _passphrase(development: bool) -> bytes | None:
    from node.cli.passphrase import new_passphrase

    return None if development else new_passphrase()


def _create(
    session: Session,
    name: str,
    seed: bytes | None,
    *,
    development: bool,
    purpose: "Purpose",
    description: str,
) -> None:
    from node.keystore.store import Keystore

    folder = _writing_folder(session)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = Keystore([folder]).create(
        name, _passphrase(development), purpose=purpose, seed=seed, description=description
    )
    if development:
        session.reporter.warn(
            "a development key is stored in the clear; chains that are not for development"
            " refuse it"
        )
    session.reporter.result(shape_of(key), lines_of(key))


@keys.command("new")
@click.argument("name")
@click.option("--dev", "development", is_flag=True, help="Plain, for development chains only.")
@click.option("--purpose", type=PURPOSE, default="account", show_default=True, help="What for.")
@click.option("--description", default="", help="A note kept in the clear.")
@click.pass_obj
def new(
    session: Session, name: str, development: bool, purpose: "Purpose", description: str
) -> None:
    """Make a key; its passphrase is asked for, or read from NOVATION_PASSPHRASE_FILE."""
    _create(
        session,
        name,
        None,
        development=development,
        purpose=purpose,
        description=description,
    )


@keys.command("import")
@click.argument("name")
@click.argument("file", type=click.Path(allow_dash=True))
@click.option("--dev", "development", is_flag=True, help="Plain, for development chains only.")
@click.option("--purpose", type=PURPOSE, default="account", show_default=True, help="What for.")
@click.pass_obj
def import_(session: Session, name: str, file: str, development: bool, purpose: "Purpose") -> None:
    """Take in a seed (64 hex digits) or a key file; FILE may be - for standard input."""
    text = _text_of(file)
    if text.startswith("{"):
        session.reporter.result(*_imported_file(session, name, Path(file)))
        return
    try:
        seed = bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        seed = b""
    if len(seed) != 32:
        raise Failure(VALUE_MALFORMED, f"{file} holds neither a key file nor 64 hex digits")
    _create(session, name, seed, development=development, purpose=purpose, description="")


def _text_of(file: str) -> str:
    try:
        return (sys.stdin.read() if file == "-" else Path(file).read_text()).strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise Failure(VALUE_MALFORMED, f"{file} cannot be read ({fault})") from fault


def _imported_file(session: Session, name: str, path: Path) -> tuple[dict[str, object], list[str]]:
    """Copy a key file under a name, locked as it was; it is opened once, so that it can be."""
    from node.cli.passphrase import asker
    from node.keystore.key_file import read_key_file, write_key_file
    from node.keystore.passphrase import passphrase_from

    given = read_key_file(path)
    passphrase = None if given.development else passphrase_from(os.environ, asker())
    folder = _writing_folder(session)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = write_key_file(
        folder / f"{name}.json",
        given.seed(passphrase),
        given.purpose,
        passphrase,
        address=given.address,
        description=given.description,
    )
    return shape_of(key), lines_of(key)


@keys.command("list")
@click.pass_obj
def list_(session: Session) -> None:
    """List the keys that commands see here."""
    found = session.keyring.known()
    rows = [
        [key.name, key.address_text, key.purpose, "development" if key.development else "encrypted"]
        for key in found
    ]
    lines = table(rows, ["name", "address", "purpose", "lock"])
    if not found:
        lines = ["no keys here; make one: novation keys new NAME"]
    session.reporter.result({"items": [shape_of(key) for key in found]}, lines)


@keys.command("show")
@click.argument("name")
@click.pass_obj
def show(session: Session, name: str) -> None:
    """Show one key: everything but its seed."""
    key = session.keyring.find(name)
    session.reporter.result(shape_of(key), lines_of(key))


@keys.command("export")
@click.argument("name")
@click.option("--secret", is_flag=True, help="The bare seed instead of the locked file.")
@click.pass_obj
def export(session: Session, name: str, secret: bool) -> None:
    """Print a key to keep elsewhere: its file as it is locked, or with --secret its seed."""
    from node.cli.passphrase import asker
    from node.keystore.passphrase import passphrase_from

    key = session.keyring.find(name)
    if not secret:
        text = key.path.read_text()
        session.reporter.result({"name": key.name, "file": text}, [text.rstrip()])
        return
    if session.reporter.as_json and not key.development and not session.force:
        raise Failure(
            KEY_REFUSED,
            "the seed of an encrypted key is not printed into a JSON document",
            "nothing was shown; insist: --force",
        )
    passphrase = None if key.development else passphrase_from(os.environ, asker())
    seed = key.seed(passphrase).hex()
    session.reporter.warn("whoever reads this seed owns the key")
    session.reporter.result({"name": key.name, "seed": f"0x{seed}"}, [f"0x{seed}"])


@keys.command("rotate")
@click.argument("name")
@click.pass_obj
def rotate(session: Session, name: str) -> None:
    """Put a new key in the place of a signer's: its address stays, its agents go.

    Asked again after a failure, it goes on with the same new key.
    """
    from node.cli.rotation import rotate as carry

    carry(session, name)


@keys.command("agent")
@click.argument("name")
@click.option("--kind", "kinds", multiple=True, metavar="MODULE.TRANSACTION", help="May send it.")
@click.option("--class", "classes", multiple=True, type=int, help="May send all of this class.")
@click.option("--lasts", type=DURATION, default="30d", show_default=True, help="Until it expires.")
@click.option("--remove", is_flag=True, help="Let it act no longer.")
@click.pass_obj
def agent(session: Session, /, name: str, *, remove: bool, **scope: Any) -> None:
    """Make a key that may send only some kinds for the signer of --from.

    An agent can neither move money out nor change keys.
    """
    from node.cli.rotation import add_agent, remove_agent

    if remove:
        remove_agent(session, name)
    else:
        add_agent(session, name, scope["kinds"], scope["classes"], scope["lasts"])
