"""Why the chain moves or does not: one look at core, links, clock, disk and pool, by name.

Source: docs/specs/node.md, NODE-040 to NODE-043.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chain.block.vote import VoteKind
from chain.consensus.standing import ConsensusStatus
from node.services import Stall, Standing, Tally
from p2p.network import PeerStatus


@dataclass(frozen=True)
class Facts:
    """Everything that the explanation is made of, read at one moment."""

    status: ConsensusStatus
    names: dict[bytes, str]
    """Consensus key -> name, of the current set in the order of its keys, then of the next."""
    authority_keys: tuple[bytes, ...]
    own_key: bytes | None
    peers: Sequence[PeerStatus]
    height: int
    best_height: int
    syncing: bool
    since_final_ms: int
    target_block_ms: int
    free_bytes: int
    free_floor_bytes: int
    mempool_count: int
    alarms: tuple[str, ...]
    disk_why: str
    """Why this node may not vote for a reason of its own disk or checks; empty when it may."""


def standing_of(facts: Facts) -> Standing:
    """Return where a node stands."""
    status = facts.status
    why = facts.disk_why or status.not_signing_why
    is_authority = facts.own_key in facts.authority_keys
    return Standing(
        epoch=status.epoch,
        view=status.view,
        leader=facts.names.get(status.leader, status.leader.hex()[:16]),
        height=facts.height,
        best_height=facts.best_height,
        syncing=facts.syncing,
        ready=facts.height + 2 >= facts.best_height,
        signing=status.signing and is_authority and not facts.disk_why,
        not_signing_why=why if is_authority else "",
    )


def stall_of(facts: Facts) -> Stall:
    """Return what is missing for the next block, and one sentence that sums it up."""
    standing = standing_of(facts)
    silent = _silent(facts)
    tallies = tuple(_tallies(facts))
    return Stall(
        why=_why(facts, standing, silent, tallies),
        standing=standing,
        since_final_ms=facts.since_final_ms,
        tallies=tallies,
        certificate_missing_views=facts.status.missing_views,
        silent=silent,
        needed_count=facts.status.quorum,
        authority_count=len(facts.authority_keys),
        clock_offset_ms=facts.status.clock_offset_ms,
        free_bytes=facts.free_bytes,
        free_floor_bytes=facts.free_floor_bytes,
        mempool_count=facts.mempool_count,
        alarms=facts.alarms,
    )


def _names(facts: Facts, keys: Sequence[bytes]) -> tuple[str, ...]:
    return tuple(sorted(facts.names.get(key, key.hex()[:16]) for key in keys))


def _silent(facts: Facts) -> tuple[str, ...]:
    """Return the authorities that are not linked, or from which nothing came for long."""
    linked = {status.name for status in facts.peers if status.linked}
    quiet = set(facts.status.silent)
    others = [key for key in facts.authority_keys if key != facts.own_key]
    return _names(
        facts, [key for key in others if key in quiet or facts.names.get(key) not in linked]
    )


def _tallies(facts: Facts) -> list[Tally]:
    tallies = []
    for seen in facts.status.votes:
        missing = [key for key in facts.authority_keys if key not in seen.signers]
        tallies.append(
            Tally(
                view=facts.status.view,
                kind=VoteKind(seen.kind).name.lower(),
                block_id=seen.block_id,
                voted=_names(facts, seen.signers),
                missing=_names(facts, missing),
                needed_count=facts.status.quorum,
            )
        )
    return tallies


def _why(
    facts: Facts, standing: Standing, silent: tuple[str, ...], tallies: Sequence[Tally]
) -> str:
    """Return one sentence, of the first thing in this order that holds."""
    count, needed = len(facts.authority_keys), facts.status.quorum
    heard_count = count - len(silent)
    if heard_count < needed:
        return (
            f"{needed} of {count} authorities are needed and {heard_count} are here: "
            f"nothing is heard from {', '.join(silent)}."
        )
    if standing.syncing:
        missing_count = standing.best_height - standing.height
        return f"This node is catching up: {missing_count} blocks are missing here."
    if standing.not_signing_why:
        return f"This node does not vote: {standing.not_signing_why}."
    if facts.since_final_ms <= 4 * facts.target_block_ms:
        return "Nothing is missing: blocks become final."
    if facts.status.missing_views:
        views = ", ".join(map(str, facts.status.missing_views[:4]))
        return f"No certificate is here for view {views}; others are asked for it."
    if tallies:
        most = max(tallies, key=lambda tally: len(tally.voted))
        return (
            f"View {most.view} waits for votes to {most.kind}: {len(most.voted)} of "
            f"{needed}, missing {', '.join(most.missing)}."
        )
    return f"View {standing.view} waits for a proposal of {standing.leader}."


Look = Callable[[], Facts]


class Explainer:
    """What a node tells of its part in consensus."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def standing(self) -> Standing:
        """Return where this node stands."""
        return standing_of(self._look())

    def explain_stall(self) -> Stall:
        """Return what is missing for the next block."""
        return stall_of(self._look())
