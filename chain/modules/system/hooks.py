"""What opening a block does: judge its place after its parent, and take it.

Source: docs/specs/system.md, SYS-004 to SYS-007.
"""

from chain.crypto.merkle import mountain_append
from chain.kit import BlockContext, InvalidBlock
from chain.modules.system.standing import consensus_parameters_of, history_of, progress_of
from chain.modules.system.state import HISTORY, PROGRESS, History, Progress


def open_height(context: BlockContext) -> None:
    """Take the place after the parent, and append the parent's id to the history.

    Refuses: InvalidBlock, for a height, epoch, view or time that cannot follow.
    """
    parent = progress_of(context.state)
    earliest_ms = parent.time_ms + consensus_parameters_of(context.state).min_block_ms
    if context.height != parent.height + 1:
        raise InvalidBlock(f"height {context.height} does not follow {parent.height}")
    if context.epoch != parent.epoch:
        raise InvalidBlock(f"epoch {context.epoch} where epoch {parent.epoch} goes on")
    if context.view <= parent.view:
        raise InvalidBlock(f"view {context.view} does not follow the parent's {parent.view}")
    if context.time_ms < earliest_ms:
        raise InvalidBlock(f"time {context.time_ms} ms is before {earliest_ms} ms")
    context.state.put(
        PROGRESS,
        (),
        Progress(
            epoch=context.epoch,
            height=context.height,
            view=context.view,
            time_ms=context.time_ms,
            parent_id=context.parent_id,
            epoch_start_height=parent.epoch_start_height,
            epoch_start_ms=parent.epoch_start_ms,
        ),
    )
    history = history_of(context.state)
    peaks = mountain_append(history.peaks, history.block_count, context.parent_id)
    context.state.put(HISTORY, (), History(block_count=history.block_count + 1, peaks=peaks))
