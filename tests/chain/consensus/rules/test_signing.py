"""SIMPLEX-010 to SIMPLEX-016: R0, the whole of safety."""

import pytest

from chain.block.vote import FINALIZE, NOTARIZE, NULLIFY
from chain.consensus.effects import Persist, Send, StopSigning
from chain.consensus.log import KeptBlock, Place
from chain.consensus.rules import signing
from chain.crypto.digest import ZERO_HASH
from tests.simulation.bench import Bench, id_of, of_kind

SOME, OTHER = b"\x01" * 32, b"\x02" * 32


def test_one_notarize_a_view() -> None:
    node = Bench().node

    assert signing.sign(node, NOTARIZE, 1, SOME) is not None
    assert signing.sign(node, NOTARIZE, 1, SOME) is None
    assert signing.sign(node, NOTARIZE, 1, OTHER) is None


def test_notarize_and_nullify_only_in_ones_own_view() -> None:
    node = Bench().node

    for view in (0, 2, 3):
        assert not signing.may_sign(node, NOTARIZE, view, SOME)
        assert not signing.may_sign(node, NULLIFY, view, ZERO_HASH)
    assert signing.may_sign(node, NULLIFY, 1, ZERO_HASH)


def test_a_nullified_view_is_neither_notarized_nor_finalized() -> None:
    bench = Bench()
    block = bench.block(bench.genesis, 1)
    bench.pass_ms(3_000)
    assert bench.node.view_state(1).my_nullified

    effects = bench.accept(bench.hear(1, bench.proposal(block, 1)))
    effects += bench.hear(1, bench.certificate(NOTARIZE, 1, id_of(block)))

    assert [] == bench.own(effects, NOTARIZE) + bench.own(effects, FINALIZE)


def test_a_finalized_view_is_not_nullified() -> None:
    bench = Bench()
    block = bench.block(bench.genesis, 1)
    bench.accept(bench.hear(1, bench.proposal(block, 1)))
    bench.hear(2, bench.certificate(NOTARIZE, 1, id_of(block)))

    assert id_of(block) == bench.node.view_state(1).my_finalized
    assert not signing._may_nullify(bench.node, bench.node.view, bench.node.view_state(1))


def test_nullify_after_notarize_is_legal() -> None:
    bench = Bench()
    block = bench.block(bench.genesis, 1)
    effects = bench.accept(bench.hear(1, bench.proposal(block, 1)))

    effects += bench.pass_ms(3_000)

    assert {1} == set(bench.own(effects, NOTARIZE))
    assert 1 in bench.own(effects, NULLIFY)


def test_finalize_needs_the_notarization_and_the_executed_body() -> None:
    bench = Bench()
    block = bench.block(bench.genesis, 1)
    assert not signing.may_sign(bench.node, FINALIZE, 1, id_of(block))

    waiting = bench.hear(1, bench.proposal(block, 1))
    waiting += bench.hear(2, bench.certificate(NOTARIZE, 1, id_of(block)))
    assert [] == bench.own(waiting, FINALIZE)
    done = bench.judge(block)

    assert 2 == bench.node.view
    assert [1] == bench.own(done, FINALIZE)


def test_records_come_before_sends_and_hold_the_body_once() -> None:
    bench = Bench()
    block = bench.block(bench.genesis, 1)

    effects = bench.accept(bench.hear(1, bench.proposal(block, 1)))
    later = bench.hear(2, bench.certificate(NOTARIZE, 1, id_of(block)))

    batch = [effect for effect in effects if isinstance(effect, Persist | Send)]
    assert isinstance(batch[-2], Persist)
    assert isinstance(batch[-1], Send)
    records = bench.records(effects) + bench.records(later)
    assert [KeptBlock(block, id_of(block))] == [r for r in records if isinstance(r, KeptBlock)]
    assert bench.node.view_state(1).notarization in bench.records(later)


