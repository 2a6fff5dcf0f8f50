"""What the core is told once: parameters of the chain, local pace, and what it remembers.

Source: docs/specs/consensus_core.md, CORE-001.
"""

from collections.abc import Callable
from dataclasses import dataclass

from chain.block.certificate import AuthoritySet, Certificate, Verify
from chain.block.header import Header
from chain.consensus.log import NOWHERE, LogRecord, Place
from chain.limits import MIN_BLOCK_MS_DEFAULT, TARGET_BLOCK_MS_DEFAULT

Sign = Callable[[bytes], bytes]
"""Signs bytes with the consensus key: deterministic, pure."""


@dataclass(frozen=True)
class Settings:
    """Parameters of the chain first, then what each node may choose for itself."""

    chain_id: bytes
    min_block_ms: int = MIN_BLOCK_MS_DEFAULT
    target_block_ms: int = TARGET_BLOCK_MS_DEFAULT

    view_timeout_ms: int = 1_200
    """T: how long a view may take before this node nullifies it, at growth 1."""
    retry_ms: int = 1_000
    retry_spread_ms: int = 200
    """Retries of different nodes spread over this much, so that they do not fall together."""
    push_after_ms: int = 50
    """How long others get to learn a certificate by themselves before they are sent it."""
    ask_again_ms: int = 150
    help_every_ms: int = 200
    status_every_ms: int = 1_000
    silent_after_ms: int = 10_000
    clock_ahead_max_ms: int = 500
    clock_behind_max_ms: int = 2_000
    clock_alarm_ms: int = 300
    near_blocks: int = 8
    """How many missing blocks the core fetches one by one before it asks for ranges."""


@dataclass(frozen=True)
class Recovered:
    """What store and vote log say at the start.

    `header` is the highest block that has its own Finalize certificate in the store, or the
    genesis block with no certificate. `authorities` vote on the next view after it: the next
    epoch's set when it is a boundary block or genesis, else its own epoch's.
    """

    header: Header
    certificate: Certificate | None
    authorities: AuthoritySet
    tip: Header | None = None
    """The last executed final block, when that is above `header`; None when it is `header`."""
    floor: Place = NOWHERE
    highest: Place = NOWHERE
    records: tuple[LogRecord, ...] = ()
    log_broken: str = ""
    """Why the vote log must not be signed with; empty when it is sound."""


__all__ = ["Recovered", "Settings", "Sign", "Verify"]
