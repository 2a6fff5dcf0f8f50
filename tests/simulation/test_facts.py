"""Without faults a block is final after exactly three delays, and the next comes after two."""

import itertools
from collections.abc import Iterable

import pytest

from chain.consensus.effects import Effect, Finalized
from chain.consensus.settings import Settings
from tests.simulation.ledger import CHAIN_ID, Rules
from tests.simulation.member import Member
from tests.simulation.scenarios import SECOND_US, START_MS, start
from tests.simulation.world import World

DELAY_MS = 50


def timed_world(count: int) -> tuple[World, dict[bytes, list[int]]]:
    """Return a world that never waits, and where it notes when blocks become final."""
    rules = Rules(lambda epoch: tuple(range(count)), 10**9, 0, START_MS)
    settings = Settings(CHAIN_ID, min_block_ms=0, target_block_ms=0)
    world = World(1, rules, settings)
    world.network.delay_us = DELAY_MS * 1_000
    final_at: dict[bytes, list[int]] = {}
    saw = world.auditor.saw

    def note(member: Member, effects: Iterable[Effect]) -> None:
        batch = list(effects)
        saw(member, batch)
        for effect in batch:
            if isinstance(effect, Finalized):
                for block_id in effect.block_ids:
                    final_at.setdefault(block_id, []).append(member.times()[1])

    world.auditor.saw = note  # type: ignore[method-assign]
    for number in range(count):
        world.add(Member(world, (number, 0), number))
    return world, final_at


@pytest.mark.parametrize(
    ("count", "blocks"),
    [
        (4, 30),
        (10, 20),
        (25, 8),
        pytest.param(50, 6, marks=pytest.mark.simulation),
        pytest.param(100, 4, marks=pytest.mark.simulation),
    ],
)
def test_finality_takes_three_delays_and_the_next_block_two(count: int, blocks: int) -> None:
    world, final_at = timed_world(count)

    start(world)
    world.run(60 * SECOND_US, lambda: world.members[0, 0].store.tip.height > blocks)

    # The first block waits for hellos.
    stored = world.members[0, 0].store.blocks[2 : blocks + 1]
    ids = world.members[0, 0].store.ids[2 : blocks + 1]
    delays = {
        at - block.header.time_ms
        for block, block_id in zip(stored, ids, strict=True)
        for at in final_at[block_id]
    }
    times = [block.header.time_ms for block in stored]
    gaps = {later - earlier for earlier, later in itertools.pairwise(times)}
    assert ({3 * DELAY_MS}, {2 * DELAY_MS}) == (delays, gaps)
    assert all(count == len(final_at[block_id]) for block_id in ids[:-1])


def test_one_authority_alone_finalizes_without_anybody() -> None:
    world, _ = timed_world(1)
    world.settings = Settings(CHAIN_ID)

    start(world)
    world.run(10 * SECOND_US)

    assert 19 <= world.members[0, 0].store.tip.height <= 21


def test_waiting_transactions_shorten_the_gap_to_the_minimum() -> None:
    world, _ = timed_world(4)
    world.settings = Settings(CHAIN_ID)
    world.network.delay_us = 5_000
    world.loaded = True

    start(world)
    world.run(10 * SECOND_US)

    times = [block.header.time_ms for block in world.members[0, 0].store.blocks[3:]]
    assert {100} == {b - a for a, b in itertools.pairwise(times)}
