"""SIMPLEX-019, 051 to 053: R7."""

from chain.block.block import Block
from chain.block.certificate import Certificate
from chain.block.vote import FINALIZE, NOTARIZE, NULLIFY
from chain.consensus.effects import BehindBy, Execute, Finalized, Persist, Send, StopSigning
from chain.consensus.messages import BlockAnswer, GetBlock
from tests.simulation.bench import Bench, id_of, of_kind, sent


def chain_of(bench: Bench, length: int) -> list[Block]:
    """Return genesis and that many blocks on it, of views 1 and on."""
    blocks = [bench.genesis]
    for view in range(1, length + 1):
        blocks.append(bench.block(blocks[-1], view))
    return blocks


def test_an_executed_block_is_final_at_once() -> None:
    bench = Bench()
    block = bench.block(bench.genesis, 1)
    bench.accept(bench.hear(1, bench.proposal(block, 1)))
    final = bench.certificate(FINALIZE, 1, id_of(block))

    effects = bench.hear(2, final)

    assert [Finalized((id_of(block),), final)] == of_kind(effects, Finalized)
    assert (1, 2) == (bench.node.tip.header.height, bench.node.view)
    assert [] == list(bench.node.views)[:-1]


def test_missing_ancestors_are_fetched_executed_and_final_together() -> None:
    bench = Bench()
    blocks = chain_of(bench, 3)
    final = bench.certificate(FINALIZE, 3, id_of(blocks[3]))

    effects = bench.hear(1, final)
    for block in reversed(blocks[1:]):
        assert [id_of(block)] == [asked.block_id for asked in sent(effects, GetBlock)]
        effects = bench.hear(2, BlockAnswer(block, id_of(block)))
    for block in blocks[1:]:
        assert [id_of(block)] == [e.block_id for e in of_kind(effects, Execute)]
        effects = bench.judge(block)

    assert [tuple(id_of(block) for block in blocks[1:])] == [
        effect.block_ids for effect in of_kind(effects, Finalized)
    ]
    assert isinstance(effects[0], Persist)
    assert final in effects[0].records


def test_blocks_asked_for_come_from_whoever_has_them_and_match_their_headers() -> None:
    bench = Bench()
    block = bench.block(bench.genesis, 1)
    bench.hear(1, bench.certificate(FINALIZE, 1, id_of(block)))

    asked = bench.pass_ms(470)
    bad = bench.hear(2, BlockAnswer(Block(block.header, (b"x",), b"", ()), id_of(block)))
    unasked = bench.hear(2, BlockAnswer(bench.block(block, 2), id_of(bench.block(block, 2))))
    good = bench.hear(3, BlockAnswer(block, id_of(block)))

    targets = {send.to for send in of_kind(asked, Send) if isinstance(send.message, GetBlock)}
    assert len(targets) > 1
    assert 1 == len([e for e in bad if type(e).__name__ == "Charge"])
    assert [] == unasked
    assert 1 == len(of_kind(good, Execute))


def test_far_behind_is_said_once_a_second_while_it_lasts() -> None:
    bench = Bench()
    blocks = chain_of(bench, 20)
    final = bench.certificate(FINALIZE, 20, id_of(blocks[20]))
    bench.hear(1, final)

    first = bench.hear(1, BlockAnswer(blocks[20], id_of(blocks[20])))
    bench.pass_ms(900)
    later = bench.pass_ms(3_000)
    done = bench.note(
        bench.core.synced(bench.now_ms, bench.wall_ms, blocks[20].header, final, bench.set)
    )

    expected = BehindBy(20, blocks[20].header, final)
    assert [expected] == of_kind(first, BehindBy)
    assert 2 <= len(of_kind(later, BehindBy)) <= 4
    assert [] == of_kind(done + bench.pass_ms(3_000), BehindBy)
    assert bench.node.caught_up


def test_bodies_wait_for_the_store_and_dead_forks_do_not() -> None:
    bench = Bench()
    block, fork = bench.block(bench.genesis, 2), bench.block(bench.genesis, 1)
    bench.accept(bench.hear(1, bench.proposal(fork, 1)))
    bench.hear(1, bench.certificate(NULLIFY, 1))
    bench.accept(bench.hear(2, bench.proposal(block, 2)))
    bench.hear(1, bench.certificate(FINALIZE, 2, id_of(block)))

    assert [id_of(block)] == list(bench.node.blocks)
    bench.note(bench.core.committed(bench.now_ms, bench.wall_ms, id_of(block)))

    assert [] == list(bench.node.blocks)
    assert bench.node.is_executed(id_of(block))


def test_the_certificate_goes_after_50_ms_to_those_not_known_to_have_it() -> None:
    bench = Bench()
    block = bench.block(bench.genesis, 1)
    bench.accept(bench.hear(1, bench.proposal(block, 1)))
    final = bench.certificate(FINALIZE, 1, id_of(block))
    bench.hear(2, final)
    for other in (1, 3):
        bench.hear(other, bench.vote(other, NULLIFY, 2))

    effects = bench.pass_ms(50)

    pushed = [send.to for send in of_kind(effects, Send) if isinstance(send.message, Certificate)]
    assert [(1,), (3,)] == pushed


def test_a_final_block_on_another_chain_ends_signing() -> None:
    bench = Bench()
    block, fork = bench.block(bench.genesis, 1), bench.block(bench.genesis, 2)
    bench.accept(bench.hear(1, bench.proposal(block, 1)))
    bench.hear(2, bench.certificate(FINALIZE, 1, id_of(block)))
    bench.hear(2, bench.certificate(FINALIZE, 2, id_of(fork)))

    effects = bench.hear(1, BlockAnswer(fork, id_of(fork)))

    assert 1 == len(of_kind(effects, StopSigning))
    assert 1 == bench.node.tip.header.height


def test_a_late_notarization_is_finalized_from_a_later_view() -> None:
    bench = Bench()
    block = bench.block(bench.genesis, 1)
    bench.accept(bench.hear(1, bench.proposal(block, 1)))
    bench.hear(1, bench.certificate(NULLIFY, 1))
    bench.hear(1, bench.certificate(NULLIFY, 2))

    effects = bench.hear(3, bench.certificate(NOTARIZE, 1, id_of(block)))

    assert 3 == bench.node.view
    assert [1] == bench.own(effects, FINALIZE)
