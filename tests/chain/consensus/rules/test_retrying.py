"""SIMPLEX-061, 062: R8, and forwarding a third into the view."""

from chain.block.certificate import Certificate
from chain.block.vote import FINALIZE, NULLIFY, Vote
from chain.consensus.effects import EVERYONE, Send
from chain.consensus.messages import Proposal, Status
from tests.simulation.bench import Bench, id_of, of_kind, sent


def test_everything_is_said_again_when_time_is_up_and_every_second() -> None:
    bench = Bench()
    final = bench.certificate(FINALIZE, 2, b"\x02" * 32)
    bench.hear(1, final)
    entry = bench.certificate(NULLIFY, 3)
    bench.hear(1, entry)
    bench.hear(2, bench.vote(2, NULLIFY, 4))
    bench.pass_ms(1_199)

    effects = bench.pass_ms(1)
    to_all = [send.message for send in of_kind(effects, Send) if send.to is EVERYONE]

    assert [entry, final] == [m for m in to_all if isinstance(m, Certificate)]
    assert bench.vote(2, NULLIFY, 4) in to_all
    assert [4] == [m.view for m in to_all if isinstance(m, Status)]
    again = bench.pass_ms(1_201)
    assert 1 <= sent(again, Certificate).count(entry) <= 2
    assert bench.vote(2, NULLIFY, 4) in sent(again, Vote)


def test_a_peer_that_comes_is_told_everything() -> None:
    bench = Bench()
    block = bench.block(bench.genesis, 1)
    bench.accept(bench.hear(1, bench.proposal(block, 1)))

    effects = bench.note(bench.core.peer_up(bench.now_ms, bench.wall_ms, 7, bench.set.keys[2]))

    assert {(7,)} == {send.to for send in of_kind(effects, Send)}
    assert {0, 1} == {vote.signer_index for vote in sent(effects, Vote)}
    assert [id_of(block)] == [proposal.block_id for proposal in sent(effects, Proposal)]
    assert 1 == len(sent(effects, Status))


def test_the_proposal_is_forwarded_to_those_who_did_not_notarize() -> None:
    bench = Bench(count=7)
    block = bench.block(bench.genesis, 1)
    bench.accept(bench.hear(1, bench.proposal(block, 1)))
    bench.hear(3, bench.vote(3, 1, 1, id_of(block)))

    effects = bench.pass_ms(400)

    assert [(2, 4, 5, 6)] == [
        s.to for s in of_kind(effects, Send) if isinstance(s.message, Proposal)
    ]


def test_status_is_said_every_second() -> None:
    bench = Bench(index=9)

    said = sent(bench.pass_ms(5_000), Status)

    assert 5 == len(said)
    assert [bench.wall_ms] == [status.time_ms for status in said][-1:]
