"""SIMPLEX-024 to SIMPLEX-029: R2."""

from chain.block.block import Block
from chain.block.vote import FINALIZE, NOTARIZE, NULLIFY
from chain.consensus.effects import Build, Effect, Execute
from chain.consensus.messages import GetBlock, GetCertificates, Proposal
from tests.simulation.bench import Bench, id_of, of_kind, sent


def leading() -> tuple[Bench, Block]:
    """Return a bench in view 4, which authority 0 leads, with block 3 notarized before it."""
    bench = Bench()
    block = bench.block(bench.genesis, 3)
    bench.wall_ms = block.header.time_ms
    proposal = bench.proposal(block, 3, null_certificates=bench.nulls(1, 2))
    bench.accept(bench.hear(3, proposal))
    bench.hear(3, bench.certificate(NOTARIZE, 3, id_of(block)))
    return bench, block


def answer(
    bench: Bench, build: Build, parent: Block, transactions: tuple[bytes, ...] = ()
) -> Block:
    block = bench.block(parent, build.view, transactions=transactions, time_ms=build.time_ms)
    bench.note(bench.core.built(bench.now_ms, bench.wall_ms, build.request, block))
    return block


def test_a_block_is_due_at_the_target_or_as_soon_as_transactions_wait() -> None:
    quiet, parent = leading()
    busy, _ = leading()

    early = quiet.pass_ms(499)
    due = quiet.pass_ms(1)
    busy.note(busy.core.transactions_wait(busy.now_ms, busy.wall_ms))
    soon = busy.pass_ms(100)

    assert [] == of_kind(early, Build)
    assert [parent.header.time_ms + 500] == [build.time_ms for build in of_kind(due, Build)]
    assert [parent.header.time_ms + 100] == [build.time_ms for build in of_kind(soon, Build)]
    assert [(0, 4, 2, id_of(parent))] == [
        (build.epoch, build.view, build.height, build.parent_id) for build in of_kind(due, Build)
    ]


def test_what_is_built_is_kept_then_sent_with_its_justification() -> None:
    bench, parent = leading()
    build = of_kind(bench.pass_ms(500), Build)[0]

    block = answer(bench, build, parent)

    proposal = sent(bench.effects, Proposal)[0]
    assert (id_of(block), 3, ()) == (
        proposal.block_id,
        proposal.parent_view,
        proposal.null_certificates,
    )
    assert bench.certificate(NOTARIZE, 3, id_of(parent)) == proposal.parent_certificate
    records = bench.records(bench.effects)
    assert proposal in records
    assert bench.vote(0, NOTARIZE, 4, id_of(block)) in records


def test_null_certificates_go_with_it_newest_first_and_64_at_most() -> None:
    bench = Bench()
    for view in range(1, 100):
        bench.now_ms += 100
        bench.hear(1 + view % 3, bench.certificate(NULLIFY, view))
    build = of_kind(bench.effects, Build)[0]
    assert build.budget.empty

    answer(bench, build, bench.genesis)

    proposal = sent(bench.effects, Proposal)[0]
    assert list(range(99, 35, -1)) == [c.view for c in proposal.null_certificates]
    assert (0, None) == (proposal.parent_view, proposal.parent_certificate)


def test_a_missing_certificate_is_asked_for_from_one_after_another() -> None:
    bench = Bench()
    bench.hear(1, bench.certificate(NULLIFY, 3))

    effects = list(bench.effects) + bench.pass_ms(460)

    asked = sent(effects, GetCertificates)
    assert {(0, 1, 2)} == {(a.epoch, a.from_view, a.to_view) for a in asked}
    assert 4 == len(asked)
    bench.hear(2, bench.certificate(NULLIFY, 2))
    bench.hear(2, bench.certificate(NULLIFY, 1))
    assert [] == sent(bench.pass_ms(460), GetCertificates)


