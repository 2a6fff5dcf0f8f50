"""SIMPLEX-021 to SIMPLEX-034: R3. Only what the leader signed is held against the leader."""

from dataclasses import replace

import msgspec
import pytest

from chain.block.block import Block
from chain.block.vote import FINALIZE, NOTARIZE, NULLIFY
from chain.consensus.effects import Alarm, Charge, Execute, Misdeed, Offended, Verdict
from chain.consensus.messages import BlockAnswer, Certificates, GetBlock, GetCertificates
from tests.simulation.bench import Bench, id_of, of_kind, sent


def in_view_five() -> tuple[Bench, Block]:
    """Return a bench in view 5, led by 1; view 2 notarized a block, 1, 3 and 4 were nullified."""
    bench = Bench()
    parent = bench.block(bench.genesis, 2)
    bench.hear(1, bench.certificate(NULLIFY, 1))
    bench.accept(bench.hear(2, bench.proposal(parent, 2)))
    bench.hear(1, bench.certificate(NOTARIZE, 2, id_of(parent)))
    for view in (3, 4):
        bench.hear(1, bench.certificate(NULLIFY, view))
    bench.wall_ms = parent.header.time_ms + 500
    return bench, parent


def test_a_good_proposal_is_executed_and_notarized() -> None:
    bench, parent = in_view_five()
    block = bench.block(parent, 5)

    effects = bench.hear(1, bench.proposal(block, 5, parent_view=2))
    assert [(id_of(block), id_of(parent))] == [
        (e.block_id, e.parent_id) for e in of_kind(effects, Execute)
    ]
    assert [] == bench.own(effects, NOTARIZE)

    assert [5] == bench.own(bench.judge(block), NOTARIZE)


def test_certificates_inside_enter_the_view_they_justify() -> None:
    bench = Bench()
    parent = bench.block(bench.genesis, 2)
    block = bench.block(parent, 5)
    proposal = bench.proposal(
        block,
        5,
        parent_view=2,
        parent_certificate=bench.certificate(NOTARIZE, 2, id_of(parent)),
        null_certificates=bench.nulls(3, 4),
    )

    effects = bench.hear(1, proposal)
    assert 5 == bench.node.view
    assert [id_of(parent)] == [asked.block_id for asked in sent(effects, GetBlock)]
    effects = bench.accept(bench.hear(2, BlockAnswer(parent, id_of(parent))))

    assert 5 in bench.own(effects, NOTARIZE)


def test_a_false_signature_or_body_is_charged_to_the_sender_and_never_nullified() -> None:
    for spoil in (
        lambda p: replace(p, signature=bytes(64)),
        lambda p: replace(p, block=Block(p.block.header, (b"other",), b"", ())),
    ):
        bench, parent = in_view_five()
        good = bench.proposal(bench.block(parent, 5), 5, parent_view=2)

        effects = bench.hear(3, spoil(good))
        after = bench.hear(1, good)

        assert [Charge(3, Misdeed.BAD_PROPOSAL)] == of_kind(effects, Charge)
        assert [] == bench.own(effects, NULLIFY)
        assert 1 == len(of_kind(after, Execute))


def test_a_bad_certificate_inside_is_the_forwarders_fault() -> None:
    bench, parent = in_view_five()
    good = bench.proposal(bench.block(parent, 5), 5, parent_view=2)
    bad = msgspec.structs.replace(bench.certificate(NOTARIZE, 2, id_of(parent)), view=3)

    effects = bench.hear(3, replace(good, parent_certificate=bad))

    assert [Charge(3, Misdeed.BAD_CERTIFICATE)] == of_kind(effects, Charge)
    assert [] == bench.own(effects, NULLIFY)
    assert 1 == len(of_kind(bench.hear(1, good), Execute))


@pytest.mark.parametrize("parent_view", [0, 1, 3, 4, 2**40])
def test_the_envelope_says_nothing_about_the_parent(parent_view: int) -> None:
    bench, parent = in_view_five()
    block = bench.block(parent, 5)
    stripped = bench.proposal(block, 5, parent_view=parent_view)

    effects = bench.accept(bench.hear(3, stripped))

    assert [5] == bench.own(effects, NOTARIZE)


def test_a_missing_certificate_is_asked_for_and_the_proposal_held() -> None:
    bench = Bench()
    parent = bench.block(bench.genesis, 2)
    bench.hear(2, bench.certificate(NULLIFY, 4))
    block = bench.block(parent, 5)

    effects = bench.hear(1, bench.proposal(block, 5, parent_view=2))
    assert [(1, 3)] == [(a.from_view, a.to_view) for a in sent(effects, GetCertificates)]
    assert [] == bench.own(effects, NULLIFY)
    bench.node.blocks.pop(id_of(block))
    bench.hear(3, BlockAnswer(parent, id_of(parent)))
    answer = (bench.certificate(NULLIFY, 3), bench.certificate(NOTARIZE, 2, id_of(parent)))
    bench.hear(3, Certificates(certificates=answer))

    assert id_of(parent) in bench.node.wanted_blocks


