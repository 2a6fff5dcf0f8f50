"""The consensus with one thing wrong, by name: each must be caught by a scenario or by seeds.

A mutant replaces one function of the core or one promise of the driver. If the tests do not
notice, the tests are what is wrong.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest.mock import patch

from chain.block.certificate import AuthoritySet, Certificate
from chain.block.evidence import Evidence
from chain.block.vote import NOTARIZE
from chain.consensus import core, hearing, recovering
from chain.consensus import state as states
from chain.consensus.effects import Budget, Offended, Peer, Send, Traffic
from chain.consensus.log import place_of
from chain.consensus.messages import Proposal
from chain.consensus.rules import (
    certificates,
    counting,
    entering,
    executing,
    fetching,
    finalizing,
    judging,
    justifying,
    nullifying,
    proposing,
    retrying,
    signing,
)
from chain.consensus.schedule import Deadline
from chain.consensus.state import Node, ViewState
from tests.simulation.world import World

Mutant = Callable[[], AbstractContextManager[Any]]


def _replaced(owner: object, name: str, by: object) -> Mutant:
    return lambda: patch.object(owner, name, by)


def _nothing(*_given: object, **_named: object) -> None:
    return None


@contextmanager
def _quorum_of_two_f_plus_one() -> Iterator[None]:
    with patch.object(AuthoritySet, "quorum", property(lambda s: 2 * s.fault_max + 1)):
        yield


@contextmanager
def _finalize_after_nullify() -> Iterator[None]:
    accept = certificates.accept

    def accepts(node: Node, certificate: Certificate) -> None:
        accept(node, certificate)
        state = node.views.get(certificate.view)
        if certificate.kind == NOTARIZE and state is not None and state.my_finalized is None:
            node.finalizable[certificate.view] = certificate.block_id

    def may(node: Node, block_id: bytes, state: ViewState) -> bool:
        held = state.notarization
        return (
            held is not None
            and held.block_id == block_id
            and node.is_executed(block_id)
            and state.my_finalized is None
        )

    with patch.object(signing, "_may_finalize", may), patch.object(certificates, "accept", accepts):
        yield


def _justified_by_anything(node: Node, parent_id: bytes) -> int:
    return node.view - 1


@contextmanager
def _sends_before_sync() -> Iterator[None]:
    with patch.object(World, "sends_before_sync", True, create=True):
        yield


@contextmanager
def _certificates_unlogged() -> Iterator[None]:
    with patch.object(World, "records_dropped", (Certificate,), create=True):
        yield


@contextmanager
def _no_boundary_again() -> Iterator[None]:
    with patch.object(justifying, "is_closing", lambda node, header: False):
        yield


def _floor_on_own_view(node: Node, view: int) -> bool:
    return node.place > node.floor


def _records_of_one_epoch(node: Node) -> None:
    now = [record for record in node.later_records if place_of(record).epoch == node.epoch]
    node.later_records = tuple(now)
    _LOAD(node)


_LOAD = recovering.load


def _above_the_log(node: Node, kind: int, view: int, block_id: bytes) -> None:
    mine = [v for v, s in node.views.items() if s.my_notarized or s.my_nullified]
    if view > max([node.final.view, *mine]):
        signing._lost(node, node.epoch, view)


@contextmanager
def _nullify_for_envelope() -> Iterator[None]:
    take = judging._take_certificates

    def takes(node: Node, peer: object, proposal: Proposal) -> bool:
        fine = take(node, peer, proposal)
        missing = justifying.view_of_parent(node, proposal.block.header.parent_id)
        bad = proposal.parent_certificate is None and proposal.view > 1
        if proposal.view == node.view and (bad or not isinstance(missing, int)):
            nullifying.nullify(node)
        return fine

    with patch.object(judging, "_take_certificates", takes):
        yield


def _fin_is_tip(recovered: Any) -> Any:
    if recovered.tip is None:
        return _POINTS(recovered)
    tip, final = _POINTS(recovered)
    return tip, states.FinalPoint(final.view, tip.block_id, final.certificate)


_POINTS = states._points_of


@contextmanager
def _unclamped_timer() -> Iterator[None]:
    def start(node: Node) -> None:
        _START_TIMER(node)
        parent = justifying.parent_header(node)
        if node.my_index is not None and parent is not None:
            wait_ms = parent.time_ms + node.settings.target_block_ms - node.wall_ms
            at_ms = node.now_ms + max(0, wait_ms) + node.settings.view_timeout_ms
            node.schedule.put(Deadline.NULLIFY, at_ms)

    with patch.object(entering, "start_timer", start):
        yield


_START_TIMER = entering.start_timer


@contextmanager
def _several_final_unlogged() -> Iterator[None]:
    connect = finalizing.connect

    def connects(node: Node) -> None:
        before = node.must_persist
        connect(node)
        node.must_persist = before

    with patch.object(finalizing, "connect", connects):
        yield


@contextmanager
def _timely_asked_of_certified() -> Iterator[None]:
    need = executing.need

    def needs(node: Node, block_id: bytes) -> None:
        walked: bytes | None = block_id
        while walked is not None and not node.is_executed(walked):
            held = node.blocks.get(walked)
            if held is not None and node.wall_ms - held.block.header.time_ms > 2_000:
                return
            walked = None if held is None else held.block.header.parent_id
        need(node, block_id)

    with patch.object(executing, "need", needs):
        yield


def _remember_every_time(node: Node, evidence: Evidence) -> bool:
    node.offences[evidence.epoch, evidence.signer] = evidence
    node.emit(Offended(evidence))
    return True


@contextmanager
def _no_deduplication() -> Iterator[None]:
    def takes(node: Node, peer: Peer, evidence: Evidence) -> None:
        _remember_every_time(node, evidence)

    with (
        patch.object(counting, "_remember", _remember_every_time),
        patch.dict(hearing._TAKERS, {Evidence: takes}),
    ):
        yield


@contextmanager
def _own_votes_only() -> Iterator[None]:
    with (
        patch.object(finalizing, "push_final", _nothing),
        patch.dict(core._DUE, {Deadline.PUSH_FINAL: _nothing, Deadline.FORWARD: _nothing}),
        patch.object(retrying, "say_everything", _say_own),
    ):
        yield


def _say_own(node: Node, to: Any) -> None:
    state = node.views.get(node.view)
    if state is not None:
        for vote in state.votes.values():
            if vote.signer_index == node.my_index:
                node.emit(Send(to, vote, Traffic.VOTES))
    node.emit(Send(to, retrying.status_of(node), Traffic.VOTES))


MUTANTS: dict[str, Mutant] = {
    "quorum of 2f + 1": _quorum_of_two_f_plus_one,
    "finalize after nullify": _finalize_after_nullify,
    "no justification check": _replaced(justifying, "view_of_parent", _justified_by_anything),
    "send before fsync": _sends_before_sync,
    "certificates unlogged": _certificates_unlogged,
    "no boundary re-proposal": _no_boundary_again,
    "floor on the own view only": _replaced(signing, "_past_floor", _floor_on_own_view),
    "records of later epochs dropped": _replaced(recovering, "load", _records_of_one_epoch),
    "above my log": _replaced(signing, "check_own", _above_the_log),
    "nullify for a bad envelope": _nullify_for_envelope,
    "parent rule for re-proposals": _replaced(
        judging, "_is_boundary_again", lambda header, parent_view: False
    ),
    "cap without fetch": _replaced(fetching, "want_certificates", _nothing),
    "no budget fall-back": _replaced(proposing, "_budget", lambda node: Budget(1_000_000, False)),
    "fixed budget": _replaced(certificates, "_learn_from_nullified", _nothing),
    "nullify spin": _replaced(nullifying, "nullify_for_fault", nullifying.nullify),
    "unbounded timer": _unclamped_timer,
    "own votes only, no push, no forwarding": _own_votes_only,
    "timely asked of certified blocks": _timely_asked_of_certified,
    "no de-duplication of evidence": _no_deduplication,
    "fin is tip": _replaced(states, "_points_of", _fin_is_tip),
    "several final, certificate unlogged": _several_final_unlogged,
}
