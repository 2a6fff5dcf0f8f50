"""SYS-003 to SYS-007."""

import pytest

from chain.block.header import block_id_of
from chain.crypto.merkle import merkle_root
from chain.kit import InvalidBlock
from chain.modules.registry import BASE_MODULES
from chain.modules.system.standing import history_of, history_root_of, progress_of
from tests import given


def chain() -> given.World:
    return given.world(modules=BASE_MODULES)


def test_block_takes_the_place_after_its_parent() -> None:
    world = chain()
    genesis = world.head

    block = world.close_block(700)

    progress = progress_of(world.tables)
    assert (1, 1, 0) == (progress.height, progress.view, progress.epoch)
    assert block.header.time_ms == progress.time_ms == genesis.header.time_ms + 700
    assert block_id_of(genesis.header) == progress.parent_id
    assert (0, genesis.header.time_ms) == (progress.epoch_start_height, progress.epoch_start_ms)


def test_history_root_is_over_all_earlier_block_ids() -> None:
    world = chain()
    ids = [block_id_of(world.head.header)]

    for _ in range(5):
        block = world.close_block()
        assert merkle_root(ids) == block.header.history_root == history_root_of(world.tables)
        ids.append(block_id_of(block.header))

    assert 5 == history_of(world.tables).block_count
    assert [2, 0] == [level for level, _ in history_of(world.tables).peaks]


def test_block_may_come_min_block_ms_after_its_parent_and_no_sooner() -> None:
    world = chain()

    world.close_block(100)

    with pytest.raises(InvalidBlock, match="is before"):
        world.open_block(after_ms=99)


def test_view_goes_up_and_may_leap() -> None:
    world = chain()
    world.open_block(view_gap=9)
    world.close_block()

    assert 9 == progress_of(world.tables).view
    with pytest.raises(InvalidBlock, match="view 9 does not follow"):
        world.open_block(view_gap=0)