def test_a_proposal_that_nothing_can_justify_waits_for_the_timer() -> None:
    bench, parent = in_view_five()
    bench.hear(1, bench.certificate(FINALIZE, 2, id_of(parent)))
    block = bench.block(bench.genesis, 5)

    effects = bench.hear(1, bench.proposal(block, 5))

    assert [] == of_kind(effects, Execute)
    assert [] == bench.own(effects, NULLIFY)
    assert [] == sent(effects, GetCertificates)


@pytest.mark.parametrize(
    "change", [{"proposer": 0}, {"height": 7}, {"epoch": 1}, {"chain_id": b"\x07" * 32}]
)
def test_a_bad_shape_is_nullified_at_once(change: dict[str, object]) -> None:
    bench, parent = in_view_five()
    block = bench.block(parent, 5)
    bad = Block(replace(block.header, **change), (), b"", ())  # type: ignore[arg-type]

    effects = bench.hear(1, bench.proposal(bad, 5, parent_view=2))

    assert [5] == bench.own(effects, NULLIFY)


def test_no_block_stands_on_a_boundary_block_of_its_own_epoch() -> None:
    bench = Bench(epoch_blocks=1)
    boundary = bench.block(bench.genesis, 1)
    bench.accept(bench.hear(1, bench.proposal(boundary, 1)))
    bench.hear(1, bench.certificate(NOTARIZE, 1, id_of(boundary)))
    child = bench.block(boundary, 2)

    effects = bench.hear(2, bench.proposal(child, 2, parent_view=1))

    assert [2] == bench.own(effects, NULLIFY)


def test_a_boundary_block_is_notarized_again_in_later_views() -> None:
    bench = Bench(epoch_blocks=1)
    boundary = bench.block(bench.genesis, 1)
    bench.accept(bench.hear(1, bench.proposal(boundary, 1)))
    bench.hear(1, bench.certificate(NOTARIZE, 1, id_of(boundary)))
    bench.wall_ms += 3_600_000

    effects = bench.hear(2, bench.proposal(boundary, 2, parent_view=1))

    assert [] == of_kind(effects, Execute)
    assert [2] == bench.own(effects, NOTARIZE)


def test_only_a_certified_boundary_block_is_proposed_again() -> None:
    ordinary, parent = in_view_five()
    effects = ordinary.hear(1, ordinary.proposal(parent, 5, parent_view=2))
    assert [] == ordinary.own(effects, NOTARIZE)

    uncertified = Bench(epoch_blocks=1)
    boundary = uncertified.block(uncertified.genesis, 1)
    uncertified.hear(1, uncertified.certificate(NULLIFY, 1))
    effects = uncertified.accept(uncertified.hear(2, uncertified.proposal(boundary, 2)))

    assert [] == uncertified.own(effects, NOTARIZE)


def test_an_early_block_is_held_until_it_is_timely() -> None:
    bench, parent = in_view_five()
    block = bench.block(parent, 5, time_ms=bench.wall_ms + 900)

    effects = bench.hear(1, bench.proposal(block, 5)) + bench.pass_ms(399)
    assert [] == of_kind(effects, Execute)

    assert 1 == len(of_kind(bench.pass_ms(1), Execute))


def test_a_late_block_is_neither_notarized_nor_nullified_for_it() -> None:
    bench, parent = in_view_five()
    block = bench.block(parent, 5)
    bench.wall_ms = block.header.time_ms + 60_000

    effects = bench.hear(1, bench.proposal(block, 5))

    assert [] == of_kind(effects, Execute) + bench.own(effects, NULLIFY)


def test_an_invalid_block_is_nullified_and_an_undecided_one_tried_once_more() -> None:
    bench, parent = in_view_five()
    block = bench.block(parent, 5)
    bench.hear(1, bench.proposal(block, 5))

    again = bench.judge(block, Verdict.UNDECIDED)
    enough = bench.judge(block, Verdict.UNDECIDED)

    assert (1, 1) == (len(of_kind(again, Execute)), len(of_kind(again, Alarm)))
    assert (0, 1) == (len(of_kind(enough, Execute)), len(of_kind(enough, Alarm)))
    assert [] == bench.own(again + enough, NULLIFY)

    other, parent = in_view_five()
    other.hear(1, other.proposal(block, 5))
    assert [5] == other.own(other.judge(block, Verdict.INVALID), NULLIFY)


def test_a_verdict_that_comes_after_the_nullify_changes_nothing() -> None:
    bench, parent = in_view_five()
    block = bench.block(parent, 5)
    bench.hear(1, bench.proposal(block, 5))
    bench.pass_ms(3_000)

    assert [] == bench.own(bench.judge(block), NOTARIZE)


def test_a_second_block_of_the_leader_is_evidence_and_nothing_more() -> None:
    bench, parent = in_view_five()
    first = bench.block(parent, 5)
    second = bench.block(parent, 5, transactions=(b"second",))
    bench.accept(bench.hear(1, bench.proposal(first, 5)))

    effects = bench.hear(1, bench.proposal(second, 5))

    assert 1 == len(of_kind(effects, Offended))
    assert [] == of_kind(effects, Execute)


def test_proposals_for_views_not_reached_are_not_kept() -> None:
    bench = Bench()
    block = bench.block(bench.genesis, 5)

    bench.hear(1, bench.proposal(block, 5))

    assert id_of(block) not in bench.node.blocks
    assert 1 == bench.node.view
