"""Everything one node holds for consensus, and nothing that decides.

All comparisons of places are on (epoch, view). What is kept is bounded: views between the last
final one and the current one are kept as certificates and own votes, full votes for 64 views
to either side, bodies as `entering` prunes them.

Source: docs/specs/consensus.md, SIMPLEX-005.
"""

from collections import deque
from dataclasses import dataclass, field

from chain.block.block import Block
from chain.block.certificate import AuthoritySet, Certificate
from chain.block.evidence import Evidence
from chain.block.header import Header, block_id_of
from chain.block.vote import Vote
from chain.consensus.effects import Effect, Peer, Send, Traffic, Verdict
from chain.consensus.log import LogRecord, Place
from chain.consensus.messages import Message, Proposal
from chain.consensus.schedule import Schedule
from chain.consensus.settings import Recovered, Settings, Sign, Verify

SIGNERS_STRIDE = 128
"""Votes of a view are keyed kind x 128 + signer index: a set has at most 100 signers."""


@dataclass(slots=True)
class ViewState:
    """What is held about one view above the last final one."""

    my_notarized: bytes | None = None
    my_nullified: bool = False
    my_finalized: bytes | None = None
    notarization: Certificate | None = None
    nullification: Certificate | None = None
    proposal: Proposal | None = None
    """The first envelope accepted: its block is the only one this node may notarize here."""
    timely: bool | None = None
    """The clock's answer about the proposal, asked once; None before."""
    given_up: bool = False
    """The proposal will not be notarized here, whatever comes."""
    votes: dict[int, Vote] = field(default_factory=dict)
    tally: dict[tuple[int, bytes], list[Vote]] = field(default_factory=dict)


@dataclass(slots=True)
class HeldBlock:
    """A block that is not yet committed, and what executing it came to."""

    block: Block
    verdict: Verdict | None = None
    executing: bool = False
    undecided_count: int = 0
    persisted: bool = False
    final: bool = False
    """Final, and kept only until it is durable in the store."""
    next_authorities: AuthoritySet | None = None
    """Who votes after this block, when it is an executed boundary block."""


@dataclass(frozen=True, slots=True)
class FinalPoint:
    """The newest finalization known; its block may be missing here, or not executed."""

    view: int
    """0 for the anchor of the epoch."""
    block_id: bytes
    certificate: Certificate | None
    """For an anchor the certificate that closed the epoch before; None for genesis."""


@dataclass(frozen=True, slots=True)
class Tip:
    """The last executed final block: what everything else is built on."""

    header: Header
    block_id: bytes


@dataclass(slots=True)
class LinkedPeer:
    """What is believed of a peer: hints only, and nothing is refused because of them."""

    key: bytes
    place: Place
    """It is at least here."""
    final_place: Place
    """It has a Finalize certificate of at least this view."""
    helped_ms: int | None = None
    closing_sent_ms: int | None = None
    status_sent_ms: int | None = None
    clock_offset_ms: int | None = None
    round_trip_ms: int = 0
    second_started_ms: int = 0
    certificates_in_second: int = 0
    requests_in_second: int = 0


@dataclass(slots=True)
class Want:
    """A block or certificates that somebody else has, and how often it was asked for."""

    hints: tuple[Peer, ...]
    ask_at_ms: int
    asked_count: int = 0
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Parent:
    """What a leader builds on, and what proves that it may."""

    block_id: bytes
    view: int
    """The view of the parent's certificate; 0 for the anchor."""
    certificate: Certificate | None
    nullifications: tuple[Certificate, ...]
    """Of every view between, newest first."""


@dataclass(frozen=True, slots=True)
class PendingBuild:
    """The block this node asked to have built."""

    request: int
    epoch: int
    view: int
    height: int
    parent: Parent


@dataclass(slots=True)
class OwnProposal:
    """The newest block this node proposed, until its view is decided: how budgets are learnt."""

    epoch: int
    view: int


def _points_of(recovered: Recovered) -> tuple[Tip, FinalPoint]:
    header, certificate = recovered.header, recovered.certificate
    block_id = block_id_of(header)
    opens_epoch = header.epoch_end or header.height == 0
    view = 0 if opens_epoch or certificate is None else certificate.view
    tip_header = recovered.tip or header
    return Tip(tip_header, block_id_of(tip_header)), FinalPoint(view, block_id, certificate)


