"""One agent at work: look, decide, act; and again, whatever the node does meanwhile.

Source: docs/specs/agents.md, AGT-020 to AGT-026.
"""

import contextlib
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from chain.crypto.addresses import text_of
from node.agents.acting import Acting
from node.agents.known import Known
from node.agents.looking import Looked, look
from node.agents.settings import Settings
from node.client.failures import NOT_READY, Failure
from node.client.keyring import Keyring, account_name
from node.client.transport import Client
from node.clock import Clock
from node.telemetry.logs import log_of

PATIENCE_MS = 5_000
BEHIND_TURNS_COUNT = 5
"""So often each node is asked again before a lower height is believed."""
AWAY_LAST_MS = 8_000
"""The longest pause while no node answers."""


class Running:
    """The loop around one agent."""

    def __init__(self, known: Known, settings: Settings, keyring: Keyring, clock: Clock) -> None:
        """Refuses: Failure, for an account that nobody here has a key of."""
        owner = account_name(settings.account)
        account = f"{text_of(keyring.address(owner.owner))}/{owner.number}"
        self._settings = settings
        self._markets = known.markets(settings)
        self._keyring = keyring
        self._signer = settings.signer or owner.owner
        self._clients = [Client(url, PATIENCE_MS) for url in settings.nodes]
        self._agent = known.make(settings, account)
        self._clock = clock
        self._name = known.name
        self._acting: Acting | None = None
        self._chain_id = b""
        self._height = 0
        self._behind_count = 0
        self._said = ""
        self._away_ms = 0
        self._log = log_of(known.name)

    def turn(self) -> bool:
        """Look and act once, and return whether a node answered.

        Whatever keeps it from that is logged when it changes; the next turn tries again, and
        another node where there is one.
        """
        client = self._clients[0]
        try:
            looked = self._looked(client)
            if looked is not None:
                self._acted(client, looked)
        except Failure as failure:
            client.close()
            self._clients.append(self._clients.pop(0))
            self._tell(f"{failure.kind.reason} {failure.kind.code}: {failure.message}", worse=True)
            return False
        self._tell(self._agent.standing, worse=False)
        return True

    def _looked(self, client: Client) -> Looked | None:
        pending = self._acting.transactions if self._acting is not None else []
        questions = self._agent.questions()
        return look(client, self._agent.account, self._markets, questions, pending)

    def _acted(self, client: Client, looked: Looked) -> None:
        chain = looked.chain
        if self._acting is None or self._chain_id != chain.chain_id:
            # Which keys a chain takes is known only now: development keys not on a live one.
            key_file, key = self._keyring.open(self._signer, chain.kind)
            self._acting = Acting(self._name, key, key_file.address, self._clock)
            self._chain_id = chain.chain_id
            self._height = chain.height
        else:
            self._require_newest(client, chain.height)
            self._acting.learn(looked.statuses, chain.height)
        acting = self._acting
        seen = replace(looked.seen, refused=acting.refused)
        acting.send(client, chain, self._agent, self._agent.decide(seen))

    def _require_newest(self, client: Client, height: int) -> None:
        """Refuse what a node shows that is behind what was seen: its prices are old.

        Where every node keeps saying so, the chain itself was taken back.
        Refuses: NOT_READY.
        """
        self._behind_count = self._behind_count + 1 if height < self._height else 0
        if self._behind_count > BEHIND_TURNS_COUNT * len(self._clients):
            self._behind_count, self._height = 0, height
        if height < self._height:
            raise Failure(NOT_READY, f"{client.url} is at height {height}, behind {self._height}")
        self._height = height

    def run_until(self, stop: threading.Event, goes_on: Callable[[], bool]) -> None:
        """Take turns until stopped, or until it is not to go on; then say farewell."""
        while not stop.is_set() and goes_on():
            began_ms = self._clock.monotonic_ms()
            answered = self.turn()
            self._away_ms = (
                0
                if answered
                else min(AWAY_LAST_MS, max(self._settings.every_ms, 2 * self._away_ms))
            )
            spent_ms = self._clock.monotonic_ms() - began_ms
            stop.wait(max(0, max(self._settings.every_ms, self._away_ms) - spent_ms) / 1000)
        self._leave()

    def _leave(self) -> None:
        """Hand in what is left to do, once; where no node answers the dead man does it."""
        client = self._clients[0]
        with contextlib.suppress(Failure):
            looked = self._looked(client)
            if looked is not None and looked.seen.account is not None and self._acting is not None:
                self._acting.learn(looked.statuses, looked.chain.height)
                self._acting.send(client, looked.chain, self._agent, self._agent.farewell())
        self._log.info("ended")

    def _tell(self, what: str, *, worse: bool) -> None:
        if what != self._said:
            self._said = what
            if worse:
                self._log.warning("no turn taken", why=what)
            else:
                self._log.info(what)


def keyring_of(settings: Settings, home: Path) -> Keyring:
    """Return the keys that an agent may use: of the folder it was told, else as commands look.

    A folder that is not absolute is below `home`.
    """
    if settings.keys:
        return Keyring([home / Path(settings.keys).expanduser()])
    return Keyring.of(None)
