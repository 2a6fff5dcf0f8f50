"""Why a development control is refused."""

from typing import ClassVar

from node.faults import NodeFault


class DevFault(NodeFault):
    """Something is not offered on this chain, or cannot be done here."""

    NUMBERS: ClassVar[dict[str, int]] = {
        "dev_chain_only": 1560,
        "snapshot_unknown": 1561,
        "peer_unknown": 1562,
        "too_much_time": 1563,
        "feed_unknown": 1564,
        "price_impossible": 1565,
    }
    EXIT_CODE: ClassVar[int] = 4


def dev_chain_only(what: str) -> DevFault:
    """Return the refusal of what only a chain with virtual time offers."""
    return DevFault(
        "dev_chain_only",
        f"{what} is offered by a development chain of one authority only.",
        hint="Start one with: novation dev up",
        control=what,
    )