class Node:
    """The state of one node. Rules read and write it; only `signing` sets the `my_` flags."""

    def __init__(
        self,
        settings: Settings,
        identity: bytes | None,
        sign: Sign,
        verify: Verify,
        recovered: Recovered,
    ) -> None:
        self.settings = settings
        self.identity = identity
        self.sign = sign
        self.verify = verify

        self.now_ms = 0
        self.wall_ms = 0
        self.effects: list[Effect] = []
        self.records: list[LogRecord] = []
        """To be persisted with the next vote; certificates may wait for it."""
        self.must_persist = False
        self.own_votes: deque[Vote] = deque()
        """Own votes on their way to being counted: a queue, because counting one inside the
        rule that signed it would change epoch and view under that rule's feet."""
        self.dirty = True
        """Something changed that may let a rule act: they are all looked at again."""
        self.schedule = Schedule()

        self.floor = recovered.floor
        self.highest = recovered.highest
        """The highest place ever signed, as far as the log knew at the start."""
        self.later_records = recovered.records
        """Records of this epoch and later ones that are not played into the state yet."""
        self.load_due = True
        """Records of the current epoch are still among them: nothing is signed before."""
        self.stopped = ""
        """Why this key signs nothing more; empty while it may."""
        self.held = ""
        """Why the world around asks that nothing be signed for now; empty while it does not."""
        self.begun = False
        """Whether enough peers told which votes of ours they hold."""
        self.greeted: dict[bytes, bool] = {}

        self.epoch = recovered.authorities.epoch
        self.authorities = recovered.authorities
        self.past_authorities: dict[int, AuthoritySet] = {}
        self.my_index = self._place_in(recovered.authorities)
        self.view = 1
        self.entered_ms = 0
        self.entry_certificate: Certificate | None = None
        self.entry_pushed = False
        self.entry_judged = False
        """Whether it was looked at, on entering, how long the leader has been silent."""
        self.tip, self.final = _points_of(recovered)
        self.views: dict[int, ViewState] = {}
        self.blocks: dict[bytes, HeldBlock] = {}
        self.finalizable: dict[int, bytes] = {}
        """Notarized views in which this node may still come to sign Finalize."""
        self.closing: dict[int, Certificate] = {}
        """The certificates that closed the last epochs."""

        self.newest_votes: dict[int, Vote] = {}
        self.offences: dict[tuple[int, bytes], Evidence] = {}
        self.signature_seen: dict[int, tuple[int, int]] = {}
        """Authority -> (when, in which view) a genuine signature of it was last seen."""
        self._know_nobody()

    def _know_nobody(self) -> None:
        """Begin without peers, without anything asked of them, and with nothing proposed."""
        self.peers: dict[Peer, LinkedPeer] = {}
        self.turn = 0
        """Whose turn it is to be asked for what is missing."""
        self.wanted_blocks: dict[bytes, Want] = {}
        self.wanted_views: tuple[int, int] | None = None
        self.views_want: Want | None = None
        self.behind_said_ms: int | None = None
        self.later_epoch_ms: int | None = None
        """Since when later epochs are heard of, in this one."""
        self.later_said_ms: int | None = None
        self.clock_alarm_ms: int | None = None

        self.transactions_wait = False
        self.requests_count = 0
        self.build: PendingBuild | None = None
        self.share_ppm = 1_000_000
        self.own_proposal: OwnProposal | None = None

    def _place_in(self, authorities: AuthoritySet) -> int | None:
        return None if self.identity is None else authorities.index_of(self.identity)

    def adopt_authorities(self, authorities: AuthoritySet) -> None:
        """Move to another epoch's set, keeping the two before it for evidence."""
        self.past_authorities[self.epoch] = self.authorities
        for epoch in [e for e in self.past_authorities if e + 2 < authorities.epoch]:
            del self.past_authorities[epoch]
        for offence in [key for key in self.offences if key[0] + 2 < authorities.epoch]:
            del self.offences[offence]
        self.epoch = authorities.epoch
        self.authorities = authorities
        self.my_index = self._place_in(authorities)

    @property
    def place(self) -> Place:
        """Where this node is."""
        return Place(self.epoch, self.view)

    @property
    def final_place(self) -> Place:
        """The newest finalization known here."""
        return Place(self.epoch, self.final.view)

    @property
    def leader(self) -> int:
        """The index of the current view's leader."""
        return self.authorities.leader(self.view)

    @property
    def caught_up(self) -> bool:
        """Whether every block known to be final is executed here: tip = fin."""
        return self.tip.block_id == self.final.block_id

    def view_state(self, view: int) -> ViewState:
        """Return what is held about a view, made if there is nothing yet."""
        state = self.views.get(view)
        if state is None:
            state = self.views[view] = ViewState()
        return state

    def is_executed(self, block_id: bytes) -> bool:
        """Return whether a block may be built on: executed, valid and on top of the tip."""
        held = self.blocks.get(block_id)
        if held is not None and held.verdict is not None:
            return held.verdict is Verdict.VALID
        return block_id == self.tip.block_id

    def header_of(self, block_id: bytes) -> Header | None:
        """Return the header of a block that is held, or None."""
        if block_id == self.tip.block_id:
            return self.tip.header
        held = self.blocks.get(block_id)
        return None if held is None else held.block.header

    def null_run(self) -> int:
        """Return how many views right before the current one were nullified, in a row."""
        count, view = 0, self.view - 1
        while view > self.final.view:
            state = self.views.get(view)
            if state is None or state.nullification is None or state.notarization is not None:
                break
            count, view = count + 1, view - 1
        return count

    def emit(self, effect: Effect) -> None:
        """Add an effect to this batch."""
        self.effects.append(effect)

    def send(self, peer: Peer, message: Message, traffic: Traffic) -> None:
        """Send a message to one peer."""
        self.effects.append(Send((peer,), message, traffic))