@pytest.mark.parametrize("view", [1, 4])
def test_nothing_at_or_below_the_floor_is_signed_in_whatever_view(view: int) -> None:
    bench = Bench(floor=Place(0, 4), highest=Place(0, 4))
    assert 4 == bench.node.view

    for kind, block_id in ((NOTARIZE, SOME), (NULLIFY, ZERO_HASH), (FINALIZE, SOME)):
        assert not signing.may_sign(bench.node, kind, view, block_id)
    bench.hear(1, bench.certificate(NULLIFY, 4))

    assert not signing.may_sign(bench.node, FINALIZE, view, SOME)
    assert signing.may_sign(bench.node, NULLIFY, 5, ZERO_HASH)


def test_nothing_is_signed_before_the_epoch_of_the_log_is_reached() -> None:
    bench = Bench(highest=Place(3, 1))

    effects = bench.pass_ms(10_000)

    assert [] == bench.own(effects, NULLIFY)
    assert "epoch 3" in bench.core.status().not_signing_why


def test_nothing_is_signed_before_hellos_or_twice_the_timeout() -> None:
    bench = Bench(greeted=False)

    early = bench.pass_ms(2_300)
    late = bench.pass_ms(1_500)

    assert [] == bench.own(early, NULLIFY)
    assert [1] == bench.own(late, NULLIFY)[:1]


def test_q_less_one_hellos_are_enough() -> None:
    bench = Bench(greeted=False)

    bench.greet(1)
    assert "" != bench.core.status().not_signing_why
    bench.greet(1)
    assert "" != bench.core.status().not_signing_why
    bench.greet(3)

    assert "" == bench.core.status().not_signing_why


def test_nothing_is_signed_behind_a_finalization_that_is_not_executed() -> None:
    bench = Bench()

    effects = bench.hear(1, bench.certificate(FINALIZE, 5, SOME))
    effects += bench.pass_ms(5_000)

    assert 6 == bench.node.view
    assert [] == bench.own(effects, NULLIFY)


def test_a_vote_of_ours_that_the_log_lacks_ends_signing() -> None:
    for vote in ((NULLIFY, 1, ZERO_HASH), (FINALIZE, 7, SOME), (NOTARIZE, 1, SOME)):
        bench = Bench()

        effects = bench.greet(2, (bench.vote(0, vote[0], vote[1], vote[2]),))

        assert 1 == len(of_kind(effects, StopSigning))
        assert [] == bench.own(bench.pass_ms(9_000), NULLIFY)


def test_it_may_come_alone_or_inside_a_certificate() -> None:
    alone, inside = Bench(), Bench()

    first = alone.hear(1, alone.vote(0, NULLIFY, 1))
    second = inside.hear(1, inside.certificate(NULLIFY, 1, signers=(0, 1, 2)))

    assert 1 == len(of_kind(first, StopSigning)) == len(of_kind(second, StopSigning))


def test_votes_that_are_remembered_final_or_false_end_nothing() -> None:
    bench = Bench()
    bench.pass_ms(3_000)
    mine = bench.vote(0, NULLIFY, 1)
    forged = bench.vote(1, NULLIFY, 9)
    old = Bench(floor=Place(0, 4), highest=Place(0, 4))

    effects = bench.greet(1, (mine, forged)) + bench.hear(1, mine)
    effects += old.greet(1, (old.vote(0, FINALIZE, 3, SOME),))

    assert [] == of_kind(effects, StopSigning)


def test_a_vote_of_a_later_epoch_must_be_in_the_log_too() -> None:
    blank = Bench()
    known = blank.vote(0, NULLIFY, 2, epoch=2)
    bench = Bench(records=(known,), highest=Place(2, 2))

    fine = bench.greet(1, (known,))
    lost = bench.greet(2, (bench.vote(0, NULLIFY, 1, epoch=2),))

    assert [] == of_kind(fine, StopSigning)
    assert 1 == len(of_kind(lost, StopSigning))


def test_an_odd_kind_in_a_hello_is_passed_over() -> None:
    bench = Bench()
    vote = bench.vote(0, NULLIFY, 1)
    import msgspec

    effects = bench.greet(1, (msgspec.structs.replace(vote, kind=300),))

    assert [] == of_kind(effects, StopSigning)


def test_a_broken_log_is_never_signed_by() -> None:
    bench = Bench(log_broken="frame 3 is damaged")

    assert [] == bench.own(bench.pass_ms(9_000), NULLIFY)
    assert "frame 3" in bench.core.status().not_signing_why
