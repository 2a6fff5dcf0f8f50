"""SIMPLEX-034: blocks are executed on executed parents, each once."""

from chain.block.vote import FINALIZE, NOTARIZE
from chain.consensus.effects import Alarm, Execute, StopSigning, Verdict
from chain.consensus.rules import executing
from chain.consensus.state import HeldBlock
from tests.simulation.bench import Bench, id_of, of_kind


def test_ancestors_first_and_each_asked_for_once() -> None:
    bench = Bench()
    one = bench.block(bench.genesis, 1)
    two = bench.block(one, 2)
    for block in (one, two):
        bench.node.blocks[id_of(block)] = HeldBlock(block)

    for _ in range(3):
        executing.need(bench.node, id_of(two))

    asked = of_kind(bench.node.effects, Execute)
    assert [(id_of(one), id_of(bench.genesis))] == [(e.block_id, e.parent_id) for e in asked]


def test_nothing_below_the_tip_is_executed() -> None:
    bench = Bench()
    one = bench.block(bench.genesis, 1)
    bench.accept(bench.hear(1, bench.proposal(one, 1)))
    bench.hear(1, bench.certificate(FINALIZE, 1, id_of(one)))
    fork = bench.block(bench.genesis, 2)
    bench.node.blocks[id_of(fork)] = HeldBlock(fork)

    executing.need(bench.node, id_of(fork))

    assert [] == of_kind(bench.node.effects, Execute)


def test_answers_nobody_waits_for_are_passed_over() -> None:
    bench = Bench()
    block = bench.block(bench.genesis, 1)

    assert [] == bench.judge(block)
    bench.accept(bench.hear(1, bench.proposal(block, 1)))
    bench.judge(block, Verdict.INVALID)

    assert Verdict.VALID is bench.node.blocks[id_of(block)].verdict


def test_a_certified_descendant_makes_an_invalid_block_an_alarm() -> None:
    bench = Bench()
    one = bench.block(bench.genesis, 1)
    two = bench.block(one, 2)
    bench.hear(1, bench.proposal(one, 1))
    bench.node.blocks[id_of(two)] = HeldBlock(two)
    bench.hear(1, bench.certificate(NOTARIZE, 2, id_of(two)))

    effects = bench.judge(one, Verdict.INVALID)

    assert 1 == len(of_kind(effects, StopSigning))
    assert ["invalid_certified_block"] == [alarm.what for alarm in of_kind(effects, Alarm)]


def test_a_boundary_block_without_its_next_set_is_not_called_valid() -> None:
    bench = Bench(epoch_blocks=1)
    block = bench.block(bench.genesis, 1)
    bench.hear(1, bench.proposal(block, 1))

    effects = bench.note(
        bench.core.judged(bench.now_ms, bench.wall_ms, id_of(block), Verdict.VALID, None)
    )

    assert [] == bench.own(effects, NOTARIZE)
    assert ["undecided"] == [alarm.what for alarm in of_kind(effects, Alarm)]
