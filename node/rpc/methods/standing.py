"""Where a transaction stands: final, waiting, gone, or never heard of.

Source: docs/specs/rpc.md, RPC-094.
"""

from typing import TYPE_CHECKING, Any

from chain.block.receipt import Receipt
from node.rpc.forms import hex_form, receipt_form
from node.rpc.hints import hint_for

if TYPE_CHECKING:
    from node.services import Services


def receipt_shape(services: "Services", receipt: Receipt, height: int) -> dict[str, Any]:
    """Return a receipt in its shape, with what to do when it is refused."""
    shape = receipt_form(services.application, receipt, height)
    reason = shape["reason"]
    return {**shape, "hint": hint_for(reason) if reason is not None else None}


def final_place(services: "Services", identity: bytes) -> tuple[int, int] | None:
    """Return height and index of a final transaction, None for one that is not final here.

    A block is on the disk a moment before the state holds it: until then it is not said to be
    final, or whoever hears of it would ask for what it did and be shown what was before.
    """
    place = services.storage.location(identity)
    if place is None or place[0] > services.finality.head.height:
        return None
    return place


def receipt_at(services: "Services", identity: bytes) -> dict[str, Any] | None:
    """Return the receipt of a final transaction, None for one that is not final here."""
    place = final_place(services, identity)
    if place is None:
        return None
    height, index = place
    receipt = services.storage.receipt(height, index)
    assert receipt is not None, "a location leads to a receipt"
    assert receipt.id == identity, "a location leads to its own receipt"
    return receipt_shape(services, receipt, height)


def transaction_standing(services: "Services", identity: bytes) -> dict[str, Any]:
    """Return where a transaction stands, in the shape of `tx_getStatus`."""
    receipt = receipt_at(services, identity)
    shape: dict[str, Any] = {
        "id": hex_form(identity),
        "status": "unknown",
        "height": None,
        "index": None,
        "valid_until_height": None,
        "reason": None,
        "receipt": None,
        "finalized": receipt is not None,
    }
    if receipt is not None:
        return {
            **shape,
            "status": "applied" if receipt["ok"] else "refused",
            "height": receipt["height"],
            "index": receipt["index"],
            "reason": receipt["reason"],
            "receipt": receipt,
        }
    proposed = services.simulator.pending(identity)
    if proposed is not None:
        valid_until = str(proposed.body.valid_until_height)
        return {**shape, "status": "proposed", "valid_until_height": valid_until}
    status = services.mempool.status(identity)
    if status is None:
        return shape
    waiting = services.mempool.get(identity)
    until = str(waiting.body.valid_until_height) if waiting is not None else None
    return {**shape, "status": status, "valid_until_height": until}
