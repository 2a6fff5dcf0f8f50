"""The chain's own module, id 0; its reasons are those of `chain`."""

from chain.block.transaction import LIST_KIND, SignedList
from chain.kit import Module
from chain.modules.system.hooks import open_height
from chain.modules.system.invariants import (
    blocks_may_not_be_due_before_they_are_allowed,
    history_has_a_leaf_for_every_earlier_block,
)
from chain.modules.system.reasons import REASONS
from chain.modules.system.state import CONSENSUS_PARAMETERS, HISTORY, PROGRESS

MODULE = Module(
    id=0,
    name="system",
    area="chain",
    tables=(PROGRESS, HISTORY, CONSENSUS_PARAMETERS),
    genesis=(CONSENSUS_PARAMETERS,),
    transactions={LIST_KIND: SignedList},
    begin_block=(open_height,),
    reasons=REASONS,
    invariants=(
        history_has_a_leaf_for_every_earlier_block,
        blocks_may_not_be_due_before_they_are_allowed,
    ),
)
