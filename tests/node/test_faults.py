import json
import os
import re
from pathlib import Path
from typing import ClassVar

from node.agents.fault import AgentFault
from node.agents.feeder.fault import FeederFault
from node.config import ConfigurationFault
from node.consensus.vote_log import VoteLogFatal, VoteLogFault
from node.dev.fault import DevFault
from node.faults import NodeFault
from node.history.fault import HistoryFault
from node.keystore.fault import KeystoreFault
from node.reports.fault import ReportFault
from node.rooms.opening import StartFault
from node.rpc.web.server import CannotServe
from node.state_store import HeightAhead, HeightPruned, RecoveryRefused
from node.storage.fault import StorageFault

TESTS = Path(__file__).resolve().parents[1]
GOLDEN = TESTS / "goldens" / "node_faults.json"
PAGE = TESTS.parent / "docs" / "specs" / "faults.md"
FAULTS = (
    StartFault,
    ConfigurationFault,
    KeystoreFault,
    StorageFault,
    RecoveryRefused,
    HeightPruned,
    HeightAhead,
    VoteLogFault,
    VoteLogFatal,
    DevFault,
    ReportFault,
    FeederFault,
    AgentFault,
    CannotServe,
    HistoryFault,
)


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


def test_numbers_are_those_of_the_golden() -> None:
    told = {slug: number for kind in FAULTS for slug, number in kind.NUMBERS.items()}

    if os.environ.get("NOVATION_GOLDENS") == "write":
        GOLDEN.write_text(json.dumps(told, indent=1) + "\n")
    assert json.loads(GOLDEN.read_text()) == told
    assert len(told) == len(set(told.values()))


def test_page_lists_every_fault_with_its_exit_code() -> None:
    listed = re.findall(r"^\| (\d+) \| (\w+) \|.*\| (\d) \|$", PAGE.read_text(), re.MULTILINE)

    declared = [
        (str(number), slug, str(kind.EXIT_CODE))
        for kind in FAULTS
        for slug, number in kind.NUMBERS.items()
    ]

    assert sorted(declared) == sorted(listed)
