"""SIMPLEX-020 to 023: which certificates let a block stand where."""

from chain.block.vote import FINALIZE, NOTARIZE, NULLIFY
from chain.consensus.rules.justifying import (
    MissingView,
    parent_to_build_on,
    view_of_parent,
)
from chain.consensus.state import HeldBlock, Parent
from tests.simulation.bench import Bench, id_of


def test_the_newest_certified_block_is_built_on() -> None:
    bench = Bench()
    block = bench.block(bench.genesis, 2)
    bench.node.blocks[id_of(block)] = HeldBlock(block)
    bench.hear(1, bench.certificate(NULLIFY, 1))
    notarization = bench.certificate(NOTARIZE, 2, id_of(block))
    bench.hear(1, notarization)
    assert Parent(id_of(block), 2, notarization, ()) == parent_to_build_on(bench.node)

    bench.hear(1, bench.certificate(NULLIFY, 4))
    assert MissingView(3) == parent_to_build_on(bench.node)
    bench.hear(1, bench.certificate(NULLIFY, 3))

    assert Parent(id_of(block), 2, notarization, bench.nulls(3, 4)) == parent_to_build_on(
        bench.node
    )


def test_the_final_block_ends_the_walk() -> None:
    bench = Bench()
    final = bench.certificate(FINALIZE, 7, b"\x01" * 32)
    bench.hear(1, final)
    bench.hear(1, bench.certificate(NULLIFY, 8))

    assert Parent(b"\x01" * 32, 7, final, bench.nulls(8, 8)) == parent_to_build_on(bench.node)


def test_a_parent_is_justified_by_its_certificate_and_a_nullification_of_each_view_above() -> None:
    bench = Bench()
    one, two = b"\x01" * 32, b"\x02" * 32
    bench.hear(1, bench.certificate(NOTARIZE, 1, one))
    bench.hear(1, bench.certificate(NOTARIZE, 2, two))
    bench.hear(1, bench.certificate(NULLIFY, 3))

    assert 2 == view_of_parent(bench.node, two)
    assert MissingView(2) == view_of_parent(bench.node, one)
    assert MissingView(2) == view_of_parent(bench.node, id_of(bench.genesis))
    bench.hear(1, bench.certificate(NULLIFY, 2))

    assert 1 == view_of_parent(bench.node, one)
    assert MissingView(1) == view_of_parent(bench.node, id_of(bench.genesis))


def test_nothing_justifies_what_is_not_above_the_final_block() -> None:
    bench = Bench()
    bench.hear(1, bench.certificate(FINALIZE, 3, b"\x03" * 32))

    assert 3 == view_of_parent(bench.node, b"\x03" * 32)
    assert view_of_parent(bench.node, id_of(bench.genesis)) is None
