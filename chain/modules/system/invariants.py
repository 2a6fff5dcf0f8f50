"""What is always true of the chain's own records."""

from chain.kit import View, hold
from chain.modules.system.standing import consensus_parameters_of, history_of, progress_of


def history_has_a_leaf_for_every_earlier_block(view: View) -> None:
    """Hold that as many ids are in the history as blocks came before."""
    progress, history = progress_of(view), history_of(view)
    counted = sum(1 << level for level, _ in history.peaks)
    hold(
        counted == history.block_count == progress.height,
        f"{counted} leaves, {history.block_count} counted, height {progress.height}",
    )


def blocks_may_not_be_due_before_they_are_allowed(view: View) -> None:
    """Hold that 1 <= min_block_ms <= target_block_ms."""
    parameters = consensus_parameters_of(view)
    hold(
        1 <= parameters.min_block_ms <= parameters.target_block_ms,
        f"min {parameters.min_block_ms} ms, target {parameters.target_block_ms} ms",
    )