def test_a_notarized_parent_without_a_body_is_fetched_or_passed_over_by_a_nullification() -> None:
    bench = Bench()
    block = bench.block(bench.genesis, 3)
    bench.wall_ms = block.header.time_ms + 1_000
    for view in (1, 2):
        bench.hear(1, bench.certificate(NULLIFY, view))
    lacking = bench.hear(1, bench.certificate(NOTARIZE, 3, id_of(block)))
    assert [id_of(block)] == [asked.block_id for asked in sent(lacking, GetBlock)]
    assert [] == of_kind(lacking, Build)

    passed = bench.hear(1, bench.certificate(NULLIFY, 3))

    assert [id_of(bench.genesis)] == [build.parent_id for build in of_kind(passed, Build)]


def test_a_parent_that_is_not_executed_is_executed_first() -> None:
    bench = Bench()
    block = bench.block(bench.genesis, 3)
    bench.wall_ms = block.header.time_ms + 1_000
    effects = bench.hear(3, bench.proposal(block, 3, null_certificates=bench.nulls(1, 2)))
    effects += bench.hear(1, bench.certificate(NOTARIZE, 3, id_of(block)))
    assert [id_of(block)] == [e.block_id for e in of_kind(effects, Execute)]
    assert [] == of_kind(effects, Build)

    assert [id_of(block)] == [build.parent_id for build in of_kind(bench.judge(block), Build)]


def test_a_boundary_block_is_proposed_again_as_it_is_and_at_once() -> None:
    bench = Bench(epoch_blocks=1)
    block = bench.block(bench.genesis, 3)
    bench.wall_ms = block.header.time_ms
    effects = bench.hear(3, bench.proposal(block, 3, null_certificates=bench.nulls(1, 2)))
    bench.accept(effects)

    again = bench.hear(1, bench.certificate(NOTARIZE, 3, id_of(block)))

    assert [] == of_kind(again, Build)
    assert [(4, id_of(block), 3)] == [
        (p.view, p.block_id, p.parent_view) for p in sent(again, Proposal)
    ]


def test_late_or_wrong_answers_are_dropped() -> None:
    bench, parent = leading()
    build = of_kind(bench.pass_ms(500), Build)[0]
    wrong = bench.block(parent, 5, time_ms=build.time_ms)

    effects = bench.note(bench.core.built(bench.now_ms, bench.wall_ms, build.request, wrong))
    effects += bench.note(bench.core.built(bench.now_ms, bench.wall_ms, 99, wrong))
    effects += bench.note(bench.core.built(bench.now_ms, bench.wall_ms, build.request, None))
    bench.hear(1, bench.certificate(NULLIFY, 4))
    late = bench.block(parent, 4, time_ms=build.time_ms)
    effects += bench.note(bench.core.built(bench.now_ms, bench.wall_ms, build.request, late))

    assert [] == sent(effects, Proposal)


def test_budget_halves_when_given_up_and_grows_back_when_final() -> None:
    bench, parent = leading()
    shares = []
    for _ in range(2):
        build = of_kind(bench.effects + bench.pass_ms(600), Build)[0]
        shares.append(build.budget.share_ppm)
        answer(bench, build, parent, (b"big",))
        for view in range(bench.node.view, bench.node.view + 4):
            bench.hear(2, bench.certificate(NULLIFY, view))
    build = of_kind(bench.effects + bench.pass_ms(600), Build)[0]
    shares.append(build.budget.share_ppm)
    block = answer(bench, build, parent)
    bench.hear(2, bench.certificate(FINALIZE, bench.node.view, id_of(block)))

    assert [1_000_000, 500_000, 250_000] == shares
    assert 312_500 == bench.node.share_ppm


def test_after_2n_nullified_views_the_block_is_empty() -> None:
    for nulled, expected in ((7, False), (11, True)):
        bench = Bench()
        bench.wall_ms += 10_000
        effects: list[Effect] = []
        for view in range(1, nulled + 1):
            effects = bench.hear(1 + view % 3, bench.certificate(NULLIFY, view))

        assert [expected] == [build.budget.empty for build in of_kind(effects, Build)]
