"""Forget used offers that could not be accepted any more.

Source: docs/specs/block_trades.md, BLTR-013.
"""

from typing import cast

from chain.kit import BlockContext, Key
from derivatives.block_trades.state import USED_OFFERS

FORGOTTEN_MAX_COUNT = 2_048


def forget_ended(context: BlockContext) -> None:
    """Delete what was used of offers that have ended, so many a block; the oldest first."""
    ended: list[Key] = []
    for key, _ in context.state.scan(USED_OFFERS):
        assert isinstance(key, tuple)
        if cast("int", key[0]) >= context.time_ms or len(ended) == FORGOTTEN_MAX_COUNT:
            break
        ended.append(key)
    for key in ended:
        context.state.delete(USED_OFFERS, key)
