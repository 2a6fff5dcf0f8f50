"""Where the chain stands, read from a view.

Source: docs/specs/system.md, SYS-001 to SYS-008.
"""

from chain.codec.canonical import encode
from chain.crypto.digest import TAG_PARAMETERS, ZERO_HASH, tagged
from chain.crypto.merkle import mountain_root
from chain.kit import State, View
from chain.modules.system.state import (
    CONSENSUS_PARAMETERS,
    HISTORY,
    PROGRESS,
    ConsensusParameters,
    History,
    Progress,
)


def progress_of(view: View) -> Progress:
    """Return the block that this state is after."""
    progress = view.get(PROGRESS, ())
    assert progress is not None, "every state is after some block"
    return progress


def history_of(view: View) -> History:
    """Return the tree over all blocks before the one that this state is after."""
    history = view.get(HISTORY, ())
    assert history is not None, "every state has a history"
    return history


def consensus_parameters_of(view: View) -> ConsensusParameters:
    """Return the pace of blocks that this state sets for the next one."""
    parameters = view.get(CONSENSUS_PARAMETERS, ())
    assert parameters is not None, "genesis sets the pace of blocks"
    return parameters


def history_root_of(view: View) -> bytes:
    """Return the root over all earlier block ids, which the header states."""
    return mountain_root(history_of(view).peaks)


def parameters_hash_of(view: View) -> bytes:
    """Return the tagged hash of the consensus parameters, which the header states."""
    return tagged(TAG_PARAMETERS, encode(consensus_parameters_of(view)))


def begin_chain(state: State, time_ms: int) -> None:
    """Put the records of height 0: no parent, no history, epoch 0."""
    state.put(
        PROGRESS,
        (),
        Progress(
            epoch=0,
            height=0,
            view=0,
            time_ms=time_ms,
            parent_id=ZERO_HASH,
            epoch_start_height=0,
            epoch_start_ms=time_ms,
        ),
    )
    state.put(HISTORY, (), History(block_count=0, peaks=()))
