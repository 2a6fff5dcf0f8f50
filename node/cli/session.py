"""What one invocation knows: its options, and the node and keys they lead to, on demand."""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from node.cli.output import Reporter

if TYPE_CHECKING:
    from node.client.keyring import Keyring
    from node.client.target import Target
    from node.client.transport import Client

ADDRESS = re.compile(r"\bnov1[02-9ac-hj-np-z]{58}\b")
READ_TIMEOUT_MS = 30_000
WAIT_TIMEOUT_MS = 60_000


class Session:
    """The global options of one invocation, and what is made from them when it is needed."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.reporter = Reporter(as_json=as_json)
        self.rpc: str | None = None
        self.signer_name: str | None = None
        self.account_name: str | None = None
        self.timeout_ms: int | None = None
        self.no_wait = False
        self.dry_run = False
        self.force = False
        self.data: str | None = None
        self._client: Client | None = None
        self._target: Target | None = None
        self._keyring: Keyring | None = None
        self._names: dict[str, str] | None = None

    def keep(self, name: str, value: Any) -> None:
        """Note a global option found on the command line."""
        if name == "as_json":
            self.reporter.as_json = True
        elif name == "quiet":
            self.reporter.quiet = True
        else:
            assert hasattr(self, name), name
            setattr(self, name, value)

    def folder(self, default: Path) -> Path:
        """Return the data folder that was named, else the given one."""
        return Path(self.data).expanduser() if self.data else default

    @property
    def target(self) -> "Target":
        """Return the node that this invocation talks to."""
        if self._target is None:
            from node.client.target import find_target

            folder = Path(self.data).expanduser() if self.data else None
            self._target = find_target(self.rpc, os.environ, folder)
        return self._target

    @property
    def client(self) -> "Client":
        """Return the connection to that node, made at the first call."""
        if self._client is None:
            from node.client.transport import Client

            self._client = Client(self.target.url, self.timeout_ms or READ_TIMEOUT_MS)
        return self._client

    @property
    def keyring(self) -> "Keyring":
        """Return the keys of the data folder, then those of the home directory."""
        if self._keyring is None:
            from node.cli.passphrase import asker
            from node.client.keyring import Keyring

            self._keyring = Keyring.of(self.target.folder, asker())
        return self._keyring

    def names(self, line: str) -> str:
        """Return a line with each address that a key here has said by its name."""
        if not ADDRESS.search(line):
            return line
        if self._names is None:
            self._names = self.keyring.names()
        names = self._names
        return ADDRESS.sub(lambda found: names.get(found[0], found[0]), line)

    @property
    def wait_ms(self) -> int:
        """Return how long a write waits for finality."""
        return self.timeout_ms or WAIT_TIMEOUT_MS

    def close(self) -> None:
        """Give the connection back, if one was made."""
        if self._client is not None:
            self._client.close()
