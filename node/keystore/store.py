"""Folders of named keys: the first is written to, all are read, in order.

Rotation has two steps, because the chain stands between them: `stage` writes the next key beside
the one in use, and `complete` puts it in place once the chain has accepted it, keeping the old one
under `retired/`.  A crash between the two loses neither key.

Source: docs/specs/keystore.md, KEY-010 to KEY-013.
"""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from node.folder import sync_folder
from node.keystore.encryption import Cost
from node.keystore.fault import KeystoreFault
from node.keystore.key_file import (
    COST,
    KeyFile,
    Purpose,
    fresh_seed,
    read_key_file,
    write_key_file,
)

NEXT = ".next"
RETIRED = "retired"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class Keystore:
    """Keys by name."""

    def __init__(self, folders: Sequence[Path], cost: Cost = COST) -> None:
        assert folders
        self._folders = tuple(folders)
        self._cost = cost

    def listed(self) -> list[KeyFile]:
        """Return every readable key, by name; of two with one name, the one found first.

        Damaged files are left out: `find` says what is wrong with one.
        """
        found: dict[str, KeyFile] = {}
        for folder in self._folders:
            for path in sorted(folder.glob("*.json")):
                name = path.name.removesuffix(".json")
                if _NAME.fullmatch(name) and name not in found:
                    try:
                        found[name] = read_key_file(path)
                    except KeystoreFault:
                        continue
        return [found[name] for name in sorted(found)]

    def find(self, name: str) -> KeyFile:
        """Return the key of a name.

        Refuses: key_name_wrong; key_not_found, naming the nearest; key_malformed.
        """
        _require_name(name)
        for folder in self._folders:
            path = folder / f"{name}.json"
            if path.exists():
                return read_key_file(path)
        near = get_close_matches(name, [key.name for key in self.listed()], 1, 0.6)
        raise KeystoreFault(
            "key_not_found",
            f"There is no key named {name} in {', '.join(map(str, self._folders))}.",
            hint=f"Did you mean {near[0]}?" if near else "Make one: novation keys new " + name,
            name=name,
        )

    def find_address(self, address: bytes) -> KeyFile | None:
        """Return the first key of an address, an agent's only where there is no other."""
        found = [key for key in self.listed() if key.address == address]
        return min(found, key=lambda key: key.is_agent, default=None)

    def create(
        self,
        name: str,
        passphrase: bytes | None,
        *,
        purpose: Purpose = "account",
        seed: bytes | None = None,
        description: str = "",
    ) -> KeyFile:
        """Write a new key, or one of a given seed, and return it.

        Without a passphrase it is a development key.

        Refuses: key_name_wrong, key_exists, key_unwritable.
        """
        _require_name(name)
        return write_key_file(
            self._folders[0] / f"{name}.json",
            fresh_seed() if seed is None else seed,
            purpose,
            passphrase,
            description=description,
            cost=self._cost,
        )

    def stage(self, name: str, passphrase: bytes | None) -> KeyFile:
        """Write the next key of a signer beside the one in use, and return it; idempotent.

        It is locked as the one in use is: under this passphrase, or not at all.

        Refuses: as `find`; key_exists is no refusal here, the staged key is returned again.
        """
        key = self.find(name)
        path = _next_of(key)
        if path.exists():
            return read_key_file(path)
        if not key.development and passphrase is None:
            raise KeystoreFault("passphrase_missing", f"{key.path} is encrypted; so is its next.")
        return write_key_file(
            path,
            fresh_seed(),
            key.purpose,
            None if key.development else passphrase,
            address=key.address,
            description=key.description,
            cost=self._cost,
        )

    def complete(self, name: str) -> KeyFile:
        """Put the staged key in place, keep the old one under `retired/`, and return the new.

        Refuses: as `find`; key_not_found, when nothing is staged.
        """
        key = self.find(name)
        staged = read_key_file(_next_of(key))
        kept = key.path.parent / RETIRED / f"{name}-{key.public_key[:8].hex()}.json"
        kept.parent.mkdir(mode=0o700, exist_ok=True)
        if not kept.exists():
            kept.hardlink_to(key.path)
            sync_folder(kept.parent)
        staged.path.replace(key.path)
        sync_folder(key.path.parent)
        return read_key_file(key.path)

    def abandon(self, name: str) -> None:
        """Forget the staged key, which the chain has never seen. Refuses: as `find`."""
        _next_of(self.find(name)).unlink(missing_ok=True)


def _next_of(key: KeyFile) -> Path:
    return key.path.with_name(f"{key.name}{NEXT}.json")


def _require_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise KeystoreFault(
            "key_name_wrong",
            f"{name!r} is no name of a key: lower-case letters, digits, _ and -, at most 64.",
            name=name,
        )
