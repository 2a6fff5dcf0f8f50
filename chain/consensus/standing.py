"""Where the core stands, for whoever asks why the chain does or does not move.

Source: docs/specs/consensus_core.md, CORE-012.
"""

from dataclasses import dataclass


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
    final_id: bytes
    final_view: int
    tip_height: int
    """The last executed final block."""
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
