"""Start and stop the programs around the nodes of a network: a price feeder for each authority.

A node does not need its feeder and a feeder waits for its node, so neither is told of the other.

Source: docs/specs/feeder.md, FEEDER-050 to FEEDER-052.
"""

from collections.abc import Iterable
from pathlib import Path

from node.devnet import processes
from node.folder import DataFolder

FEEDER_MODULE = "node.agents.feeder"
FEEDER_CONSOLE = "feeder-console.log"


def start(folders: Iterable[Path]) -> list[int]:
    """Start the feeder of each folder that has settings for one and none running."""
    return [
        processes.start(folder, FEEDER_MODULE, FEEDER_CONSOLE).pid
        for folder in folders
        if DataFolder(folder).feeder.is_file() and not processes.pids_of(folder, FEEDER_MODULE)
    ]


def stop(folders: Iterable[Path]) -> list[int]:
    """End the feeders of these folders, and return the pids that had to be killed."""
    return processes.end(
        [pid for folder in folders for pid in processes.pids_of(folder, FEEDER_MODULE)]
    )
