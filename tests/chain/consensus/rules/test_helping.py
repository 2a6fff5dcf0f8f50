"""SIMPLEX-063 to SIMPLEX-065: R9, and answers to requests."""

from chain.block.certificate import Certificate
from chain.block.vote import FINALIZE, NOTARIZE, NULLIFY
from chain.consensus.effects import BehindBy, Charge, Misdeed, Send, Serve
from chain.consensus.messages import (
    BlockAnswer,
    Certificates,
    GetBlock,
    GetCertificates,
    Status,
)
from tests.simulation.bench import Bench, id_of, of_kind, sent

SOME = b"\x01" * 32


def status(view: int, height: int = 0, epoch: int = 0) -> Status:
    return Status(epoch=epoch, view=view, final_height=height, final_id=SOME, time_ms=0)


def test_a_vote_for_a_lower_view_is_answered_with_what_entered_this_one() -> None:
    bench = Bench()
    entry = bench.certificate(NULLIFY, 5)
    bench.hear(1, entry)
    early = bench.hear(2, bench.vote(2, NULLIFY, 3))
    bench.pass_ms(60)

    helped = bench.hear(2, bench.vote(2, NULLIFY, 4))
    again = bench.hear(2, bench.vote(2, NOTARIZE, 4, SOME))
    bench.pass_ms(200)
    later = bench.hear(2, bench.vote(2, NOTARIZE, 3, SOME))

    assert [[], [entry], [], [entry]] == [
        sent(effects, Certificate) for effects in (early, helped, again, later)
    ]


def test_a_status_from_behind_brings_certificates_and_one_from_ahead_our_own() -> None:
    bench = Bench()
    block = bench.block(bench.genesis, 1)
    bench.accept(bench.hear(1, bench.proposal(block, 1)))
    final = bench.certificate(FINALIZE, 1, id_of(block))
    bench.hear(1, final)
    bench.pass_ms(60)

    behind = bench.hear(2, status(view=1))
    ahead = bench.hear(3, status(view=9, height=7))

    assert [final] == sent(behind, Certificate)
    assert [(0, 2, 1)] == [(s.epoch, s.view, s.final_height) for s in sent(ahead, Status)]


def test_an_older_epoch_is_answered_with_its_closing_certificate() -> None:
    blank = Bench(epoch_blocks=1)
    boundary = blank.block(blank.genesis, 1)
    bench = Bench(epoch_blocks=1)
    bench.accept(bench.hear(1, bench.proposal(boundary, 1)))
    closing = bench.certificate(FINALIZE, 1, id_of(boundary))
    bench.hear(1, closing)
    assert 1 == bench.node.epoch

    vote = bench.hear(2, bench.vote(2, NULLIFY, 1))
    status_too = bench.hear(3, status(view=1))
    echo = bench.hear(1, closing)

    assert [[closing], [closing], []] == [sent(e, Certificate) for e in (vote, status_too, echo)]


def test_closing_certificates_of_long_ago_are_left_to_the_store() -> None:
    blank = Bench(epoch_blocks=1)
    boundary = blank.block(blank.genesis, 1)
    final = blank.certificate(FINALIZE, 1, id_of(boundary))
    bench = Bench(header=boundary.header, certificate=final, authorities=blank.rules.authorities(1))

    effects = bench.hear(2, bench.vote(2, NULLIFY, 1))

    assert [Serve(2, 0)] == of_kind(effects, Serve)


def test_the_next_epoch_is_answered_with_status_then_ranges_are_asked_for() -> None:
    bench = Bench()

    first = bench.hear(2, bench.vote(2, NULLIFY, 1, epoch=1))
    bench.pass_ms(1_000)
    second = bench.hear(3, status(view=1, epoch=1))

    assert [1, 0] == [len(sent(first, Status)), len(of_kind(first, BehindBy))]
    assert [BehindBy(0, None, None)] == of_kind(second, BehindBy)


def test_many_epochs_are_asked_for_at_once_and_once_a_second() -> None:
    bench = Bench()

    first = bench.hear(2, bench.vote(2, NULLIFY, 1, epoch=2))
    again = bench.hear(3, status(view=1, epoch=2**62))
    bench.pass_ms(1_000)
    later = bench.hear(2, bench.vote(2, NULLIFY, 1, epoch=2))

    assert [1, 0, 1] == [len(of_kind(effects, BehindBy)) for effects in (first, again, later)]


def test_certificates_asked_for_are_the_newest_64_that_are_held() -> None:
    bench = Bench()
    for view in range(1, 90):
        bench.now_ms += 100
        bench.hear(1 + view % 3, bench.certificate(NULLIFY, view))

    answer = sent(
        bench.hear(2, GetCertificates(epoch=0, from_view=0, to_view=2**62)), Certificates
    )[0]
    few = sent(bench.hear(2, GetCertificates(epoch=0, from_view=3, to_view=4)), Certificates)[0]

    assert list(range(89, 25, -1)) == [c.view for c in answer.certificates]
    assert [4, 3] == [c.view for c in few.certificates]
    assert [] == bench.hear(2, GetCertificates(epoch=0, from_view=9, to_view=8))
    assert [] == sent(bench.hear(2, GetCertificates(epoch=9, from_view=1, to_view=8)), Certificates)


def test_blocks_asked_for_are_given_or_left_to_the_store() -> None:
    bench = Bench()
    block = bench.block(bench.genesis, 1)
    bench.hear(1, bench.proposal(block, 1))

    held = bench.hear(2, GetBlock(block_id=id_of(block)))
    stored = bench.hear(2, GetBlock(block_id=SOME))

    assert [BlockAnswer(block, id_of(block))] == sent(held, BlockAnswer)
    assert [Serve(2, GetBlock(block_id=SOME))] == of_kind(stored, Serve)


def test_50_requests_a_second_are_answered_and_100_are_charged() -> None:
    bench = Bench()
    every = []
    for _ in range(101):
        every += bench.hear(2, GetBlock(block_id=SOME))

    assert 50 == len(of_kind(every, Serve))
    assert [Charge(2, Misdeed.TOO_MANY_REQUESTS)] == of_kind(every, Charge)
    bench.pass_ms(1_000)
    assert 1 == len(of_kind(bench.hear(2, GetBlock(block_id=SOME)), Serve))


def test_strangers_are_not_answered() -> None:
    bench = Bench()

    effects = bench.hear(77, GetBlock(block_id=SOME)) + bench.hear(77, status(view=0))

    assert [] == of_kind(effects, Send) + of_kind(effects, Serve)
