"""SIMPLEX-006, 070: counting votes, and noticing who contradicts itself."""

import msgspec
import pytest

from chain.block.evidence import Evidence
from chain.block.vote import FINALIZE, NOTARIZE, NULLIFY
from chain.consensus.effects import Charge, Misdeed, Offended
from tests.simulation.bench import Bench, of_kind, sent

SOME, OTHER = b"\x01" * 32, b"\x02" * 32


def test_each_signer_counts_once_and_for_one_block() -> None:
    bench = Bench(count=7)
    for signer in (1, 1, 2, 2, 3, 4):
        bench.hear(signer, bench.vote(signer, NOTARIZE, 1, SOME))
    bench.hear(5, bench.vote(5, NOTARIZE, 1, OTHER))
    bench.hear(5, bench.vote(5, NOTARIZE, 1, SOME))
    assert 1 == bench.node.view

    bench.hear(6, bench.vote(6, NOTARIZE, 1, SOME))

    assert 2 == bench.node.view
    assert SOME == bench.node.view_state(1).notarization.block_id  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((NOTARIZE, SOME), (NOTARIZE, OTHER)),
        ((FINALIZE, SOME), (FINALIZE, OTHER)),
        ((NULLIFY, bytes(32)), (FINALIZE, SOME)),
        ((FINALIZE, SOME), (NULLIFY, bytes(32))),
    ],
)
def test_a_contradiction_is_told_once_and_passed_on(
    first: tuple[int, bytes], second: tuple[int, bytes]
) -> None:
    bench = Bench()
    bench.hear(3, bench.vote(2, first[0], 1, first[1]))

    effects = bench.hear(3, bench.vote(2, second[0], 1, second[1]))
    again = bench.hear(1, bench.vote(2, NOTARIZE, 2, SOME))
    again += bench.hear(1, bench.vote(2, NOTARIZE, 2, OTHER))

    evidence = [told.evidence for told in of_kind(effects, Offended)]
    assert [bench.set.keys[2]] == [proof.signer for proof in evidence]
    assert evidence == sent(effects, Evidence)
    assert [] == of_kind(again, Offended)


def test_what_is_legal_together_is_no_evidence() -> None:
    bench = Bench()

    effects = []
    for kind, block_id in ((NOTARIZE, SOME), (NULLIFY, bytes(32))):
        effects += bench.hear(2, bench.vote(2, kind, 1, block_id))
    for kind, block_id in ((NOTARIZE, SOME), (FINALIZE, OTHER), (FINALIZE, OTHER)):
        effects += bench.hear(3, bench.vote(3, kind, 1, block_id))

    assert [] == of_kind(effects, Offended)


def test_whoever_passes_on_a_false_vote_is_charged() -> None:
    bench = Bench()
    vote = bench.vote(2, NULLIFY, 1)

    effects = bench.hear(1, msgspec.structs.replace(vote, view=2))
    effects += bench.hear(1, msgspec.structs.replace(vote, signer_index=4))
    effects += bench.hear(1, msgspec.structs.replace(vote, kind=300))

    assert [
        Charge(1, Misdeed.BAD_SIGNATURE),
        Charge(1, Misdeed.MALFORMED),
        Charge(1, Misdeed.MALFORMED),
    ] == of_kind(effects, Charge)


def test_votes_outside_the_window_are_dropped() -> None:
    bench = Bench()
    bench.hear(1, bench.certificate(FINALIZE, 3, SOME))

    for view in (3, 4 + 65, 2**40):
        bench.hear(2, bench.vote(2, NULLIFY, view))
    bench.hear(2, bench.vote(2, NULLIFY, 4 + 64))

    assert [68] == [view for view, state in bench.node.views.items() if state.votes]


def test_evidence_of_others_is_checked_and_kept_once() -> None:
    source, bench = Bench(), Bench()
    source.hear(2, source.vote(2, NOTARIZE, 1, SOME))
    evidence = of_kind(source.hear(2, source.vote(2, NOTARIZE, 1, OTHER)), Offended)[0].evidence
    false = msgspec.structs.replace(evidence, view=2)

    bad = bench.hear(1, false)
    good = [effect for _ in range(1_000) for effect in bench.hear(1, evidence)]

    assert [Charge(1, Misdeed.BAD_EVIDENCE)] == of_kind(bad, Charge)
    assert [Offended(evidence)] == of_kind(good, Offended)
    assert [] == bench.hear(1, msgspec.structs.replace(evidence, epoch=7))


def test_newest_votes_of_each_kind_are_kept_for_a_hello() -> None:
    bench = Bench()
    for kind, view, block_id in (
        (NOTARIZE, 1, SOME),
        (NOTARIZE, 2, SOME),
        (NULLIFY, 1, bytes(32)),
        (FINALIZE, 1, OTHER),
    ):
        bench.hear(3, bench.vote(3, kind, view, block_id))

    held = bench.core.votes_held_of(bench.set.keys[3])

    assert {(NOTARIZE, 2), (NULLIFY, 1), (FINALIZE, 1)} == {(v.kind, v.view) for v in held}
    assert () == bench.core.votes_held_of(b"\x00" * 32)
