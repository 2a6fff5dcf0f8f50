"""SIMPLEX-018, 050: what a certificate does, and what is not even looked at."""

import msgspec

from chain.block.vote import FINALIZE, NOTARIZE, NULLIFY
from chain.consensus.effects import Charge, Misdeed, StopSigning, Verdict
from chain.consensus.messages import Certificates
from chain.consensus.rules import certificates
from tests.simulation.bench import Bench, id_of, of_kind

SOME, OTHER = b"\x01" * 32, b"\x02" * 32


def test_a_bad_certificate_is_charged_to_its_sender_and_does_nothing() -> None:
    bench = Bench()
    bad = msgspec.structs.replace(bench.certificate(NULLIFY, 1), view=3)

    effects = bench.hear(2, bad)

    assert [Charge(2, Misdeed.BAD_CERTIFICATE)] == of_kind(effects, Charge)
    assert 1 == bench.node.view


def test_what_is_held_or_final_is_dropped_unseen() -> None:
    bench = Bench()
    asked: list[bytes] = []
    bench.hear(1, bench.certificate(NULLIFY, 3))
    bench.hear(1, bench.certificate(FINALIZE, 2, SOME))
    bench.node.verify = lambda key, message, signature: asked.append(key) or False  # type: ignore[func-returns-value]

    effects = bench.hear(2, bench.certificate(NULLIFY, 3, signers=(0, 1, 2)))
    effects += bench.hear(2, bench.certificate(NOTARIZE, 1, OTHER))

    assert [] == asked
    assert [] == of_kind(effects, Charge)


def test_votes_that_were_counted_are_not_verified_again() -> None:
    bench = Bench()
    verify, asked = bench.node.verify, []
    bench.hear(2, bench.vote(2, NULLIFY, 1))
    bench.hear(3, bench.vote(3, NULLIFY, 1))

    def counted(key: bytes, message: bytes, signature: bytes) -> bool:
        asked.append(key)
        return verify(key, message, signature)

    bench.node.verify = counted
    bench.hear(1, bench.certificate(NULLIFY, 1))

    assert [bench.set.keys[1]] == asked


def test_a_notarized_and_executed_block_is_finalized_at_once() -> None:
    bench = Bench()
    block = bench.block(bench.genesis, 1)
    bench.accept(bench.hear(1, bench.proposal(block, 1)))

    effects = bench.hear(1, bench.certificate(NOTARIZE, 1, id_of(block)))

    assert [1] == bench.own(effects, FINALIZE)


def test_two_blocks_notarized_in_one_view_end_signing() -> None:
    bench = Bench()
    bench.hear(1, bench.certificate(NOTARIZE, 1, SOME))

    effects = bench.hear(2, bench.certificate(NOTARIZE, 1, OTHER))

    assert 1 == len(of_kind(effects, StopSigning))


def test_a_nullified_view_that_is_finalized_ends_signing() -> None:
    bench = Bench()
    bench.hear(1, bench.certificate(NULLIFY, 1))

    effects = bench.hear(2, bench.certificate(FINALIZE, 1, SOME))

    assert 1 == len(of_kind(effects, StopSigning))


def test_a_certified_block_that_is_not_valid_here_ends_signing() -> None:
    before, after = Bench(), Bench()
    block = before.block(before.genesis, 1)
    for bench in (before, after):
        bench.hear(1, bench.proposal(block, 1))
    certificate = before.certificate(NOTARIZE, 1, id_of(block))

    first = before.judge(block, Verdict.INVALID) + before.hear(2, certificate)
    second = after.hear(2, certificate) + after.judge(block, Verdict.INVALID)

    assert 1 == len(of_kind(first, StopSigning)) == len(of_kind(second, StopSigning))


def test_one_peer_makes_us_check_20_unasked_certificates_a_second() -> None:
    bench = Bench()
    for view in range(100, 120 + 5):
        bench.hear(1, bench.certificate(NULLIFY, view))
    assert 120 == bench.node.view

    bench.hear(2, bench.certificate(NULLIFY, 130))
    assert 131 == bench.node.view
    bench.pass_ms(1_000)
    bench.hear(1, bench.certificate(NULLIFY, 140))

    assert 141 == bench.node.view
    assert 20 == certificates.CERTIFICATES_PER_SECOND_MAX_COUNT


def test_a_bad_certificate_among_others_ends_the_answer() -> None:
    bench = Bench()
    bad = msgspec.structs.replace(bench.certificate(NULLIFY, 1), view=2)

    effects = bench.hear(
        1, Certificates(certificates=(bench.certificate(NULLIFY, 3), bad, *bench.nulls(1, 1)))
    )

    assert [Charge(1, Misdeed.BAD_CERTIFICATE)] == of_kind(effects, Charge)
    assert 2 == bench.node.view
