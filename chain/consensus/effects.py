"""What the core asks of the world. It never does anything itself: it returns these.

A driver carries out the effects of one batch in their order. `Persist` comes first, and what
follows it may leave the process only when it is on disk.

Source: docs/specs/consensus_core.md, CORE-001 to CORE-012.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from enum import Enum, IntEnum

from chain.block.block import Block
from chain.block.certificate import Certificate
from chain.block.evidence import Evidence
from chain.block.header import Header
from chain.consensus.log import LogRecord
from chain.consensus.messages import GetBlock, Message

Peer = Hashable
"""How the driver names a peer; the core only keeps it and gives it back."""


class Traffic(IntEnum):
    """What a message is for: the lower number is sent first and dropped last."""

    VOTES = 0
    PROPOSALS = 1
    SYNC = 2


class Verdict(Enum):
    """What executing a block came to."""

    VALID = "valid"
    INVALID = "invalid"
    UNDECIDED = "undecided"
    """Memory, disk or a worker failed: says nothing of the block."""


class Misdeed(Enum):
    """What a peer did that no honest node does, or not that often."""

    BAD_SIGNATURE = "bad_signature"
    BAD_CERTIFICATE = "bad_certificate"
    BAD_PROPOSAL = "bad_proposal"
    BAD_BLOCK = "bad_block"
    BAD_EVIDENCE = "bad_evidence"
    MALFORMED = "malformed"
    TOO_MANY_REQUESTS = "too_many_requests"


@dataclass(frozen=True, slots=True)
class Everyone:
    """All linked authorities, of the current set and of the next."""


EVERYONE = Everyone()


@dataclass(frozen=True, slots=True)
class Persist:
    """Write these records as one frame of the vote log, then fdatasync. At most one a batch."""

    records: tuple[LogRecord, ...]


@dataclass(frozen=True, slots=True)
class Send:
    """Send a message to these peers, or to everyone; a peer that is gone is passed over."""

    to: tuple[Peer, ...] | Everyone
    message: Message
    traffic: Traffic


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Call `tick(token)` at this monotonic time. Replaces the timer set before: there is one."""

    token: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class Budget:
    """How much a block may hold: a share of the limits on count, bytes and work."""

    share_ppm: int
    empty: bool
    """No transactions, oracle section or evidence at all: the block that is always valid."""


@dataclass(frozen=True, slots=True)
class Build:
    """Build a block on this parent and answer with `built`. It is due now.

    `time_ms` is the header's time: the wall clock of this moment, never ahead of it.
    """

    request: int
    epoch: int
    view: int
    height: int
    parent_id: bytes
    time_ms: int
    budget: Budget


@dataclass(frozen=True, slots=True)
class Execute:
    """Execute this block on its parent, which is executed, and answer with `judged`."""

    block: Block
    block_id: bytes
    parent_id: bytes


@dataclass(frozen=True, slots=True)
class Finalized:
    """These blocks are final, ascending, and all executed here; the certificate is the last's.

    Answer with `committed` for each when it is durable in the store.
    """

    block_ids: tuple[bytes, ...]
    certificate: Certificate


@dataclass(frozen=True, slots=True)
class Serve:
    """A peer asks for what is no longer held here; answer from the store, if it is there.

    A `GetBlock` is answered with a `BlockAnswer`; an epoch number is answered with the Finalize
    certificate that closed that epoch, as a `Certificate` message.
    """

    peer: Peer
    wanted: GetBlock | int


@dataclass(frozen=True, slots=True)
class Charge:
    """Hold this against a peer."""

    peer: Peer
    misdeed: Misdeed


@dataclass(frozen=True, slots=True)
class Offended:
    """An authority contradicted itself: keep the proof until a block holds it."""

    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that an operator must hear of. `what` is one of a fixed list of slugs."""

    what: str
    facts: tuple[tuple[str, int | str], ...]


@dataclass(frozen=True, slots=True)
class StopSigning:
    """The core signs nothing from here on, until the process ends. It goes on following."""

    why: str


@dataclass(frozen=True, slots=True)
class BehindBy:
    """More is missing than the core fetches by itself: catch up, then call `synced`.

    With a header and its certificate, `height` is proven. Without them a peer only spoke of a
    later epoch: ask for epochs. Said again every second while it is so.
    """

    height: int
    header: Header | None
    certificate: Certificate | None


Effect = (
    Persist
    | Send
    | SetTimer
    | Build
    | Execute
    | Finalized
    | Serve
    | Charge
    | Offended
    | Alarm
    | StopSigning
    | BehindBy
)
