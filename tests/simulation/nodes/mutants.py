"""Nodes with one thing wrong, by name: each must be caught by a scenario or by seeds.

A mutant replaces one function of the shell around the core. If the tests do not notice, the tests
are what is wrong.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest.mock import patch

from chain.block.transaction import Transaction
from node.consensus import committer, work
from node.consensus.driver import Driver
from node.consensus.recovery import NOTHING, Remembered
from node.consensus.vote_log import VoteLogFatal
from node.signatures import Signatures
from node.sync import ranges
from node.sync.applying import Applying
from tests.simulation.nodes import machine
from tests.simulation.nodes.disk import Disk
from tests.simulation.nodes.loop import PowerCut

Mutant = Callable[[], AbstractContextManager[Any]]


def _replaced(owner: object, name: str, by: object) -> Mutant:
    return lambda: patch.object(owner, name, by)


def _nothing(*_given: object, **_named: object) -> None:
    return None


async def _durable_later(driver: Driver, log: Any, records: Any) -> None:
    """Begin to write, and let what depends on it leave."""
    loop = driver._clock._world.loop  # type: ignore[attr-defined]
    process = loop.task.process

    def append() -> None:
        if process.alive:
            try:
                log.append(records)
            except PowerCut:
                process.on_cut()
            except VoteLogFatal:
                process.kill()

    loop.after(20_000, append)


def _forgotten(*given: Any, **named: Any) -> Remembered:
    found = _REMEMBERED(*given, **named)
    return Remembered(found.log, NOTHING)


_REMEMBERED = machine.remembered


@contextmanager
def _genuine_by_id() -> Iterator[None]:
    """A cache that knows transactions by what was signed, and not by the signature."""
    check = Signatures._verified_alone

    def checks(signatures: Any, transactions: Sequence[Transaction]) -> list[bool]:
        seen = signatures.__dict__.setdefault("seen", set())
        strange = [one for one in transactions if one.id not in seen]
        verdicts = check(signatures, strange)
        seen |= {one.id for one, verdict in zip(strange, verdicts, strict=True) if verdict}
        return [one.id in seen for one in transactions]

    with patch.object(Signatures, "_verified_alone", checks):
        yield


async def _store_shielded(self: Applying, checked: Any) -> None:
    """Wait for a store that may have failed, whatever else ends."""
    done = self._committer.put(checked.block_ids, checked.certificate)
    with committer.trio.CancelScope(shield=True):
        await done.wait()


MUTANTS: dict[str, Mutant] = {
    "vote log never synced": _replaced(Disk, "sync", _nothing),
    "sent before the frame is durable": _replaced(Driver, "_make_durable", _durable_later),
    "log forgotten at a start": _replaced(machine, "remembered", _forgotten),
    "signatures known by id": _genuine_by_id,
    "certificates of ranges believed": _replaced(
        ranges, "check_certificate", lambda *given, **named: True
    ),
    "shielded wait for a store": _replaced(Applying, "_store", _store_shielded),
    "evidence kept by nobody": _replaced(work.Work, "keep", _nothing),
    "evidence proposed again": _replaced(
        work, "admissible_evidence", lambda state, chain_id, kept: tuple(sorted(kept))
    ),
}
