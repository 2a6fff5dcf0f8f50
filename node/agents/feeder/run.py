"""Run a feeder until it is told to end, or until its folder is gone.

Exit codes: 0 asked to end · 2 configuration · 7 key.

Source: docs/specs/feeder.md, FEEDER-040, FEEDER-046.
"""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from derivatives.oracle.section import ROUND_MS
from node.agents.feeder.reporting import Reporting
from node.agents.feeder.settings import read_settings, source_of
from node.client.transport import Client
from node.clock import Clock
from node.faults import NodeFault
from node.folder import DataFolder
from node.keystore import passphrase
from node.keystore.key_file import read_key_file
from node.telemetry import logs

LOG_NAME = "feeder.log"
PATIENCE_MS = 2_000
SEEN_AFTER_MS = 20
"""A report is made just after a half second began: it is then the newest for the longest."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the feeder of a folder and return the exit code."""
    parser = argparse.ArgumentParser(prog="node.agents.feeder", description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, type=Path, help="the node's data folder")
    folder = DataFolder(parser.parse_args(arguments).data.absolute())
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    try:
        reporting = reporting_of(folder, Clock())
    except NodeFault as fault:
        print(f"{fault.reason}: {fault}", file=sys.stderr)  # noqa: T201 -- perhaps there is no log
        return fault.exit_code
    report_until(stop, reporting, folder.feeder, Clock())
    logs.log_of("feeder").info("feeder ended")
    return 0


def reporting_of(folder: DataFolder, clock: Clock) -> Reporting:
    """Return the feeder of a folder. Refuses: FeederFault, KeystoreFault."""
    settings = read_settings(folder.feeder)
    key_file = read_key_file(folder.root / settings.key)
    key_file.require_purpose("oracle")
    key = key_file.open(None if key_file.development else passphrase.passphrase_from(os.environ))
    source = source_of(settings, clock)
    logs.set_up(folder.root / LOG_NAME)
    return Reporting(key, Client(settings.node, PATIENCE_MS), source, clock)


def report_until(stop: threading.Event, reporting: Reporting, told: Path, clock: Clock) -> None:
    """Report once in each half second until stopped, or until the settings are gone."""
    while not stop.is_set() and told.exists():
        reporting.once()
        past_ms = (clock.wall_ms() - SEEN_AFTER_MS) % ROUND_MS
        stop.wait((ROUND_MS - past_ms) / 1000)
