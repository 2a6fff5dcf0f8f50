"""Why a trading agent does not start. Source: docs/specs/agents.md, AGT-003."""

from typing import ClassVar

from node.faults import NodeFault


class AgentFault(NodeFault):
    """What the agent was told cannot be meant. Nothing was sent."""

    NUMBERS: ClassVar[dict[str, int]] = {"agent_configuration": 1582}
    EXIT_CODE: ClassVar[int] = 2
