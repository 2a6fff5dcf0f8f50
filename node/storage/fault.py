"""What can be wrong with the chain's folder, each by its permanent number."""

from typing import ClassVar

from node.faults import NodeFault

RESYNC = (
    "Move the folder away and start again: the node fetches the chain from its peers. "
    "The key and its vote log are in signer/ and must stay."
)


class StorageFault(NodeFault):
    """The chain's folder cannot be used. Nothing in it was changed by finding out."""

    NUMBERS: ClassVar[dict[str, int]] = {
        "storage_damaged": 1530,
        "storage_foreign": 1531,
        "storage_format_unknown": 1532,
        "storage_locked": 1533,
        "storage_unwritable": 1534,
        "storage_unreadable": 1535,
    }
    EXIT_CODE: ClassVar[int] = 8
