"""Why a feeder does not start. Source: docs/specs/feeder.md, FEEDER-003."""

from typing import ClassVar

from node.faults import NodeFault


class FeederFault(NodeFault):
    """What the feeder was told cannot be meant. Nothing was reported."""

    NUMBERS: ClassVar[dict[str, int]] = {
        "feeder_configuration": 1580,
        "feeder_recording": 1581,
    }
    EXIT_CODE: ClassVar[int] = 2
