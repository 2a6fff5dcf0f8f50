"""Change on the chain who may act for a signer, and the key files with it.

Source: docs/specs/cli.md, CLI-059.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from node.cli.session import Session
from node.cli.writing import send, signer_of
from node.client.declarations import kind_named
from node.client.failures import KEY_REFUSED, NOT_FOUND, Failure
from node.keystore.key_file import AGENT_OF, KeyFile, fresh_seed, write_key_file

NOTHING_HAPPENED = {2, 3, 4, 5, 7}
"""Exit codes after which the chain has surely not taken what was asked."""


def rotate(session: Session, name: str) -> None:
    """Put a new key in the place of a signer's, on the chain first, then in its file.

    The next key lies beside the one in use until the chain has taken it.  Asked again after
    a failure, the same next key is used; if the chain has it already, the file follows.

    Refuses: KEY_REFUSED, for a signer of several keys.
    """
    keyring = session.keyring
    key = keyring.find(name)
    staged = keyring.store.stage(name, keyring.passphrase_of(key))
    old, new = (f"0x{one.public_key.hex()}" for one in (key, staged))
    held = _held_by(session, key)
    said = f"{name} signs with {new}; its address stays"

    def settle() -> None:
        keyring.store.complete(name)

    if held == {"threshold": 1, "keys": [new]}:
        settle()
        data = {"name": name, "address": key.address_text, "public_key": new, "sent": False}
        session.reporter.result(data, [f"{said} (the chain had it already)"])
        return
    if held != {"threshold": 1, "keys": [old]}:
        raise Failure(
            KEY_REFUSED,
            f"{name} is not moved by the one key of this file alone",
            f"set all keys at once: novation send signers.set_keys --from {name} ...",
            details=held,
        )
    session.keep("signer_name", name)
    plain = {"threshold": 1, "keys": [new]}
    send(session, "signers.set_keys", plain, lambda _: [said], settle)


def _held_by(session: Session, key: KeyFile) -> dict[str, Any]:
    """Return threshold and keys of a signer as the chain has them.

    Refuses: NOT_FOUND, for one that was never opened.
    """
    where = {"signer": key.address_text}
    held = session.client.call("state_get", table="signers", key=where)["value"]
    if held is None:
        raise Failure(
            NOT_FOUND,
            f"{key.name} is not open on this chain: nobody has paid it anything yet",
            "a key that holds nothing need not rotate; make another: novation keys new",
        )
    return dict(held)


def add_agent(
    session: Session, name: str, kinds: Sequence[str], classes: Sequence[int], lasts_ms: int
) -> None:
    """Make a key that may send only this, for the signer of --from, until it expires.

    The file is written before it is sent, so that a key the chain has taken is never lost;
    it goes again when the chain has surely not taken it.
    """
    keyring = session.keyring
    owner = keyring.find(signer_of(session))
    passphrase = keyring.passphrase_of(owner)
    status = session.client.call("chain_getStatus")
    agent = write_key_file(
        owner.path.with_name(f"{name}.json"),
        fresh_seed(),
        "account",
        passphrase,
        address=owner.address,
        description=f"{AGENT_OF}{owner.name}",
    )
    plain = {
        "public_key": f"0x{agent.public_key.hex()}",
        "expires_ms": int(status["time_ms"]) + lasts_ms,
        "kinds": sorted(kind_named(kind)[0] for kind in kinds),
        "classes": sorted(classes),
    }

    def tell(_receipt: Mapping[str, Any]) -> list[str]:
        return [f"{name} may act for {owner.name}", f"use it: --from {name}"]

    try:
        send(session, "signers.add_agent", plain, tell)
    except Failure as failure:
        if failure.exit_code in NOTHING_HAPPENED:
            agent.path.unlink(missing_ok=True)
        raise
    if session.dry_run:
        agent.path.unlink(missing_ok=True)


def remove_agent(session: Session, name: str) -> None:
    """Let an agent's key act no longer; its file goes once that is final."""
    agent = session.keyring.find(name)
    plain = {"public_key": f"0x{agent.public_key.hex()}"}

    def settle() -> None:
        agent.path.unlink(missing_ok=True)

    send(
        session,
        "signers.remove_agent",
        plain,
        lambda _: [f"{name} acts no longer for {signer_of(session)}"],
        settle,
    )
