"""The core of consensus as one object: inputs in, effects out, nothing else touched.

Every input is (monotonic milliseconds, wall milliseconds, what happened) and returns the list
of effects to carry out, in order. No input raises, whatever the bytes said: a peer that lies is
charged.

Source: docs/specs/consensus_core.md.
"""

from collections.abc import Callable

from chain.block.block import Block
from chain.block.certificate import AuthoritySet, Certificate
from chain.block.header import Header
from chain.block.vote import Vote, is_well_formed, vote_bytes
from chain.consensus import hearing, recovering, standing
from chain.consensus.effects import Effect, Peer, Persist, SetTimer, Verdict
from chain.consensus.log import NOWHERE
from chain.consensus.messages import Message
from chain.consensus.rules import (
    counting,
    entering,
    epochs,
    executing,
    fetching,
    finalizing,
    helping,
    judging,
    nullifying,
    proposing,
    retrying,
    signing,
)
from chain.consensus.schedule import Deadline
from chain.consensus.settings import Recovered, Settings, Sign, Verify
from chain.consensus.state import LinkedPeer, Node

_ROUNDS_MAX_COUNT = 1_000
"""Rules looked at again in one turn; each round changes something that only grows, so a turn
ends by itself long before."""

_RECORDS_WAITING_MAX_COUNT = 64
"""Certificates may wait for the next vote to be persisted with, but not for ever."""


