"""Find whose key is meant: DIR/keys of the network first, then `~/.novation/keys`.

Source: docs/specs/cli.md, CLI-031 and CLI-032.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chain.crypto.addresses import MalformedAddress, address_from, text_of
from chain.crypto.signing import SigningKey
from chain.kit.holder import ACCOUNT_NUMBER_MAX
from node.client.failures import EXIT_USAGE, KEY_MISSING, VALUE_MALFORMED, Failure, Kind
from node.keystore.fault import KeystoreFault
from node.keystore.key_file import KeyFile
from node.keystore.passphrase import passphrase_from
from node.keystore.store import Keystore

KEYS_FOLDER = "keys"
HOME_KEYS = Path(".novation/keys")
SLIPS_MAX_COUNT = 3
ADDRESS_CHECKSUM = Kind("lookup.address_checksum", 1203, EXIT_USAGE)


@dataclass(frozen=True)
class AccountName:
    """A margin account as people write it: `alice` is `alice/0`."""

    owner: str
    number: int


class Keyring:
    """Named keys, and the addresses that the names stand for."""

    def __init__(self, folders: list[Path], ask: Callable[[], str] | None = None) -> None:
        self.folders = folders
        self.store = Keystore(folders)
        self.ask = ask
        """Prompts for a passphrase; None where nobody can be asked."""
        self._passphrases: dict[Path, bytes] = {}

    @classmethod
    def of(cls, home: Path | None, ask: Callable[[], str] | None = None) -> "Keyring":
        """Return the keys that a command sees, given the network's folder if there is one."""
        own = [home / KEYS_FOLDER] if home is not None and (home / KEYS_FOLDER).is_dir() else []
        return cls([*own, Path.home() / HOME_KEYS], ask)

    def known(self) -> list[KeyFile]:
        """Return every readable key, by name."""
        return self.store.listed()

    def find(self, name: str) -> KeyFile:
        """Return the key of a name or of an address.

        Refuses: KEY_MISSING, with the names there are.
        """
        if name.lower().startswith("nov1"):
            found = self.store.find_address(self.address(name))
            if found is not None:
                return found
        try:
            return self.store.find(name)
        except KeystoreFault as fault:
            if fault.slug not in {"key_not_found", "key_name_wrong"}:
                raise
            names = ", ".join(key.name for key in self.known()) or "none"
            raise Failure(
                KEY_MISSING,
                f"no key for {name}",
                *([fault.hint] if fault.hint.startswith("Did") else []),
                f"keys here: {names}      make one: novation keys new {name}",
                details={"name": name, "folders": [str(folder) for folder in self.folders]},
            ) from fault

    def open(self, name: str, chain_kind: str) -> tuple[KeyFile, SigningKey]:
        """Return the key of a name, unlocked and fit for this kind of chain.

        Refuses: development keys elsewhere, a missing or wrong passphrase.
        """
        key = self.find(name)
        key.require_purpose("account")
        key.refuse_on(chain_kind)
        return key, key.open(self.passphrase_of(key))

    def passphrase_of(self, key: KeyFile) -> bytes | None:
        """Return the passphrase of a key, asked for once; None for a development key.

        Refuses: passphrase_missing.
        """
        if key.development:
            return None
        if key.path not in self._passphrases:
            self._passphrases[key.path] = passphrase_from(os.environ, self.ask)
        return self._passphrases[key.path]

    def address(self, text: str) -> bytes:
        """Return the address that a name, an address or a public key in hex stands for.

        Refuses: what is none of them; a slip in an address names the key it is nearest to.
        """
        if text.lower().startswith("nov1"):
            try:
                return address_from(text)
            except MalformedAddress as fault:
                raise Failure(
                    ADDRESS_CHECKSUM,
                    f"{text}: {fault}{self._nearest(text)}",
                    details={"address": text},
                ) from fault
        if text.startswith("0x"):
            return public_key_from(text)
        return self.find(text).address

    def name_of(self, address: bytes) -> str | None:
        """Return the name under which an address is known here."""
        key = self.store.find_address(address)
        return key.name if key else None

    def names(self) -> dict[str, str]:
        """Return by what name each address is known here: the signer's own before an agent's."""
        keys = sorted(self.known(), key=lambda key: not key.is_agent)
        return {key.address_text: key.name for key in keys}

    def spoken(self, address: bytes) -> str:
        """Return how to call an address before people: its name, or its text shortened."""
        return self.name_of(address) or short(text_of(address))

    def _nearest(self, text: str) -> str:
        for key in self.known():
            known = key.address_text
            slips = sum(a != b for a, b in zip(known, text.lower(), strict=False))
            if len(known) == len(text) and slips <= SLIPS_MAX_COUNT:
                return f"; did you mean {short(known)} ({key.name})?"
        return ""


def public_key_from(text: str) -> bytes:
    """Return the 32 bytes of `0x` and 64 hex digits.

    Refuses: anything else.
    """
    try:
        data = bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        data = b""
    if len(data) != 32:
        raise Failure(VALUE_MALFORMED, f"{text} is not 0x and 64 hex digits")
    return data


def account_name(text: str) -> AccountName:
    """Return owner and number of an account as people write it.

    >>> account_name("alice"), account_name("alice/2")
    (AccountName(owner='alice', number=0), AccountName(owner='alice', number=2))
    """
    owner, slash, number = text.partition("/")
    if not owner or (slash and not (number.isascii() and number.isdigit())):
        raise Failure(VALUE_MALFORMED, f'"{text}" is no account; like this: alice or alice/1')
    if slash and int(number) > ACCOUNT_NUMBER_MAX:
        raise Failure(
            VALUE_MALFORMED, f"{text}: accounts have the numbers 0 to {ACCOUNT_NUMBER_MAX}"
        )
    return AccountName(owner, int(number) if slash else 0)


def short(text: str) -> str:
    """Return a long text with its middle left out, for people.

    >>> short("nov1qqqqqqqqqqqqqqqqqqqq9kd")
    'nov1qqqq…q9kd'
    """
    return f"{text[:8]}…{text[-4:]}" if len(text) > 16 else text
