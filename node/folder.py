"""Know where things are in a data folder, and write a file so that it is whole or absent.

DIR/NAME/  config.toml  genesis.json  identity.key  node.log  pid
           signer/  key.json  lock  votes/NNNN.log      the key and what it signed, together
           chain/                                       LevelDB; may be lost and synced again
           history/                                     SQLite; may be lost and is made again
"""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class DataFolder:
    """The places of one node on disk."""

    root: Path

    @property
    def configuration(self) -> Path:
        """What the node was told."""
        return self.root / "config.toml"

    @property
    def genesis(self) -> Path:
        """The chain's first words."""
        return self.root / "genesis.json"

    @property
    def identity(self) -> Path:
        """The key it shows to its peers."""
        return self.root / "identity.key"

    @property
    def signer(self) -> Path:
        """The folder of the consensus key, its lock and its vote log."""
        return self.root / "signer"

    @property
    def consensus_key(self) -> Path:
        """The key with which it votes."""
        return self.signer / "key.json"

    @property
    def oracle_key(self) -> Path:
        """The key with which its feeder signs reports."""
        return self.signer / "oracle.json"

    @property
    def feeder(self) -> Path:
        """What its feeder was told."""
        return self.root / "feeder.toml"

    @property
    def chain(self) -> Path:
        """LevelDB."""
        return self.root / "chain"

    @property
    def history(self) -> Path:
        """The index of what happened."""
        return self.root / "history" / "index.sqlite"

    @property
    def log(self) -> Path:
        """What operators read."""
        return self.root / "node.log"

    @property
    def pid(self) -> Path:
        """The number of the running process."""
        return self.root / "pid"


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable: a file without its name is lost in a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_atomically(path: Path, data: bytes, mode: int) -> None:
    """Put a file in place, whole and durable, or leave what was there.

    The bytes are on disk before the name points at them, and the name before this returns.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
        try:
            os.fchmod(handle, mode)  # whatever the umask, and whatever a leftover draft had
            written = 0
            while written < len(data):
                written += os.write(handle, data[written:])
            os.fsync(handle)
        finally:
            os.close(handle)
        draft.replace(path)
        sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)
