"""SIMPLEX-080 to 083: an epoch ends on one block, and the next begins on it."""

from chain.block.certificate import Certificate
from chain.block.vote import FINALIZE, NOTARIZE, NULLIFY
from chain.consensus.effects import EVERYONE, Finalized, Send
from chain.consensus.log import Place
from tests.simulation.bench import Bench, id_of, of_kind


def closed() -> tuple[Bench, Certificate, list[object]]:
    """Return a bench that closed epoch 0 on its first block, finalized in its second view."""
    bench = Bench(epoch_blocks=1)
    boundary = bench.block(bench.genesis, 1)
    bench.accept(bench.hear(1, bench.proposal(boundary, 1)))
    bench.hear(1, bench.certificate(NOTARIZE, 1, id_of(boundary)))
    bench.hear(2, bench.proposal(boundary, 2, parent_view=1))
    closing = bench.certificate(FINALIZE, 2, id_of(boundary))
    return bench, closing, list(bench.hear(1, closing))


def test_the_next_epoch_begins_in_view_one_on_the_boundary_block() -> None:
    bench, closing, effects = closed()

    assert (Place(1, 1), Place(1, 0)) == (bench.node.place, bench.node.final_place)
    assert bench.node.final.block_id == bench.node.tip.block_id == closing.block_id
    assert 1 == len(of_kind(effects, Finalized))  # type: ignore[arg-type]
    assert 2 == bench.node.leader


def test_the_closing_certificate_goes_to_everybody_at_once() -> None:
    _, closing, effects = closed()

    assert [closing] == [
        send.message
        for send in of_kind(effects, Send)  # type: ignore[arg-type]
        if send.to is EVERYONE and isinstance(send.message, Certificate)
    ]


def test_the_first_block_of_an_epoch_stands_on_its_anchor() -> None:
    bench, _, _ = closed()
    bench.wall_ms = bench.node.tip.header.time_ms + 500
    child = bench.block(bench.node.tip.header, 1, epoch=1)

    effects = bench.accept(bench.hear(2, bench.proposal(child, 1, epoch=1)))

    assert [1] == bench.own(effects, NOTARIZE)


def test_own_votes_of_the_closed_epoch_are_not_counted_in_the_next() -> None:
    bench, _, _ = closed()

    assert [] == list(bench.node.own_votes)
    assert {} == {v: s.votes for v, s in bench.node.views.items() if s.votes}


def test_range_sync_moves_the_core_and_never_back() -> None:
    source = Bench()
    blocks = [source.genesis]
    for view in range(1, 5):
        blocks.append(source.block(blocks[-1], view))
    bench = Bench()
    final = bench.certificate(FINALIZE, 4, id_of(blocks[4]))
    older = bench.certificate(FINALIZE, 2, id_of(blocks[2]))

    bench.note(bench.core.synced(1_001, bench.wall_ms, blocks[4].header, final, bench.set))
    bench.note(bench.core.synced(1_002, bench.wall_ms, blocks[2].header, older, bench.set))

    assert (Place(0, 5), 4) == (bench.node.place, bench.node.tip.header.height)
    assert bench.node.caught_up
    assert [5] == bench.own(bench.pass_ms(4_000), NULLIFY)[:1]


def test_range_sync_crosses_epochs() -> None:
    source = Bench(epoch_blocks=3)
    blocks = [source.genesis]
    for height in range(1, 6):
        blocks.append(source.block(blocks[-1], height, epoch=0 if height <= 3 else 1))
    bench, inside = Bench(epoch_blocks=3), Bench(epoch_blocks=3)
    closing = source.certificate(FINALIZE, 3, id_of(blocks[3]))
    later = source.certificate(FINALIZE, 5, id_of(blocks[5]), epoch=1)

    bench.core.synced(1_001, bench.wall_ms, blocks[3].header, closing, source.rules.authorities(1))
    inside.core.synced(1_001, inside.wall_ms, blocks[5].header, later, source.rules.authorities(1))

    assert (Place(1, 1), Place(1, 6)) == (bench.node.place, inside.node.place)
    assert ("", "") == (
        bench.core.status().not_signing_why,
        inside.core.status().not_signing_why,
    )
