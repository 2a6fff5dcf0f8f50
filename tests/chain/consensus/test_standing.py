"""CORE-012: one look says what is waited for."""

from chain.block.vote import NOTARIZE, NULLIFY
from chain.consensus.standing import VotesSeen
from tests.simulation.bench import Bench, id_of
from tests.simulation.keys import key_of


def test_status_names_who_voted_and_which_certificates_lack() -> None:
    bench = Bench()
    bench.hear(1, bench.certificate(NULLIFY, 3))
    bench.hear(2, bench.vote(2, NULLIFY, 4))
    bench.hear(3, bench.vote(3, NULLIFY, 4))

    status = bench.core.status()

    assert (0, 4, key_of(0), 3) == (status.epoch, status.view, status.leader, status.quorum)
    assert (2, 1) == status.missing_views
    assert (VotesSeen(NULLIFY, bytes(32), (key_of(2), key_of(3))),) == status.votes
    assert (True, "") == (status.signing, status.not_signing_why)
    assert (0, id_of(bench.genesis)) == (status.final_height, status.final_id)


def test_status_names_the_silent() -> None:
    bench = Bench()
    bench.pass_ms(10_500)
    bench.hear(2, bench.vote(2, NULLIFY, 1))

    assert (key_of(1), key_of(3)) == bench.core.status().silent


def test_status_says_why_nothing_is_signed() -> None:
    bench = Bench(greeted=False)

    status = bench.core.status()

    assert not status.signing
    assert "waiting to hear" in status.not_signing_why


def test_missing_views_shown_are_the_newest_64() -> None:
    bench = Bench()
    bench.hear(1, bench.certificate(NULLIFY, 500))
    bench.hear(1, bench.certificate(NOTARIZE, 499, b"\x01" * 32))

    missing = bench.core.status().missing_views

    assert 498 == missing[0]
    assert 62 == len(missing)
