"""Where the core stands, for whoever asks why the chain does or does not move.

Source: docs/specs/consensus_core.md, CORE-012.
"""

from dataclasses import dataclass

from chain.consensus import clocks
from chain.consensus.rules import entering, signing
from chain.consensus.schedule import Deadline
from chain.consensus.state import Node

_VIEWS_SHOWN_MAX_COUNT = 64


@dataclass(frozen=True, slots=True)
class VotesSeen:
    """Who voted alike in the current view, by consensus key."""

    kind: int
    block_id: bytes
    signers: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ConsensusStatus:
    """One look at the core."""

    epoch: int
    view: int
    leader: bytes
    """Consensus key of the current view's leader."""
    final_height: int
    """Of the last final block that is executed here."""
    final_id: bytes
    final_view: int
    """Of the newest finalization known, whose block may still be missing here."""
    quorum: int
    signing: bool
    """Whether this node would sign now, if a rule asked for it."""
    not_signing_why: str
    votes: tuple[VotesSeen, ...]
    missing_views: tuple[int, ...]
    """Views between the last final one and the current one without any certificate here."""
    nullify_at_ms: int | None
    growth_ppm: int
    silent: tuple[bytes, ...]
    """Authorities from which no signature was seen for ten seconds."""
    clock_offset_ms: int | None
    """Own wall clock less the median of the authorities'; None before a quorum was heard."""


def status_of(node: Node) -> ConsensusStatus:
    """Return where this node stands, and what is missing."""
    keys = node.authorities.keys
    state = node.views.get(node.view)
    tally = {} if state is None else state.tally
    held = [
        view
        for view, of_view in node.views.items()
        if of_view.notarization is not None or of_view.nullification is not None
    ]
    why_not = signing.why_not_signing(node)
    return ConsensusStatus(
        epoch=node.epoch,
        view=node.view,
        leader=keys[node.leader],
        final_height=node.tip.header.height,
        final_id=node.tip.block_id,
        final_view=node.final.view,
        quorum=node.authorities.quorum,
        signing=not why_not,
        not_signing_why=why_not,
        votes=tuple(
            VotesSeen(kind, block_id, tuple(keys[vote.signer_index] for vote in alike))
            for (kind, block_id), alike in tally.items()
        ),
        missing_views=_missing(node, held),
        nullify_at_ms=node.schedule.at_ms(Deadline.NULLIFY),
        growth_ppm=entering.growth_now(node),
        silent=tuple(keys[index] for index in _silent(node)),
        clock_offset_ms=clocks.own_offset_ms(node),
    )


def _missing(node: Node, held: list[int]) -> tuple[int, ...]:
    """Return at most 64 views without a certificate here, newest first."""
    views = range(max(node.final.view, node.view - 1 - _VIEWS_SHOWN_MAX_COUNT) + 1, node.view)
    return tuple(view for view in reversed(views) if view not in held)


def _silent(node: Node) -> list[int]:
    after_ms = node.settings.silent_after_ms
    return [
        index
        for index, (seen_ms, _) in sorted(node.signature_seen.items())
        if index != node.my_index and node.now_ms - seen_ms > after_ms
    ]
