"""One key on disk, as JSON: what it is for in clear, its seed under a passphrase.

Source: docs/specs/keystore.md, KEY-001 to KEY-009.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from chain.crypto.addresses import MalformedAddress, address_from, text_of
from chain.crypto.signing import SEED_BYTES, SigningKey
from node.folder import write_atomically
from node.keystore.encryption import (
    NONCE_BYTES,
    SALT_BYTES,
    TAG_BYTES,
    Cost,
    Lock,
    WrongPassphrase,
    lock,
    unlock,
)
from node.keystore.fault import KeystoreFault

VERSION = 1
FILE_MAX_BYTES = 16 * 1024
DESCRIPTION_MAX_CHARACTERS = 256
TAG = b"NOVATION/keyfile/1"
COST = Cost()
DEVELOPMENT_KINDS = ("dev", "devnet")

Purpose: TypeAlias = Literal["account", "consensus", "identity", "oracle"]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)


AGENT_OF = "agent of "
"""How the description of an agent's key begins."""


@dataclass(frozen=True, repr=False)
class KeyFile:
    """A key file as read: everything in clear, and the seed as it is locked, or plain."""

    path: Path
    purpose: Purpose
    address: bytes
    """The signer this key acts for: its first public key, whatever it rotated to since."""
    public_key: bytes
    description: str
    locked: Lock | None
    plain_seed: bytes | None

    @property
    def name(self) -> str:
        """The name of the file without its ending."""
        return self.path.name.removesuffix(".json")

    @property
    def is_agent(self) -> bool:
        """Whether it may send some kinds only for its signer, who has a key of his own."""
        return self.description.startswith(AGENT_OF)

    @property
    def development(self) -> bool:
        """Whether everybody may read the seed."""
        return self.plain_seed is not None

    @property
    def address_text(self) -> str:
        """The address for people."""
        return text_of(self.address)

    def refuse_on(self, chain_kind: str) -> None:
        """Refuse a plain key on a chain that is not for development."""
        if self.development and chain_kind not in DEVELOPMENT_KINDS:
            raise KeystoreFault(
                "development_key_refused",
                f"{self.path} is a development key, which everybody may know, and the kind of this"
                f" chain is {chain_kind}.",
                hint="Make a key for it: novation keys new",
                chain_kind=chain_kind,
            )

    def seed(self, passphrase: bytes | None = None) -> bytes:
        """Return the secret seed. Slow for an encrypted key: 0.7 s and 128 MiB.

        Refuses: passphrase_missing, passphrase_wrong.
        """
        if self.plain_seed is not None:
            return self.plain_seed
        assert self.locked is not None
        if passphrase is None:
            raise KeystoreFault("passphrase_missing", f"{self.path} is encrypted.")
        beside = _beside(self.purpose, self.address, self.public_key, self.description)
        try:
            seed = unlock(self.locked, passphrase, beside)
        except WrongPassphrase as fault:
            raise KeystoreFault(
                "passphrase_wrong",
                f"The passphrase does not open {self.path}, or the file was changed.",
                hint="Try again; if it is surely right, restore the file from its copy.",
            ) from fault
        if SigningKey.from_seed(seed).public_key != self.public_key:
            raise _malformed(self.path, "the public key is not that of the seed")
        return seed

    def open(self, passphrase: bytes | None = None) -> SigningKey:
        """Return the key that signs. Refuses: as `seed`."""
        return SigningKey.from_seed(self.seed(passphrase))

    def require_purpose(self, purpose: Purpose) -> None:
        """Refuse a key that is for something else: one key, one use."""
        if self.purpose != purpose:
            raise KeystoreFault(
                "key_purpose_wrong",
                f"{self.path} is a key of purpose {self.purpose}, and {purpose} is needed.",
                hint="Name another key, or make one: novation keys new --purpose " + purpose,
                purpose=self.purpose,
            )

    def __repr__(self) -> str:
        """Return what stands in clear, never a seed."""
        return f"KeyFile({self.path}, {self.purpose}, {self.address_text})"


def fresh_seed() -> bytes:
    """Return 32 bytes that nobody else knows."""
    return secrets.token_bytes(SEED_BYTES)


def write_key_file(
    path: Path,
    seed: bytes,
    purpose: Purpose,
    passphrase: bytes | None,
    *,
    address: bytes | None = None,
    description: str = "",
    replace: bool = False,
    cost: Cost = COST,
) -> KeyFile:
    """Write a key file of mode 0600, whole and durable, and return it.

    Without a passphrase it is a development key.  Without an address it is the key's own.

    Refuses: key_exists, unless it is to be replaced; key_unwritable.
    """
    assert purpose in PURPOSES
    assert len(description) <= DESCRIPTION_MAX_CHARACTERS
    assert cost.is_bounded()
    public_key = SigningKey.from_seed(seed).public_key
    address = public_key if address is None else address
    locked = None
    if passphrase is not None:
        locked = lock(seed, passphrase, _beside(purpose, address, public_key, description), cost)
    key = KeyFile(path, purpose, address, public_key, description, locked, None if locked else seed)
    if path.exists() and not replace:
        raise KeystoreFault(
            "key_exists",
            f"{path} is there already, and a key that is overwritten is lost.",
            hint="Choose another name.",
        )
    try:
        write_atomically(path, _json_of(key), mode=0o600)
    except OSError as fault:
        raise KeystoreFault(
            "key_unwritable", f"{path} cannot be written: {fault.strerror}."
        ) from fault
    return key


