"""What must hold whatever happens, written apart from the core and believing none of it.

The auditor has its own arithmetic of quorums, its own reading of certificates, its own ledger
of every vote an honest key ever let out, over all the lives of its process.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from chain.block.block import Block
from chain.block.certificate import Certificate
from chain.block.vote import Vote
from chain.consensus import effects as asked
from chain.consensus.effects import Effect
from chain.consensus.log import KeptBlock, LogRecord
from chain.consensus.messages import Message, Proposal
from tests.simulation.keys import key_of, verify
from tests.simulation.ledger import CHAIN_ID

if TYPE_CHECKING:
    from tests.simulation.member import Member

NOTARIZE, NULLIFY, FINALIZE = 1, 2, 3


class Violation(AssertionError):
    """Something happened that must never happen."""


class Auditor:
    """Watches one world."""

    def __init__(self, world: object) -> None:
        self.world = world
        self.faulty: dict[int, None] = {}
        """Numbers of authorities that may do anything."""
        self.chain: dict[int, bytes] = {0: b""}
        self.parents: dict[bytes, bytes] = {}
        self.votes: dict[tuple[int, int, int, int], bytes] = {}
        """(number, epoch, view, kind) -> block id, for every vote that an honest key let out."""
        self.durable: dict[tuple[int, int], int] = {}
        self.final_heights: dict[tuple[int, int], int] = {}
        self.members_of: dict[int, tuple[int, ...]] = {}
        self.stops: list[tuple[int, str]] = []
        self.stops_allowed = False
        self.alarms: dict[str, int] = {}
        self.certified: dict[tuple[int, int, bytes], bool] = {}

    # --- what is told -----------------------------------------------------------------------

    def started(self, member: "Member") -> None:
        """A process came up: what is durable for it is what its disk says."""
        if member.name[0] in self.faulty:
            return
        height = member.store.tip.height
        before = self.final_heights.get(member.name, 0)
        self._demand(height >= before, f"{member.name} lost final blocks: {height} < {before}")

    def crashed(self, member: "Member") -> None:
        """A process died."""

    def saw(self, member: "Member", effects: Iterable[Effect]) -> None:
        """A batch of effects was returned by somebody's core."""
        if member.name[0] in self.faulty:
            return
        for place, effect in enumerate(effects):
            if isinstance(effect, asked.Persist):
                self._demand(place == 0, "records are not first in their batch")
            elif isinstance(effect, asked.Charge):
                assert isinstance(effect.peer, tuple)
                self._demand(
                    effect.peer[0] in self.faulty,
                    f"{member.name} charges honest {effect.peer} with {effect.misdeed}",
                )
            elif isinstance(effect, asked.Offended):
                self._accused(effect.evidence.signer)
            elif isinstance(effect, asked.StopSigning):
                self.stops.append((member.name[0], effect.why))
                self._demand(self.stops_allowed, f"{member.name} stops signing: {effect.why}")
            elif isinstance(effect, asked.Alarm):
                self.alarms[effect.what] = self.alarms.get(effect.what, 0) + 1
            elif isinstance(effect, asked.Finalized):
                self._finalized(member, effect)

    def sent(self, member: "Member", message: Message) -> None:
        """A message of somebody's core leaves its process."""
        if member.name[0] in self.faulty:
            return
        if isinstance(message, Vote):
            if self._signer(message.epoch, message.signer_index) == member.name[0]:
                self._voted(member, message)
        elif isinstance(message, Proposal):
            leader = self._signer(message.epoch, self._leader(message.epoch, message.view))
            if leader == member.name[0]:
                self._proposed(member, message)

    def stored(
        self, member: "Member", block: Block, block_id: bytes, certificate: Certificate | None
    ) -> None:
        """A block is durable somewhere as final."""
        if member.name[0] in self.faulty:
            return
        header = block.header
        known = self.chain.setdefault(header.height, block_id)
        self._demand(
            known == block_id,
            f"two final blocks at height {header.height}: {known.hex()[:8]}, {block_id.hex()[:8]}",
        )
        if header.height > 1:
            below = self.chain.get(header.height - 1)
            self._demand(below == header.parent_id, f"height {header.height} does not link")
        if certificate is not None:
            self._demand(self.is_certified(block_id, certificate), "stored without a quorum")
        self.final_heights[member.name] = max(header.height, self.final_heights.get(member.name, 0))

    # --- what is demanded -------------------------------------------------------------------

    def _demand(self, holds: bool, what: str) -> None:
        if not holds:
            raise Violation(what)

    def _members(self, epoch: int) -> tuple[int, ...]:
        found = self.members_of.get(epoch)
        if found is None:
            found = self.members_of[epoch] = self.world.rules.members_of(epoch)  # type: ignore[attr-defined]
        return found

    def _signer(self, epoch: int, index: int) -> int:
        members = self._members(epoch)
        return members[index] if index < len(members) else -1

    def _leader(self, epoch: int, view: int) -> int:
        return (epoch + view) % len(self._members(epoch))

    def _accused(self, signer: bytes) -> None:
        number = int.from_bytes(signer[:4], "big")
        self._demand(number in self.faulty, f"evidence against honest {number}")

    def is_certified(self, block_id: bytes, certificate: Certificate) -> bool:
        """Return whether more than two thirds of its epoch's set finalized this block."""
        if certificate.kind != FINALIZE or certificate.block_id != block_id:
            return False
        known = (certificate.epoch, certificate.view, b"".join(certificate.signatures[:1]))
        if known in self.certified:
            return self.certified[known]
        members = self._members(certificate.epoch)
        bits = int.from_bytes(certificate.bitmap, "little")
        message = (
            b"NOVATION/vote/1"
            + CHAIN_ID
            + certificate.epoch.to_bytes(8, "big")
            + certificate.view.to_bytes(8, "big")
            + b"\x03"
            + block_id
        )
        signed = [number for place, number in enumerate(members) if bits >> place & 1]
        genuine = len(signed) == len(certificate.signatures) and all(
            verify(key_of(number), message, signature)
            for number, signature in zip(signed, certificate.signatures, strict=True)
        )
        answer = genuine and 3 * len(signed) > 2 * len(members)
        self.certified[known] = answer
        return answer

    def _voted(self, member: "Member", vote: Vote) -> None:
        """An honest key's votes: never two that contradict, and on disk before they are out."""
        number = member.name[0]
        place = (number, vote.epoch, vote.view)
        before = self.votes.setdefault((*place, vote.kind), vote.block_id)
        self._demand(
            before == vote.block_id,
            f"honest {number} signs kind {vote.kind} twice in {place[1:]}",
        )
        both = (*place, NULLIFY) in self.votes and (*place, FINALIZE) in self.votes
        self._demand(not both, f"honest {number} nullifies and finalizes {place[1:]}")
        if self.world.checks_disk:  # type: ignore[attr-defined]
            self._on_disk(member, vote)

    def _on_disk(self, member: "Member", vote: Vote) -> None:
        """The vote, its body and what let its signer into the view are durable."""
        records = self._records(member)
        number = member.name[0]
        self._demand(vote in records, f"{number} sends a vote that is not on disk: {vote.view}")
        if vote.kind != NULLIFY:
            bodies = [r.block_id for r in records if isinstance(r, KeptBlock | Proposal)]
            held = vote.block_id in bodies or vote.block_id in member.store.ids
            self._demand(held, f"{number} votes for a body that is not on disk")
        if vote.kind == FINALIZE:
            entered = [
                r
                for r in records
                if isinstance(r, Certificate)
                and (r.kind, r.epoch, r.view) == (NOTARIZE, vote.epoch, vote.view)
            ]
            self._demand(bool(entered), f"{number} finalizes without the notarization on disk")
        elif vote.view > 1:
            below = [
                r
                for r in records
                if isinstance(r, Certificate) and r.epoch == vote.epoch and r.view >= vote.view - 1
            ]
            stored = [
                c
                for c in member.store.certificates.values()
                if c.epoch == vote.epoch and c.view >= vote.view - 1
            ]
            self._demand(
                bool(below or stored), f"{number} votes in view {vote.view}, entry not on disk"
            )

    def _records(self, member: "Member") -> list[LogRecord]:
        return [record for frame in member.disk.frames for record in frame]

    def _proposed(self, member: "Member", proposal: Proposal) -> None:
        number = member.name[0]
        key = (number, proposal.epoch, proposal.view, NOTARIZE)
        before = self.votes.setdefault(key, proposal.block_id)
        self._demand(
            before == proposal.block_id,
            f"honest {number} proposes or notarizes twice in {key[1:3]}",
        )

    def _finalized(self, member: "Member", effect: asked.Finalized) -> None:
        """What a core calls final: ascending, linked, proven, executed."""
        self._demand(
            self.is_certified(effect.block_ids[-1], effect.certificate),
            f"{member.name} finalizes without a quorum",
        )
        for block_id in effect.block_ids:
            self._demand(block_id in member.executed, "final before it was executed")

    # --- bounds -----------------------------------------------------------------------------

    def check_bounds(self, member: "Member") -> None:
        """What one core holds stays bounded by the distance to the last final view."""
        node = member.core.node
        span = max(0, node.view - node.final.view)
        self._demand(len(node.views) <= span + 65, f"{len(node.views)} views held")
        self._demand(len(node.blocks) <= 2 * span + 70, f"{len(node.blocks)} blocks held")
        votes = sum(len(state.votes) for state in node.views.values())
        most = 3 * len(node.authorities.keys) * (min(span, 64) + 65)
        self._demand(votes <= most, f"{votes} votes held")
