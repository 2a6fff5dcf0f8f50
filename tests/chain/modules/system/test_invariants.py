"""SYS-003, SYS-008: what is always true of the chain's own records."""

import pytest

from chain.kit import Broken
from chain.modules.registry import BASE_MODULES
from chain.modules.system.invariants import (
    blocks_may_not_be_due_before_they_are_allowed,
    history_has_a_leaf_for_every_earlier_block,
)
from chain.modules.system.state import (
    CONSENSUS_PARAMETERS,
    HISTORY,
    ConsensusParameters,
    History,
)
from chain.state.overlay import Overlay
from tests import given

WORLD = given.world(modules=BASE_MODULES)


def test_forgotten_leaf_is_a_breach() -> None:
    overlay = Overlay(WORLD.tables)
    history_has_a_leaf_for_every_earlier_block(overlay)

    overlay.put(HISTORY, (), History(1, ((0, bytes(32)),)))

    with pytest.raises(Broken, match="1 leaves, 1 counted, height 0"):
        history_has_a_leaf_for_every_earlier_block(overlay)


@pytest.mark.parametrize(("min_block_ms", "target_block_ms"), [(0, 500), (501, 500)])
def test_impossible_pace_is_a_breach(min_block_ms: int, target_block_ms: int) -> None:
    overlay = Overlay(WORLD.tables)
    blocks_may_not_be_due_before_they_are_allowed(overlay)

    overlay.put(CONSENSUS_PARAMETERS, (), ConsensusParameters(min_block_ms, target_block_ms))

    with pytest.raises(Broken):
        blocks_may_not_be_due_before_they_are_allowed(overlay)
