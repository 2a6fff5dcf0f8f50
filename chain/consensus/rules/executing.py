"""Having blocks executed, each on an executed parent, and what their verdicts mean.

Source: docs/specs/consensus.md, SIMPLEX-034.
"""

from chain.block.certificate import AuthoritySet
from chain.consensus.effects import Alarm, Execute, Verdict
from chain.consensus.rules import fetching, signing
from chain.consensus.state import Node

_UNDECIDED_MAX_COUNT = 2


def need(node: Node, block_id: bytes) -> None:
    """Have a block executed, and before it the ancestors that are not executed yet."""
    held = node.blocks.get(block_id)
    while True:
        if held is None:
            fetching.want_block(node, block_id)
            return
        header = held.block.header
        if held.verdict is not None or header.height <= node.tip.header.height:
            return
        if node.is_executed(header.parent_id):
            break
        block_id = header.parent_id
        held = node.blocks.get(block_id)
    if held.executing or held.undecided_count >= _UNDECIDED_MAX_COUNT:
        return
    held.executing = True
    node.emit(Execute(held.block, block_id, held.block.header.parent_id))


def judged(
    node: Node, block_id: bytes, verdict: Verdict, next_authorities: AuthoritySet | None
) -> None:
    """Take the answer to an Execute. R0 is asked again by whichever rule waited for it."""
    held = node.blocks.get(block_id)
    if held is None or not held.executing:
        return
    held.executing = False
    node.dirty = True
    header = held.block.header
    if header.height <= node.tip.header.height:
        del node.blocks[block_id]
        return
    if verdict is Verdict.UNDECIDED:
        # Neither a receipt nor invalidity: this machine failed, and is asked once more.
        held.undecided_count += 1
        facts = (("block_id", block_id.hex()), ("height", header.height))
        node.emit(Alarm("undecided", facts))
        return
    if verdict is Verdict.VALID and header.epoch_end and next_authorities is None:
        facts = (("block_id", block_id.hex()), ("height", header.height))
        node.emit(Alarm("undecided", facts))
        held.undecided_count = _UNDECIDED_MAX_COUNT
        return
    held.verdict = verdict
    held.next_authorities = next_authorities
    if verdict is Verdict.INVALID and _is_certified(node, block_id):
        certified_but_invalid(node, block_id)


def certified_but_invalid(node: Node, block_id: bytes) -> None:
    """A quorum vouches for a block that is not valid here: one side is wrong, so sign no more."""
    signing.stop(
        node,
        "a certified block is not valid on this machine; compare its state with others",
        "invalid_certified_block",
        block_id=block_id.hex(),
    )


def _is_certified(node: Node, block_id: bytes) -> bool:
    """Return whether a certificate held here is for this block or for a descendant of it."""
    certified = [
        state.notarization.block_id
        for state in node.views.values()
        if state.notarization is not None
    ]
    certified.append(node.final.block_id)
    for certified_id in certified:
        walked: bytes = certified_id
        while walked in node.blocks:
            if walked == block_id:
                return True
            walked = node.blocks[walked].block.header.parent_id
    return False
