"""NODE-020 to NODE-024: a block of what waits, whatever one transaction does."""

from collections.abc import Sequence

import pytest

from chain.block.header import block_id_of
from chain.block.transaction import Transaction
from chain.machine.run import BlockFacts
from chain.modules.authorities.sets import authority_set_of
from chain.modules.ledger.transactions import Transfer
from derivatives.registry import REGISTRY
from node.proposer import NO_ROOM_MAX_COUNT, Built, Contents, build_block
from tests import given


def probed() -> given.World:
    return given.world(modules=(*REGISTRY, given.PROBE))


def transfer(to: str = "bob", amount_quantums: int = 5_000_000) -> Transfer:
    return Transfer(to=given.address(to), asset="USD", amount_quantums=amount_quantums)


def built(
    world: given.World,
    candidates: Sequence[Transaction],
    is_time_up: bool = False,
    oracle: bytes = b"",
) -> Built:
    authorities = authority_set_of(world.tables, 0)
    assert authorities is not None
    facts = BlockFacts(
        chain_id=world.chain_id,
        epoch=0,
        height=1,
        view=1,
        parent_id=block_id_of(world.head.header),
        proposer=authorities.leader(1),
        time_ms=world.head.header.time_ms + 500,
    )
    contents = Contents(candidates, oracle, ())
    return build_block(world.application, world.tables, facts, contents, lambda: is_time_up)


def test_what_was_built_is_valid_to_others() -> None:
    world = given.world()
    candidates = [world.transaction(name, transfer()) for name in ("alice", "carol")]

    made = built(world, candidates)

    assert tuple(candidates) == made.transactions
    assert made.outcome.receipts == world.judge(made.block).receipts
    assert made.block_id == block_id_of(made.block.header)


def test_what_cannot_stand_in_a_block_is_left_out_and_named() -> None:
    world = given.world()
    good = world.transaction("alice", transfer())
    ahead = world.transaction("carol", transfer(), sequence=7)

    made = built(world, [ahead, good])

    assert (good,) == made.transactions
    assert (ahead.id,) == made.unfit_ids


def test_a_refused_transaction_is_in_the_block() -> None:
    world = given.world()
    poor = world.transaction("alice", transfer(amount_quantums=2**60))

    made = built(world, [poor])

    assert (poor,) == made.transactions
    assert not made.outcome.receipts[0].ok


def test_a_defect_of_ours_costs_its_transaction_the_place_and_nobody_else() -> None:
    world = probed()
    broken = world.transaction("carol", given.Probe("break", 4))
    good = world.transaction("alice", transfer())

    made = built(world, [broken, good])

    assert (good,) == made.transactions
    assert (broken.id,) == made.unfit_ids
    assert world.judge(made.block).state_root == made.block.header.state_root


def test_a_full_block_leaves_the_rest_waiting() -> None:
    world = probed()
    writes = [given.Probe("write much", 4)]
    first, second = (world.transaction(name, *writes) for name in ("alice", "carol"))

    made = built(world, [first, second])

    assert (first,) == made.transactions
    assert () == made.unfit_ids


@pytest.mark.parametrize("place", [0, 1])
def test_what_does_more_than_a_block_may_is_let_go_wherever_it_is_tried(place: int) -> None:
    world = probed()
    endless = world.transaction("alice", *[given.Probe("write much", 4)] * 3)
    good = world.transaction("bob", given.Probe("note", 4))
    candidates = [good]
    candidates.insert(place, endless)

    made = built(world, candidates)

    assert (good,) == made.transactions
    assert (endless.id,) == made.unfit_ids


def test_what_stands_behind_one_without_room_waits_with_it() -> None:
    world = probed()
    first, second = (
        world.transaction(name, given.Probe("write much", 4)) for name in ("alice", "carol")
    )
    behind = world.transaction("carol", transfer(), sequence=1)
    other = world.transaction("bob", transfer("alice"))

    made = built(world, [first, second, behind, other])

    assert (first, other) == made.transactions
    assert () == made.unfit_ids


def test_after_sixteen_without_room_nothing_more_is_tried() -> None:
    world = given.world(
        {f"trader{number}": {"USD": 10**9} for number in range(NO_ROOM_MAX_COUNT + 2)},
        modules=(*REGISTRY, given.PROBE),
    )
    candidates = [
        world.transaction(f"trader{number}", given.Probe("write much", 4))
        for number in range(NO_ROOM_MAX_COUNT + 1)
    ]
    small = world.transaction(f"trader{NO_ROOM_MAX_COUNT + 1}", transfer("trader0"))

    assert (candidates[0], small) == built(world, [*candidates[:-1], small]).transactions
    assert (candidates[0],) == built(world, [*candidates, small]).transactions


def test_when_time_is_up_the_block_is_closed_as_it_is() -> None:
    world = given.world()

    made = built(world, [world.transaction("alice", transfer())], is_time_up=True)

    assert ((), ()) == (made.transactions, made.unfit_ids)
    assert world.judge(made.block).state_root == made.block.header.state_root


def test_a_section_that_no_block_may_hold_is_left_out_and_delays_nothing() -> None:
    world = given.world()
    candidate = world.transaction("alice", transfer())

    made = built(world, [candidate], oracle=b"no section")

    assert (b"", (candidate,)) == (made.block.oracle, made.transactions)
    assert made.outcome.receipts == world.judge(made.block).receipts
