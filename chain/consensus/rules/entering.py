"""R1: entering a view, on any certificate of the view before it or of a later one.

Only a quorum moves a node from view to view: with more than f authorities down nobody's view
moves, nobody's patience grows, and recovery takes as long whatever the outage took.

Source: docs/specs/consensus.md, SIMPLEX-017, SIMPLEX-040, SIMPLEX-041.
"""

from chain.arithmetic import divide_down, multiply_ppm_down
from chain.block.certificate import Certificate
from chain.block.vote import FINALIZE
from chain.consensus.effects import Traffic
from chain.consensus.growth import growth_ppm
from chain.consensus.rules import justifying
from chain.consensus.schedule import Deadline
from chain.consensus.state import Node
from chain.limits import VOTE_WINDOW_VIEWS

_LATE_PARENT_MS = 500
"""How much more than a block's time the clock of a parent's leader may shift the timer."""


def enter(node: Node, view: int, certificate: Certificate | None) -> None:
    """Be in this view of the current epoch: set the one timer, forget what cannot matter."""
    node.view = view
    node.entered_ms = node.now_ms
    node.entry_certificate = certificate
    node.entry_judged = False
    node.build = None
    prune(node)
    for held in node.blocks.values():
        held.undecided_count = 0
    node.schedule.drop(Deadline.BUILD)
    node.schedule.drop(Deadline.TIMELY)
    node.dirty = True
    start_timer(node)


def start_timer(node: Node) -> None:
    """Count the view's time from when its block can be due, as far as that is known.

    The wall clock enters clamped, so that a clock that is an hour off shifts a view's end by
    one block's time and no more.
    """
    if node.my_index is None:
        node.schedule.drop(Deadline.NULLIFY)
        node.schedule.drop(Deadline.FORWARD)
        node.schedule.drop(Deadline.PUSH_ENTRY)
        return
    start_ms = node.entered_ms
    parent = justifying.parent_header(node)
    if parent is not None:
        target_ms = node.settings.target_block_ms
        wait_ms = parent.time_ms + target_ms - node.wall_ms
        start_ms += max(0, min(wait_ms, target_ms + _LATE_PARENT_MS))
    timeout_ms = multiply_ppm_down(node.settings.view_timeout_ms, growth_now(node))
    node.schedule.put(Deadline.NULLIFY, start_ms + timeout_ms)
    node.schedule.put(Deadline.FORWARD, start_ms + divide_down(timeout_ms, 3))
    node.schedule.put(Deadline.PUSH_ENTRY, node.entered_ms + node.settings.push_after_ms)
    node.entry_pushed = False


def growth_now(node: Node) -> int:
    """Return the factor on timeouts in the current view, in ppm."""
    return growth_ppm(node.view, node.final.view, node.authorities.fault_max)


def push_entry(node: Node) -> None:
    """Send what brings them here to those who are not known to be here yet."""
    node.entry_pushed = True
    certificate = node.entry_certificate
    if certificate is None:
        return
    for peer, linked in node.peers.items():
        if linked.place < node.place:
            if certificate.kind == FINALIZE and linked.final_place >= node.final_place:
                continue
            node.send(peer, certificate, Traffic.VOTES)


def prune(node: Node) -> None:
    """Forget votes far below, and bodies that no certificate, vote or recent view needs."""
    low = node.view - VOTE_WINDOW_VIEWS
    kept: dict[bytes, None] = {node.final.block_id: None}
    for view, state in node.views.items():
        if view < low and state.votes:
            state.votes = {}
            state.tally = {}
        if state.notarization is not None:
            kept[state.notarization.block_id] = None
        if state.my_notarized is not None:
            kept[state.my_notarized] = None
        if state.proposal is not None:
            if view >= node.view - 2:
                kept[state.proposal.block_id] = None
            elif state.proposal.block_id != state.my_notarized:
                state.proposal = None
    # Ancestors of what is kept are kept: a block is executed on its parent.
    line = list(kept)
    for block_id in line:
        held = node.blocks.get(block_id)
        if held is not None and held.block.header.parent_id not in kept:
            kept[held.block.header.parent_id] = None
            line.append(held.block.header.parent_id)
    tip_height = node.tip.header.height
    for block_id, held in list(node.blocks.items()):
        if block_id not in kept and not held.executing and held.block.header.height > tip_height:
            del node.blocks[block_id]