def read_key_file(path: Path) -> KeyFile:
    """Return the key file at a path.

    Refuses: key_not_found, key_version_unknown, key_malformed.
    """
    try:
        with path.open("rb") as file:
            data = file.read(FILE_MAX_BYTES + 1)
    except FileNotFoundError as fault:
        raise KeystoreFault(
            "key_not_found",
            f"There is no key file {path}.",
            hint="List what is there: novation keys list",
        ) from fault
    except OSError as fault:
        raise KeystoreFault("key_not_found", f"{path} cannot be read: {fault.strerror}.") from fault
    if len(data) > FILE_MAX_BYTES:
        raise _malformed(path, f"it is longer than {FILE_MAX_BYTES} bytes")
    try:
        told = json.loads(data, object_pairs_hook=_without_repetition)
    except (ValueError, RecursionError) as fault:
        raise _malformed(path, "it is not JSON, or names a field twice") from fault
    if not isinstance(told, dict) or told.get("format") != "novation key":
        raise _malformed(path, "it is not a key file")
    if told.get("version") != VERSION:
        raise KeystoreFault(
            "key_version_unknown",
            f"{path} is of version {told.get('version')!r}; this program reads {VERSION}.",
            hint="Use the program that wrote it.",
        )
    try:
        return _parsed(path, told)
    except (KeyError, TypeError, ValueError, MalformedAddress) as fault:
        raise _malformed(path, f"the field {fault} is missing or not what it must be") from fault


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) != len(pairs):
        raise ValueError("a field is named twice")
    return told


def _malformed(path: Path, why: str) -> KeystoreFault:
    return KeystoreFault(
        "key_malformed",
        f"{path} cannot be read as a key: {why}.",
        hint="Restore it from its copy. Nothing can be guessed from a damaged key file.",
    )


def _beside(purpose: str, address: bytes, public_key: bytes, description: str) -> bytes:
    """Return what the lock is bound to: nothing of it can be changed and the seed still open."""
    parts = (TAG, purpose.encode(), address, public_key, description.encode())
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)


def _json_of(key: KeyFile) -> bytes:
    told: dict[str, object] = {
        "format": "novation key",
        "version": VERSION,
        "purpose": key.purpose,
        "address": key.address_text,
        "public_key": "0x" + key.public_key.hex(),
        "description": key.description,
        "development": key.development,
    }
    if key.plain_seed is not None:
        told["warning"] = "development key: worthless, everybody may know it"
        told["seed"] = "0x" + key.plain_seed.hex()
    if key.locked is not None:
        cost = key.locked.cost
        told["kdf"] = {
            "name": "scrypt",
            "n": cost.n,
            "r": cost.r,
            "p": cost.p,
            "salt": "0x" + key.locked.salt.hex(),
        }
        told["cipher"] = {
            "name": "chacha20-poly1305",
            "nonce": "0x" + key.locked.nonce.hex(),
            "text": "0x" + key.locked.text.hex(),
        }
    return (json.dumps(told, indent=2, ensure_ascii=False) + "\n").encode()


def _bytes_at(told: Mapping[str, Any], field: str, length_bytes: int) -> bytes:
    text = told[field]
    if not isinstance(text, str) or len(text) != 2 + 2 * length_bytes or text[:2] != "0x":
        raise ValueError(field)
    try:
        return bytes.fromhex(text[2:])
    except ValueError as fault:
        raise ValueError(field) from fault


def _parsed(path: Path, told: dict[str, Any]) -> KeyFile:
    purpose, description = told["purpose"], told["description"]
    if purpose not in PURPOSES:
        raise ValueError("purpose")
    if not isinstance(description, str) or len(description) > DESCRIPTION_MAX_CHARACTERS:
        raise ValueError("description")
    public_key = _bytes_at(told, "public_key", 32)
    address = address_from(told["address"]) if isinstance(told["address"], str) else b""
    if not address:
        raise ValueError("address")
    if told["development"] is True:
        seed = _bytes_at(told, "seed", SEED_BYTES)
        if SigningKey.from_seed(seed).public_key != public_key or "cipher" in told:
            raise ValueError("seed")
        return KeyFile(path, purpose, address, public_key, description, None, seed)
    if told["development"] is not False:
        raise ValueError("development")
    if told["kdf"]["name"] != "scrypt" or told["cipher"]["name"] != "chacha20-poly1305":
        raise ValueError("name")
    numbers = [told["kdf"][field] for field in "nrp"]
    if any(type(number) is not int for number in numbers) or not Cost(*numbers).is_bounded():
        raise ValueError("kdf")
    locked = Lock(
        Cost(*numbers),
        _bytes_at(told["kdf"], "salt", SALT_BYTES),
        _bytes_at(told["cipher"], "nonce", NONCE_BYTES),
        _bytes_at(told["cipher"], "text", SEED_BYTES + TAG_BYTES),
    )
    return KeyFile(path, purpose, address, public_key, description, locked, None)
