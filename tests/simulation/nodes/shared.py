"""What the nodes of one world need not do each for itself, since it comes to the same.

A verdict on a signature depends on its bytes alone. What a block changes depends on the block and
on its parent's state: a node may be given what another node of its world found for the same block
on the same root, and then seals it over its own state, whose root must be the one of the header.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from chain.block.block import Block
from chain.block.certificate import AuthoritySet
from chain.block.header import block_id_of
from chain.crypto.signing import SigningKey
from chain.crypto.verification import is_genuine
from chain.kit.table import AnyTable, Key
from chain.machine.application import Application
from chain.machine.audit import Breach, run_invariants
from chain.machine.genesis import Genesis
from chain.machine.run import Outcome
from chain.machine.validity import CheckedBlock, apply_block
from chain.state.copied import Copied
from chain.state.overlay import Overlay
from chain.state.tables import Tables
from chain.state.view import CommittedView
from node.state_store import bucket_hashes_of, genesis_block

_SIGN = SigningKey.sign
_GENESIS_BLOCKS: dict[bytes, Block] = {}
_BUCKET_HASHES: dict[bytes, list[tuple[int, bytes]]] = {}


class Verdicts:
    """The verdict on a signature: known of those that were made here, of others asked once."""

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, bytes, bytes], bool] = {}
        self._made: dict[tuple[bytes, bytes], bytes] = {}

    def __call__(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        """Return whether the holder of this key signed this message."""
        place = (public_key, message, signature)
        known = self._known.get(place)
        if known is None:
            known = self._known[place] = is_genuine(public_key, message, signature)
        return known

    def of_each(self, asked: Sequence[tuple[bytes, bytes, bytes]]) -> list[bool]:
        """Return the verdict on each of several."""
        return [self(*each) for each in asked]

    def signing(self, key: SigningKey, message: bytes) -> bytes:
        """Return what the key makes of a message: real, and the same each time."""
        public_key = key.public_key
        made = self._made.get((public_key, message))
        if made is None:
            made = self._made[public_key, message] = _SIGN(key, message)
            self._known[public_key, message, made] = True
        return made


class Executions:
    """What blocks change on the state of their parents, found by the first node that asks."""

    def __init__(self) -> None:
        self._known: dict[
            tuple[bytes, bytes, bool], tuple[Outcome, dict[AnyTable, dict[Key, Any]]]
        ] = {}

    def __call__(
        self,
        application: Application,
        state: CommittedView,
        checked: CheckedBlock,
        authorities: AuthoritySet,
    ) -> Outcome:
        """Return what `apply_block` does, or refuse as it does."""
        header = checked.block.header
        leads = header.proposer == authorities.leader(header.view)
        place = (state.root, block_id_of(header), leads and header.epoch == authorities.epoch)
        known = self._known.get(place)
        if known is None:
            outcome = apply_block(application, state, checked, authorities)
            changes = {table: dict(rows) for table, rows in outcome.overlay.changes.items()}
            self._known[place] = (outcome, changes)
            return outcome
        outcome, changes = known
        overlay = Overlay(state)
        for table, rows in changes.items():
            for key, record in rows.items():
                if record is None:
                    overlay.delete(table, key)
                else:
                    overlay.put(table, key, record)
        overlay.seal()
        assert overlay.root == header.state_root, "the same changes come to another root"
        return replace(outcome, overlay=overlay)


class Audits:
    """What the invariants say of a state, asked once for each root: it names every row."""

    def __init__(self) -> None:
        self._known: dict[bytes, list[Breach]] = {}

    def __call__(self, application: Application, state: Copied) -> list[Breach]:
        """Return what `run_invariants` does."""
        known = self._known.get(state.root)
        if known is None:
            known = self._known[state.root] = run_invariants(application, state)
        return list(known)


def bucket_hashes_once(tables: Tables) -> list[tuple[int, bytes]]:
    """Return the hashes of the buckets that hold something, made once for each root of genesis."""
    known = _BUCKET_HASHES.get(tables.root)
    if known is None:
        known = _BUCKET_HASHES[tables.root] = bucket_hashes_of(tables)
    return known


def genesis_block_once(application: Application, genesis: Genesis) -> Block:
    """Return the block of height 0, made once for all machines that start on it again."""
    block = _GENESIS_BLOCKS.get(genesis.chain_id)
    if block is None:
        block = _GENESIS_BLOCKS[genesis.chain_id] = genesis_block(application, genesis)
    return block
