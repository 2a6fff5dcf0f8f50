"""What must hold whatever happens to whole nodes, written apart from everything they decide by.

The judge hears every frame that leaves a machine and every batch of blocks that becomes durable on
one. It has its own arithmetic of quorums, its own ledger of votes over all lives of a key, and its
own sum of all money. It forbids nothing to machines that are faulty or whose disk lied.
"""

from typing import TYPE_CHECKING

from chain.block.certificate import Certificate
from chain.block.header import block_id_of
from chain.block.receipt import id_in
from chain.block.transaction import parse_transaction
from chain.block.vote import Vote
from chain.codec.record import MalformedRecord
from chain.consensus.messages import Certificates, Message, Proposal, decode_message
from chain.machine.audit import run_invariants
from chain.modules.ledger.state import BALANCES, SUPPLIES
from node.storage.batch import FinalBatch, FinalBlock
from node.storage.leveldb import Storage
from tests.simulation.member import Name

if TYPE_CHECKING:
    from tests.simulation.nodes.machine import Machine
    from tests.simulation.nodes.world import World

NOTARIZE, NULLIFY, FINALIZE = 1, 2, 3
VOTE_TAG = b"NOVATION/vote/1"


class Judge:
    """Watches one world; what it finds first is what the run is about."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.violations: list[str] = []
        self.faulty: dict[int, None] = {}
        """Numbers of authorities that may do anything."""
        self.keys: tuple[bytes, ...] = ()
        """Consensus keys in the order of their set."""
        self.chain: dict[int, bytes] = {0: b""}
        self.roots: dict[int, tuple[bytes, bytes]] = {}
        self.votes: dict[tuple[bytes, int, int, int], bytes] = {}
        self.certified: dict[tuple[int, int, int], bytes] = {}
        self.final_transactions: dict[bytes, int] = {}
        self.heights: dict[Name, int] = {}
        self.alarms: dict[str, int] = {}
        self._judged: dict[Certificate, bool] = {}
        self._heard: dict[bytes, None] = {}

    @property
    def height(self) -> int:
        """The highest block that anybody honest holds."""
        return max(self.chain)

    def demand(self, holds: bool, what: str) -> None:
        """Note what must never happen, when it has."""
        if not holds:
            self.violations.append(what)

    # --- what is told -----------------------------------------------------------------------

    def started(self, machine: "Machine", storage: Storage) -> None:
        """A process came up with what its disk holds, which may be more than it could tell."""
        tip = storage.tip()
        height = tip.height if tip else 0
        before = self.heights.get(machine.name, 0)
        self.demand(
            height >= before or self._is_free(machine),
            f"{machine.label} lost final blocks: {height} < {before}",
        )
        self.heights[machine.name] = height
        if machine.name[0] in self.faulty:
            return
        for above in range(before + 1, height + 1):
            found = storage.block_id(above)
            known = self.chain.setdefault(above, found or b"")
            self.demand(known == found, f"{machine.label} came up with another block {above}")

    def wiped(self, machine: "Machine") -> None:
        """The chain's folder of a machine was taken away: it may begin anew."""
        self.heights[machine.name] = 0

    def said(self, machine: "Machine", kind: int, payload: bytes) -> None:
        """A frame leaves a machine."""
        if payload in self._heard:
            return
        self._heard[payload] = None
        try:
            message = decode_message(kind, payload)
        except MalformedRecord:
            self.demand(self._is_free(machine), f"{machine.label} sends what nobody can read")
            return
        self._certificates_of(message)
        if self._is_free(machine) or machine.key is None:
            return
        own = machine.key.public_key
        if isinstance(message, Vote) and self._key_at(message.signer_index) == own:
            self._voted(own, message.epoch, message.view, message.kind, message.block_id)
        elif isinstance(message, Proposal):
            leader = self._key_at((message.epoch + message.view) % len(self.keys))
            if leader == own:
                self._voted(own, message.epoch, message.view, NOTARIZE, message.block_id)

    def charged(self, machine: "Machine", other: Name, offence: str) -> None:
        """A node holds a misdeed against a peer."""
        accused = self.world.machines[other]
        innocent = not (self._is_free(machine) or self._is_free(accused))
        self.demand(not innocent, f"{machine.label} charges honest {accused.label} with {offence}")

    def stored(self, machine: "Machine", final: FinalBatch) -> None:
        """Blocks are durable somewhere as final."""
        if machine.name[0] in self.faulty:
            return
        for one in final.blocks:
            self._final(machine, one)
        if final.certificate is not None:
            last = final.blocks[-1].block_id
            self.demand(
                self.is_certified(final.certificate)
                and (final.certificate.kind, final.certificate.block_id) == (FINALIZE, last),
                f"{machine.label} stores block {last.hex()[:8]} without a quorum",
            )

    # --- what is demanded -------------------------------------------------------------------

    def _is_free(self, machine: "Machine") -> bool:
        return machine.doubtful or machine.name[0] in self.faulty

    def _key_at(self, index: int) -> bytes:
        return self.keys[index] if index < len(self.keys) else b""

    def _final(self, machine: "Machine", one: FinalBlock) -> None:
        header = one.block.header
        height, block_id = header.height, block_id_of(header)
        is_new = height not in self.roots
        known = self.chain.setdefault(height, block_id)
        self.demand(
            known == block_id,
            f"two final blocks at {height}: {known.hex()[:8]} and {block_id.hex()[:8]}"
            f" on {machine.label}",
        )
        roots = (one.overlay.root, header.receipts_root)
        held = self.roots.setdefault(height, roots)
        self.demand(held == roots, f"{machine.label} comes to another state at {height}")
        self.demand(
            roots[0] == header.state_root, f"{machine.label} stores a wrong root at {height}"
        )
        if height > 1:
            self.demand(
                self.chain.get(height - 1) == header.parent_id, f"height {height} does not link"
            )
        before = self.heights.get(machine.name, 0)
        self.demand(height == before + 1, f"{machine.label} goes from {before} to {height}")
        self.heights[machine.name] = height
        self.world.digest.update(b"%d %d %s" % (machine.name[0], height, block_id))
        if is_new:
            self._new(one)

    def _new(self, one: FinalBlock) -> None:
        """Look into a block the first time that anybody holds it."""
        world, height = self.world, one.block.header.height
        for data in one.block.transactions:
            known = parse_transaction(world.application, world.genesis.chain_id, data)
            genuine = all(
                world.verdicts(key, known.sign_bytes, signature)
                for key, signature in known.signatures
            )
            self.demand(genuine, f"block {height} has a transaction that nobody signed")
            before = self.final_transactions.setdefault(known.id, height)
            self.demand(before == height, f"a transaction is final at {before} and at {height}")
            self.demand(
                known.id in world.traffic.sent, f"nobody sent a transaction of block {height}"
            )
        self.demand(
            len(set(map(id_in, one.encoded_receipts))) == len(one.encoded_receipts),
            f"block {height} has a transaction twice",
        )

    def _voted(self, key: bytes, epoch: int, view: int, kind: int, block_id: bytes) -> None:
        """Hold an honest key to its word, over all lives of its process."""
        number = self.world.number_of(key)
        before = self.votes.setdefault((key, epoch, view, kind), block_id)
        self.demand(before == block_id, f"honest auth{number} signs kind {kind} twice in {view}")
        both = (key, epoch, view, NULLIFY) in self.votes and (
            key,
            epoch,
            view,
            FINALIZE,
        ) in self.votes
        self.demand(not both, f"honest auth{number} nullifies and finalizes view {view}")

    def _certificates_of(self, message: Message) -> None:
        found: tuple[Certificate | None, ...] = ()
        if isinstance(message, Certificate):
            found = (message,)
        elif isinstance(message, Certificates):
            found = message.certificates
        elif isinstance(message, Proposal):
            found = (message.parent_certificate, *message.null_certificates)
        for certificate in found:
            if certificate is not None and self.is_certified(certificate):
                self._certified(certificate)

    def _certified(self, certificate: Certificate) -> None:
        """Two quorums never say what excludes each other."""
        kind, view = certificate.kind, certificate.view
        place = (certificate.epoch, view, kind)
        before = self.certified.setdefault(place, certificate.block_id)
        self.demand(
            before == certificate.block_id, f"two certificates of kind {kind} in view {view}"
        )
        both = {(certificate.epoch, view, other) for other in (NULLIFY, FINALIZE)}
        self.demand(not both <= self.certified.keys(), f"view {view} is nullified and finalized")

    def is_certified(self, certificate: Certificate) -> bool:
        """Return whether more than two thirds of the set signed this."""
        known = self._judged.get(certificate)
        if known is not None:
            return known
        bits = int.from_bytes(certificate.bitmap, "little")
        message = (
            VOTE_TAG
            + self.world.genesis.chain_id
            + certificate.epoch.to_bytes(8, "big")
            + certificate.view.to_bytes(8, "big")
            + certificate.kind.to_bytes(1, "big")
            + certificate.block_id
        )
        signed = [key for place, key in enumerate(self.keys) if bits >> place & 1]
        genuine = (
            bits < 1 << len(self.keys)
            and len(signed) == len(certificate.signatures)
            and 3 * len(signed) > 2 * len(self.keys)
            and all(
                self.world.verdicts(key, message, signature)
                for key, signature in zip(signed, certificate.signatures, strict=True)
            )
        )
        self._judged[certificate] = genuine
        return genuine

    # --- at the end -------------------------------------------------------------------------

    def look_at_books(self, machine: "Machine") -> None:
        """Nothing was made and nothing was lost: every asset, and every invariant."""
        assert machine.services is not None
        tables = machine.services.state_store.tables
        held: dict[str, int] = {}
        for (_, asset), balance in tables.scan(BALANCES):
            held[asset] = held.get(asset, 0) + balance.amount_quantums
        supplies = {asset: row.supply_quantums for asset, row in tables.scan(SUPPLIES)}
        self.demand(held == supplies, f"{machine.label} holds {held} of {supplies}")
        breaches = run_invariants(self.world.application, tables)
        self.demand(not breaches, f"{machine.label} breaks {breaches[:1]}")
        root = self.roots.get(machine.height)
        if root is not None:
            self.demand(tables.root == root[0], f"{machine.label} holds another root than stored")
