"""Why a report of prices is not kept. Source: docs/specs/reports.md, REPORT-002."""

from typing import ClassVar

from node.faults import NodeFault


class ReportFault(NodeFault):
    """A report is none, is nobody's, or says nothing new. What was kept stays."""

    NUMBERS: ClassVar[dict[str, int]] = {
        "report_malformed": 1570,
        "report_elsewhere": 1571,
        "report_forged": 1572,
        "report_old": 1573,
        "report_untimely": 1574,
    }
    EXIT_CODE: ClassVar[int] = 4


OFFENCES = frozenset({"report_malformed", "report_forged"})
"""What no honest node passes on."""
