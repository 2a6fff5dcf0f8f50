"""SYS-001, SYS-002."""

from chain.codec.canonical import encode
from chain.crypto.digest import ZERO_HASH, tagged
from chain.modules.registry import BASE_MODULES
from chain.modules.system.standing import (
    begin_chain,
    consensus_parameters_of,
    history_of,
    history_root_of,
    parameters_hash_of,
    progress_of,
)
from chain.state.overlay import Overlay
from tests import given

WORLD = given.world(modules=BASE_MODULES)


def test_genesis_stands_at_height_0_without_history() -> None:
    progress = progress_of(WORLD.tables)

    assert (0, 0, 0, ZERO_HASH) == (
        progress.epoch,
        progress.height,
        progress.view,
        progress.parent_id,
    )
    assert 0 == history_of(WORLD.tables).block_count
    assert ZERO_HASH == history_root_of(WORLD.tables)


def test_parameters_hash_is_of_their_canonical_array() -> None:
    expected = tagged(b"NOVATION/parameters/1", encode((100, 500)))

    assert expected == parameters_hash_of(WORLD.tables)
    assert expected == WORLD.head.header.params_hash
    assert 100 == consensus_parameters_of(WORLD.tables).min_block_ms


def test_beginning_a_chain_sets_its_time() -> None:
    overlay = Overlay(WORLD.tables)

    begin_chain(overlay, 77)

    assert (77, 77) == (progress_of(overlay).time_ms, progress_of(overlay).epoch_start_ms)
