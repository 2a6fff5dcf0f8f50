"""Run an agent until it is told to end, or until its settings file is gone.

Exit codes: 0 asked to end, 2 configuration, 7 key.

Source: docs/specs/agents.md, AGT-020 to AGT-026.
"""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from node.agents.known import AGENTS, Known
from node.agents.running import Running, keyring_of
from node.agents.settings import Settings, read_settings
from node.client.failures import Failure
from node.client.keyring import Keyring
from node.clock import Clock
from node.faults import NodeFault
from node.telemetry import logs

ENDING = (signal.SIGTERM, signal.SIGINT)


def main(name: str, arguments: Sequence[str] | None = None) -> int:
    """Run the agent of a folder and return the exit code."""
    known = AGENTS[name]
    parser = argparse.ArgumentParser(prog=known.module, description=known.sentence)
    parser.add_argument("--data", required=True, type=Path, help=f"holds {known.file_name}")
    folder = parser.parse_args(arguments).data.absolute()
    told = folder / known.file_name
    try:
        settings = read_settings(known.form, told, os.environ, {})
        logs.set_up(folder / f"{name}.log")
        run_agent(known, settings, keyring_of(settings, folder), told.exists)
    except NodeFault as fault:
        print(f"{fault.reason}: {fault}", file=sys.stderr)  # noqa: T201 -- perhaps there is no log
        return fault.exit_code
    except Failure as failure:
        print(f"{failure.kind.reason}: {failure.message}", file=sys.stderr)  # noqa: T201
        return failure.exit_code
    return 0


def run_agent(
    known: Known,
    settings: Settings,
    keyring: Keyring,
    goes_on: Callable[[], bool] = lambda: True,
) -> None:
    """Run an agent until SIGTERM or SIGINT, or until it is not to go on.

    Refuses: Failure, for an account that nobody here has a key of; KeystoreFault.
    """
    running = Running(known, settings, keyring, Clock())
    stop = threading.Event()
    for number in ENDING:
        signal.signal(number, lambda _number, _frame: stop.set())
    running.run_until(stop, goes_on)
