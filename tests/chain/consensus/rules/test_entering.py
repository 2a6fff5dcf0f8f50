"""SIMPLEX-017, 040, 041: R1 and the one timer."""

from chain.block.certificate import Certificate
from chain.block.vote import FINALIZE, NOTARIZE, NULLIFY
from chain.consensus.effects import Send, Verdict
from chain.consensus.schedule import Deadline
from tests.simulation.bench import Bench, id_of, of_kind

SOME = b"\x01" * 32


def test_any_certificate_of_this_view_or_a_later_one_moves_on() -> None:
    bench = Bench()
    views = []
    for kind, view, block_id in ((NULLIFY, 1, bytes(32)), (NOTARIZE, 4, SOME), (FINALIZE, 9, SOME)):
        bench.hear(1, bench.certificate(kind, view, block_id))
        views.append(bench.node.view)

    bench.hear(1, bench.certificate(NULLIFY, 9))
    bench.hear(1, bench.certificate(NOTARIZE, 3, SOME))

    assert [2, 5, 10] == views
    assert 10 == bench.node.view


def test_votes_alone_move_nobody_before_the_quorum() -> None:
    bench = Bench()

    bench.hear(1, bench.vote(1, NOTARIZE, 1, SOME))
    bench.hear(2, bench.vote(2, NOTARIZE, 1, SOME))
    assert 1 == bench.node.view
    bench.hear(3, bench.vote(3, NOTARIZE, 1, SOME))

    assert 2 == bench.node.view


def test_entry_certificate_goes_after_50_ms_to_those_not_known_to_be_here() -> None:
    bench = Bench()
    entry = bench.certificate(NULLIFY, 1)
    bench.hear(1, entry)
    bench.hear(2, bench.vote(2, NULLIFY, 2))

    early = bench.pass_ms(49)
    effects = bench.pass_ms(1)

    assert [] == [s for s in of_kind(early, Send) if isinstance(s.message, Certificate)]
    assert [((3,), entry)] == [(send.to, send.message) for send in of_kind(effects, Send)]


def test_the_timer_starts_when_the_block_can_be_due() -> None:
    bench = Bench()
    bench.wall_ms = bench.genesis.header.time_ms + 100
    bench.hear(1, bench.certificate(NULLIFY, 1))

    assert bench.now_ms + 400 + 1_200 == bench.node.schedule.at_ms(Deadline.NULLIFY)
    assert bench.now_ms + 400 + 400 == bench.node.schedule.at_ms(Deadline.FORWARD)


def test_a_wall_clock_that_is_far_off_shifts_the_timer_by_a_second_at_most() -> None:
    for offset_ms, expected_ms in ((-3_600_000, 1_000), (3_600_000, 0)):
        bench = Bench()
        bench.wall_ms += offset_ms
        bench.hear(1, bench.certificate(NULLIFY, 1))

        at_ms = bench.node.schedule.at_ms(Deadline.NULLIFY)
        assert bench.now_ms + expected_ms + 1_200 == at_ms


def test_patience_grows_with_views_and_is_back_with_a_finalization() -> None:
    bench = Bench()
    bench.hear(1, bench.certificate(NULLIFY, 40))
    assert bench.now_ms + 8 * 1_200 == bench.node.schedule.at_ms(Deadline.NULLIFY)

    bench.hear(1, bench.certificate(FINALIZE, 41, SOME))

    assert bench.now_ms + 1_200 == bench.node.schedule.at_ms(Deadline.NULLIFY)


def test_a_follower_has_no_timer() -> None:
    bench = Bench(count=4, index=7)

    assert bench.node.schedule.at_ms(Deadline.NULLIFY) is None
    bench.hear(1, bench.certificate(NULLIFY, 1))

    assert 2 == bench.node.view
    assert bench.node.schedule.at_ms(Deadline.NULLIFY) is None


def test_bodies_that_nothing_needs_are_forgotten() -> None:
    bench = Bench()
    kept = bench.block(bench.genesis, 1, transactions=(b"kept",))
    bench.accept(bench.hear(1, bench.proposal(kept, 1)))
    for view in range(1, 9):
        if view > 1 and view % 4 != 0:
            nulls = bench.nulls(1, view - 1)
            block = bench.block(bench.genesis, view, transactions=(b"poison",))
            bench.hear(1, bench.proposal(block, view, null_certificates=nulls))
            bench.judge(block, Verdict.INVALID)
        bench.hear(1, bench.certificate(NULLIFY, view))

    assert id_of(kept) in bench.node.blocks
    assert len(bench.node.blocks) <= 3
