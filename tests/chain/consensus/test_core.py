"""CORE-001 to CORE-004: inputs in, effects out, records first, one timer."""

from chain.block.vote import NULLIFY
from chain.consensus.effects import Build, Persist, Send, SetTimer
from tests.simulation.bench import Bench, id_of, of_kind
from tests.simulation.member import Member
from tests.simulation.scenarios import SECOND_US, heights, start, world_of


def test_one_authority_finalizes_alone() -> None:
    world = world_of(1)

    start(world)
    world.run(10 * SECOND_US)

    assert heights(world)[0] >= 18


def test_four_authorities_finalize_together() -> None:
    world = world_of(4)
    world.checks_disk = True

    start(world)
    world.run(10 * SECOND_US)

    assert min(heights(world)) >= 15
    assert {} == world.auditor.alarms


def test_a_follower_learns_what_is_final_and_signs_nothing() -> None:
    world = world_of(4)
    follower = world.add(Member(world, (4, 0), 4))
    follower.follower = True

    start(world)
    world.run(10 * SECOND_US)

    assert follower.store.tip.height >= 15
    assert [] == follower.disk.frames


def test_records_are_first_and_once_in_a_batch() -> None:
    bench = Bench()
    block = bench.block(bench.genesis, 1)
    bench.hear(1, bench.proposal(block, 1))

    effects = bench.judge(block)

    assert isinstance(effects[0], Persist)
    assert 1 == len(of_kind(effects, Persist))
    assert 1 == len([e for e in of_kind(effects, Send) if e.message == effects[0].records[-1]])


def test_an_old_token_does_nothing() -> None:
    bench = Bench()

    assert [] == bench.core.tick(bench.now_ms + 9_000, bench.wall_ms, bench.timer + 1)
    assert [] == bench.core.tick(bench.now_ms + 9_000, bench.wall_ms, bench.timer - 1)


def test_the_timer_is_set_again_whenever_the_earliest_deadline_changes() -> None:
    bench = Bench()
    bench.pass_ms(100)
    at_ms = bench.node.schedule.next_ms()

    effects = bench.hear(1, bench.certificate(NULLIFY, 1))

    timers = of_kind(effects, SetTimer)
    assert [bench.node.schedule.next_ms()] == [timer.at_ms for timer in timers]
    assert at_ms != timers[0].at_ms


def test_certificates_do_not_wait_for_a_vote_for_ever() -> None:
    bench = Bench(greeted=False)
    effects = []
    for view in range(1, 70):
        bench.now_ms += 100
        effects += bench.hear(1 + view % 3, bench.certificate(NULLIFY, view))

    assert [65] == [len(persist.records) for persist in of_kind(effects, Persist)]


def test_pacing_looks_at_the_wall_clock_again_when_transactions_wait() -> None:
    bench = Bench(count=1)
    bench.note(bench.core.transactions_wait(bench.now_ms, bench.wall_ms, waiting=False))
    build = of_kind(Bench(count=1).effects, Build)[0]
    block = bench.block(bench.genesis, 1, time_ms=build.time_ms)

    effects = bench.note(bench.core.built(bench.now_ms, bench.wall_ms, build.request, block))
    moved = bench.note(bench.core.transactions_wait(bench.now_ms, bench.wall_ms + 100))

    assert [] == of_kind(effects, Build)
    assert [id_of(block)] == [asked.parent_id for asked in of_kind(moved, Build)]
