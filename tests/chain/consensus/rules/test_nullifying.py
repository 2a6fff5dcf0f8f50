"""SIMPLEX-030, 033: R5."""

from chain.block.vote import NOTARIZE, NULLIFY
from chain.consensus.effects import Verdict
from tests.simulation.bench import Bench, id_of


def test_the_timer_nullifies() -> None:
    bench = Bench()

    assert [] == bench.own(bench.pass_ms(1_199), NULLIFY)
    assert [1] == bench.own(bench.pass_ms(2), NULLIFY)[:1]


def test_a_leader_that_gives_up_is_believed() -> None:
    bench = Bench()

    assert [] == bench.own(bench.hear(2, bench.vote(2, NULLIFY, 1)), NULLIFY)
    assert [1] == bench.own(bench.hear(1, bench.vote(1, NULLIFY, 1)), NULLIFY)


def test_a_bad_block_is_nullified_at_once_but_not_after_n_such_views() -> None:
    for nulled, expected in ((0, [1]), (3, [4]), (4, []), (8, [])):
        bench = Bench(index=3)
        nulls = tuple(
            bench.certificate(NULLIFY, view, signers=(0, 1, 2)) for view in range(nulled, 0, -1)
        )
        for certificate in nulls:
            bench.hear(1, certificate)
        block = bench.block(bench.genesis, nulled + 1)
        bench.hear(0, bench.proposal(block, nulled + 1, null_certificates=nulls))

        effects = bench.judge(block, Verdict.INVALID)

        assert expected == bench.own(effects, NULLIFY), nulled


def test_a_leader_silent_for_10_s_and_2n_views_is_not_waited_for() -> None:
    for seen_ms_ago, seen_view, expected in (
        (10_001, 0, [15]),
        (10_000, 0, []),
        (10_001, 1, []),
    ):
        bench = Bench(count=7)
        bench.node.signature_seen[1] = (bench.now_ms - seen_ms_ago, seen_view)

        effects = bench.hear(2, bench.certificate(NULLIFY, 14))

        assert 1 == bench.node.leader
        assert expected == bench.own(effects, NULLIFY), (seen_ms_ago, seen_view)


def test_own_vote_and_notarization_do_not_stop_a_later_nullify_of_the_next_view() -> None:
    bench = Bench()
    block = bench.block(bench.genesis, 1)
    bench.accept(bench.hear(1, bench.proposal(block, 1)))
    bench.hear(2, bench.certificate(NOTARIZE, 1, id_of(block)))

    effects = bench.pass_ms(4_000)

    assert 2 in bench.own(effects, NULLIFY)
    assert 1 not in bench.own(effects, NULLIFY)
