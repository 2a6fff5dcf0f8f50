"""Walking down the certificates held here: what a block for the current view may stand on.

Source: docs/specs/consensus.md, SIMPLEX-020 to SIMPLEX-023.
"""

from dataclasses import dataclass

from chain.block.certificate import Certificate
from chain.block.header import Header
from chain.consensus.state import Node, Parent


@dataclass(frozen=True, slots=True)
class MissingView:
    """Nothing is held here that lets the walk pass this view."""

    view: int


def has_body(node: Node, block_id: bytes) -> bool:
    """Return whether a block's body is here, or no longer needed because it is the tip."""
    return block_id in node.blocks or block_id == node.tip.block_id


def is_closing(node: Node, header: Header) -> bool:
    """Return whether this block ends the current epoch: it is proposed again, never built on.

    The anchor ended the epoch before; the current one is built on it.
    """
    return header.epoch_end and header.epoch == node.epoch


def parent_to_build_on(node: Node) -> Parent | MissingView:
    """Return the newest certified block below the current view, for its leader.

    A notarized block whose body is missing is passed over where a nullification allows it.
    """
    nullifications: list[Certificate] = []
    view = node.view - 1
    while view > node.final.view:
        state = node.views.get(view)
        if state is None or (state.notarization is None and state.nullification is None):
            return MissingView(view)
        notarization = state.notarization
        if notarization is not None and (
            state.nullification is None or has_body(node, notarization.block_id)
        ):
            return Parent(notarization.block_id, view, notarization, tuple(nullifications))
        assert state.nullification is not None
        nullifications.append(state.nullification)
        view -= 1
    final = node.final
    return Parent(final.block_id, final.view, final.certificate, tuple(nullifications))


def view_of_parent(node: Node, parent_id: bytes) -> int | MissingView | None:
    """Return the view whose certificate lets a block stand on this parent in the current view.

    That is a view with a notarization (or the newest finalization) of the parent, with a
    nullification of every view between: L3 rests on it. MissingView when a certificate that is
    not here might still show it; None when none can, because the newest final block is another.
    """
    view = node.view - 1
    while view > node.final.view:
        state = node.views.get(view)
        if state is None:
            return MissingView(view)
        if state.notarization is not None and state.notarization.block_id == parent_id:
            return view
        if state.nullification is None:
            return MissingView(view)
        view -= 1
    return node.final.view if node.final.block_id == parent_id else None


def parent_header(node: Node) -> Header | None:
    """Return the header of what the current view builds on, or None while that is unknown."""
    parent = parent_to_build_on(node)
    return None if isinstance(parent, MissingView) else node.header_of(parent.block_id)