class Simplex:
    """One node's consensus: see each method for the input it takes."""

    def __init__(
        self,
        settings: Settings,
        identity: bytes | None,
        sign: Sign,
        verify: Verify,
        recovered: Recovered,
    ) -> None:
        self.node = Node(settings, identity, sign, verify, recovered)
        self._log_broken = recovered.log_broken
        self._timer_token = 0
        self._timer_at_ms: int | None = None

    # --- inputs -----------------------------------------------------------------------------

    def start(self, now_ms: int, wall_ms: int) -> list[Effect]:
        """Become who the log says this node was, and enter the view it is in."""
        node = self._at(now_ms, wall_ms)
        node.signature_seen = dict.fromkeys(range(node.authorities.count), (now_ms, 0))
        if self._log_broken:
            signing.stop(node, f"vote log: {self._log_broken}", "log_broken")
        first_view = node.final.view + 1
        entering.enter(node, first_view, node.final.certificate)
        recovering.load(node)
        node.signature_seen = dict.fromkeys(range(node.authorities.count), (now_ms, node.view))
        node.schedule.put(Deadline.STATUS, now_ms + node.settings.status_every_ms)
        node.schedule.put(Deadline.BEGIN, now_ms + 2 * node.settings.view_timeout_ms)
        self._greeted()
        return self._settle()

    def receive(self, now_ms: int, wall_ms: int, peer: Peer, message: Message) -> list[Effect]:
        """Take one message of a peer."""
        hearing.hear(self._at(now_ms, wall_ms), peer, message)
        return self._settle()

    def tick(self, now_ms: int, wall_ms: int, token: int) -> list[Effect]:
        """Do what has fallen due; an old token does nothing."""
        node = self._at(now_ms, wall_ms)
        if token != self._timer_token:
            return []
        self._timer_at_ms = None
        for deadline in node.schedule.take_due(now_ms):
            if deadline is Deadline.FETCH:
                fetching.doubt_wants(node)
                node.dirty = True
                self._reconsider()
                fetching.ask_again(node)
            else:
                _DUE[deadline](node)
        return self._settle()

    def built(
        self,
        now_ms: int,
        wall_ms: int,
        request: int,
        block: Block | None,
        next_authorities: AuthoritySet | None = None,
    ) -> list[Effect]:
        """Take the answer to `Build`; None when nothing could be built."""
        proposing.built(self._at(now_ms, wall_ms), request, block, next_authorities)
        return self._settle()

    def judged(
        self,
        now_ms: int,
        wall_ms: int,
        block_id: bytes,
        verdict: Verdict,
        next_authorities: AuthoritySet | None = None,
    ) -> list[Effect]:
        """Take the answer to `Execute`."""
        executing.judged(self._at(now_ms, wall_ms), block_id, verdict, next_authorities)
        return self._settle()

    def committed(self, now_ms: int, wall_ms: int, block_id: bytes) -> list[Effect]:
        """Forget the body of a final block that is durable in the store."""
        node = self._at(now_ms, wall_ms)
        held = node.blocks.get(block_id)
        if held is not None and held.final:
            del node.blocks[block_id]
        return self._settle()

    def synced(
        self,
        now_ms: int,
        wall_ms: int,
        header: Header,
        certificate: Certificate,
        authorities: AuthoritySet,
    ) -> list[Effect]:
        """Go on from a certified block that range sync executed and stored."""
        epochs.adopt(self._at(now_ms, wall_ms), header, certificate, authorities)
        return self._settle()

    def peer_up(self, now_ms: int, wall_ms: int, peer: Peer, authority_key: bytes) -> list[Effect]:
        """A link to an authority is open: say everything to it."""
        node = self._at(now_ms, wall_ms)
        node.peers[peer] = LinkedPeer(authority_key, NOWHERE, NOWHERE)
        if node.my_index is not None:
            retrying.say_everything(node, (peer,))
        else:
            helping.say_status_to(node, peer)
        return self._settle()

    def hello_votes(
        self,
        now_ms: int,
        wall_ms: int,
        peer: Peer,  # noqa: ARG002 - an input of the interface; whose hello it is says the key
        authority_key: bytes,
        votes: tuple[Vote, ...],
    ) -> list[Effect]:
        """Take the newest votes of ours that an authority holds: are they in our log?"""
        node = self._at(now_ms, wall_ms)
        for vote in votes[:3]:
            self._check_own(vote)
        node.greeted[authority_key] = True
        self._greeted()
        return self._settle()

    def peer_down(self, now_ms: int, wall_ms: int, peer: Peer) -> list[Effect]:
        """A link is gone."""
        self._at(now_ms, wall_ms).peers.pop(peer, None)
        return self._settle()

    def peer_round_trip(
        self, now_ms: int, wall_ms: int, peer: Peer, round_trip_ms: int
    ) -> list[Effect]:
        """Note a measured round trip."""
        linked = self._at(now_ms, wall_ms).peers.get(peer)
        if linked is not None:
            linked.round_trip_ms = max(0, round_trip_ms)
        return self._settle()

    def transactions_wait(self, now_ms: int, wall_ms: int, *, waiting: bool = True) -> list[Effect]:
        """Note whether the mempool has something for a block, and look at the clock again."""
        node = self._at(now_ms, wall_ms)
        node.transactions_wait = waiting
        node.dirty = True
        return self._settle()

    def hold_signing(self, now_ms: int, wall_ms: int, why: str) -> list[Effect]:
        """Sign nothing while `why` is not empty, and look at every rule again when it is.

        For what the core cannot see: a disk that is nearly full, a state that breaks an invariant.
        """
        node = self._at(now_ms, wall_ms)
        node.held = why
        node.dirty = True
        return self._settle()

    # --- questions --------------------------------------------------------------------------

    def votes_held_of(self, authority_key: bytes) -> tuple[Vote, ...]:
        """Return the newest votes of an authority that are held here, one a kind at most."""
        node = self.node
        index = node.authorities.index_of(authority_key)
        return tuple(vote for vote in node.newest_votes.values() if vote.signer_index == index)

    def status(self) -> standing.ConsensusStatus:
        """Return where this node stands, and what is missing."""
        return standing.status_of(self.node)

    # --- the turn ---------------------------------------------------------------------------

    def _at(self, now_ms: int, wall_ms: int) -> Node:
        node = self.node
        node.now_ms, node.wall_ms = now_ms, wall_ms
        return node

    def _settle(self) -> list[Effect]:
        """Let every rule act that now can, and return the effects, records first."""
        node = self.node
        self._reconsider()
        at_ms = node.schedule.next_ms()
        if at_ms is not None and at_ms != self._timer_at_ms:
            self._timer_token += 1
            self._timer_at_ms = at_ms
            node.effects.append(SetTimer(self._timer_token, at_ms))
        effects = node.effects
        node.effects = []
        if node.must_persist or len(node.records) > _RECORDS_WAITING_MAX_COUNT:
            effects.insert(0, Persist(tuple(node.records)))
            node.records = []
            node.must_persist = False
        return effects

    def _reconsider(self) -> None:
        node = self.node
        for _ in range(_ROUNDS_MAX_COUNT):
            while node.own_votes:
                vote = node.own_votes.popleft()
                # A vote of an epoch that ended meanwhile has done its work or never will.
                if vote.epoch == node.epoch:
                    counting.count(node, vote)
            if not node.dirty:
                return
            node.dirty = False
            if node.load_due:
                recovering.load(node)
                continue
            finalizing.connect(node)
            self._vote_where_possible()

    def _vote_where_possible(self) -> None:
        node = self.node
        for view, block_id in list(node.finalizable.items()):
            finalizing.finalize_or_wait(node, view, block_id)
        if node.my_index is None:
            return
        judging.judge(node)
        proposing.propose(node)
        if not node.entry_judged and nullifying.leader_is_silent(node):
            nullifying.nullify(node)
        node.entry_judged = True

    def _greeted(self) -> None:
        """Begin to vote once q - 1 others have said which of our votes they hold."""
        node = self.node
        heard = [key for key in node.greeted if node.authorities.index_of(key) is not None]
        others = [key for key in heard if key != node.identity]
        if not node.begun and len(others) >= node.authorities.quorum - 1:
            begin(node)

    def _check_own(self, vote: Vote) -> None:
        node = self.node
        if node.identity is None or vote.epoch < node.epoch:
            return
        if not is_well_formed(vote.kind, vote.block_id):
            return
        message = vote_bytes(
            node.settings.chain_id, vote.epoch, vote.view, vote.kind, vote.block_id
        )
        if not node.verify(node.identity, message, vote.signature):
            return
        if vote.epoch == node.epoch and node.my_index is not None:
            signing.check_own(node, vote.kind, vote.view, vote.block_id)
        elif vote.epoch > node.epoch:
            signing.check_own_later(node, vote)


def begin(node: Node) -> None:
    """Vote from here on."""
    node.begun = True
    node.dirty = True
    node.schedule.drop(Deadline.BEGIN)


def look_again(node: Node) -> None:
    """Let the rules act that waited for this time."""
    node.dirty = True


_DUE: dict[Deadline, Callable[[Node], None]] = {
    Deadline.NULLIFY: retrying.time_is_up,
    Deadline.PUSH_ENTRY: entering.push_entry,
    Deadline.PUSH_FINAL: finalizing.push_final,
    Deadline.FORWARD: retrying.forward_proposal,
    Deadline.BUILD: look_again,
    Deadline.TIMELY: look_again,
    Deadline.STATUS: retrying.say_status,
    Deadline.BEGIN: begin,
}
