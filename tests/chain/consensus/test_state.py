"""SIMPLEX-005: what a fresh core knows, and how far down it counts."""

from chain.block.vote import FINALIZE, NOTARIZE, NULLIFY
from chain.consensus.log import Place
from tests.simulation.bench import Bench, id_of
from tests.simulation.ledger import Rules


def test_a_new_chain_begins_in_view_one_on_genesis() -> None:
    bench = Bench()

    assert (Place(0, 1), Place(0, 0)) == (bench.node.place, bench.node.final_place)
    assert bench.node.caught_up
    assert bench.node.is_executed(id_of(bench.genesis))
    assert 1 == bench.node.leader


def test_a_core_goes_on_after_the_last_certified_block() -> None:
    blank = Bench()
    block = blank.block(blank.genesis, 3)
    final = blank.certificate(FINALIZE, 5, id_of(block))

    bench = Bench(header=block.header, certificate=final)

    assert (Place(0, 6), Place(0, 5)) == (bench.node.place, bench.node.final_place)


def test_a_boundary_block_opens_the_next_epoch() -> None:
    blank = Bench(epoch_blocks=1)
    block = blank.block(blank.genesis, 3)
    final = blank.certificate(FINALIZE, 5, id_of(block))

    bench = Bench(header=block.header, certificate=final, authorities=blank.rules.authorities(1))

    assert (Place(1, 1), Place(1, 0)) == (bench.node.place, bench.node.final_place)
    assert 2 == bench.node.leader


def test_null_run_counts_nullified_views_right_below() -> None:
    bench = Bench()
    bench.hear(1, bench.certificate(NULLIFY, 1))
    bench.hear(1, bench.certificate(NOTARIZE, 2, b"\x07" * 32))
    assert 0 == bench.node.null_run()

    for view in (3, 4, 5):
        bench.hear(1, bench.certificate(NULLIFY, view))

    assert 3 == bench.node.null_run()


def test_sets_of_two_past_epochs_are_kept() -> None:
    rules = Rules(lambda epoch: tuple(range(4)), 1, 100, 0)
    node = Bench().node

    for epoch in range(1, 6):
        node.adopt_authorities(rules.authorities(epoch))

    assert [3, 4] == sorted(node.past_authorities)
