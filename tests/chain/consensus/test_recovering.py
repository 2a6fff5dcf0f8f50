"""LOG-020 to LOG-026: a process is who its log says it was."""

from chain.block.vote import FINALIZE, NOTARIZE, NULLIFY
from chain.consensus.effects import Execute, Finalized, Persist, Verdict
from chain.consensus.log import KeptBlock, Place
from chain.consensus.messages import Proposal
from tests.simulation.bench import Bench, id_of, of_kind, sent

BLANK = Bench()
BLOCK = BLANK.block(BLANK.genesis, 1)
BODY = KeptBlock(BLOCK, id_of(BLOCK))


def test_votes_bodies_and_certificates_come_back() -> None:
    records = (
        BODY,
        BLANK.vote(0, NOTARIZE, 1, id_of(BLOCK)),
        BLANK.certificate(NOTARIZE, 1, id_of(BLOCK)),
        BLANK.vote(0, NULLIFY, 2),
    )

    bench = Bench(records=records, highest=Place(0, 2))

    assert (id_of(BLOCK), True) == (
        bench.node.view_state(1).my_notarized,
        bench.node.view_state(2).my_nullified,
    )
    assert 2 == bench.node.view
    assert {2: bench.node.view_state(2).votes[2 * 128]} == {
        view: state.votes[2 * 128] for view, state in bench.node.views.items() if view == 2
    }
    assert [] == of_kind(bench.effects, Persist)


def test_a_body_is_executed_again_before_it_is_finalized() -> None:
    bench = Bench(records=(BODY, BLANK.vote(0, NOTARIZE, 1, id_of(BLOCK))), highest=Place(0, 1))

    effects = bench.hear(1, bench.certificate(NOTARIZE, 1, id_of(BLOCK)))
    assert [id_of(BLOCK)] == [e.block_id for e in of_kind(effects, Execute)]
    assert [] == bench.own(effects, FINALIZE)

    assert [1] == bench.own(bench.judge(BLOCK, Verdict.VALID), FINALIZE)


def test_the_same_proposal_is_said_again() -> None:
    parent = BLANK.certificate(NULLIFY, 3)
    block = BLANK.block(BLANK.genesis, 4)
    proposal = BLANK.proposal(block, 4, null_certificates=BLANK.nulls(1, 3))
    records = (*BLANK.nulls(1, 2), parent, BLANK.vote(0, NOTARIZE, 4, id_of(block)), proposal)

    bench = Bench(records=records, highest=Place(0, 4))
    said = sent(bench.note(bench.core.peer_up(1_001, bench.wall_ms, 5, b"\x05" * 32)), Proposal)

    assert [proposal] == said
    assert 4 == bench.node.view


def test_a_finalization_that_the_store_lacks_is_followed_through() -> None:
    final = BLANK.certificate(FINALIZE, 1, id_of(BLOCK))

    bench = Bench(records=(BODY, final), highest=Place(0, 1))
    assert "" != bench.core.status().not_signing_why
    effects = bench.judge(BLOCK)

    assert [Finalized((id_of(BLOCK),), final)] == of_kind(effects, Finalized)
    assert "" == bench.core.status().not_signing_why


def test_what_is_final_in_the_store_is_not_played() -> None:
    final = BLANK.certificate(FINALIZE, 3, id_of(BLOCK))
    records = (BODY, BLANK.vote(0, NOTARIZE, 1, id_of(BLOCK)), BLANK.vote(0, NULLIFY, 2))

    bench = Bench(header=BLOCK.header, certificate=final, records=records, highest=Place(0, 2))

    assert {} == {v: s for v, s in bench.node.views.items() if s.my_nullified or s.my_notarized}
    assert 4 == bench.node.view


def test_records_of_a_later_epoch_wait_for_its_anchor() -> None:
    blank = Bench(epoch_blocks=1)
    boundary = blank.block(blank.genesis, 1)
    mine = blank.vote(0, NULLIFY, 1, epoch=1)
    bench = Bench(epoch_blocks=1, records=(mine,), highest=Place(1, 1))
    assert "epoch 1" in bench.core.status().not_signing_why

    bench.hear(1, bench.certificate(FINALIZE, 1, id_of(boundary)))
    from chain.consensus.messages import BlockAnswer

    bench.accept(bench.hear(1, BlockAnswer(boundary, id_of(boundary))))

    assert (1, "") == (bench.node.epoch, bench.core.status().not_signing_why)
    assert bench.node.view_state(1).my_nullified
