"""What the chain remembers of itself."""

from chain.kit import U8, Hash, Item, record


@record
class Progress:
    """The block whose changes these are.

    A block's own id covers this record, so it can hold only its parent's.
    """

    epoch: int
    height: int
    view: int
    time_ms: int
    parent_id: Hash
    epoch_start_height: int
    epoch_start_ms: int


@record
class History:
    """The tree over the ids of all blocks before this one: how many, and its peaks.

    A peak is (level, hash) of a perfect subtree, left to right, largest first.
    """

    block_count: int
    peaks: tuple[tuple[U8, Hash], ...]


@record
class ConsensusParameters:
    """How fast blocks may follow each other.

    No block's time is less than `min_block_ms` after its parent's; a leader with nothing
    to include waits until `target_block_ms` after it.
    """

    min_block_ms: int
    target_block_ms: int


PROGRESS = Item(1, "progress", value=Progress)
HISTORY = Item(2, "history", value=History)
CONSENSUS_PARAMETERS = Item(3, "consensus_parameters", value=ConsensusParameters)
