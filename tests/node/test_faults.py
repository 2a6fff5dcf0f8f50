from typing import ClassVar

from node.faults import NodeFault


class Example(NodeFault):
    NUMBERS: ClassVar[dict[str, int]] = {"example": 1599}
    EXIT_CODE: ClassVar[int] = 7


def test_fault_says_what_happened_what_did_not_and_what_to_do() -> None:
    fault = Example(
        "example", "It broke.", spared="Nothing was lost.", hint="Mend it.", at_height=3
    )

    said = str(fault)

    assert "It broke.\n  Nothing was lost.\n  Mend it." == said
    assert (1599, "node.example", 7) == (fault.code, fault.reason, fault.exit_code)
    assert {"at_height": 3} == fault.facts
