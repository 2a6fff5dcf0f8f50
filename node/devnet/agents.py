"""Start and stop the programs around the nodes of a network: feeders, and agents that trade.

Each authority has a price feeder; a maker, an arbitrageur, a keeper and a quoter of options
belong to the network.
A node does not need them and they wait for their node, so neither is told of the other.

    DIR/auth0/feeder.toml          the feeder of an authority, in its node's folder
    DIR/agents/maker/maker.toml    an agent of the network, in a folder of its own

Source: docs/specs/feeder.md, FEEDER-050 to FEEDER-052; docs/specs/agents.md, AGT-090 to AGT-095.
"""

import signal
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from node.agents.known import AGENTS, Known
from node.agents.settings import text_of
from node.devnet import processes
from node.devnet.layout import AGENTS_FOLDER, KEYS_FOLDER, Network, Place
from node.folder import DataFolder, write_atomically

FEEDER = "feeder"
FEEDER_MODULE = "node.agents.feeder"


@dataclass(frozen=True)
class Program:
    """One program around the nodes: what people call it, what runs it, and where its files are."""

    name: str
    module: str
    folder: Path
    kind: str

    @property
    def told(self) -> Path:
        """The file without which it is not started."""
        return self.folder / f"{self.kind}.toml"

    @property
    def log(self) -> Path:
        """What operators read."""
        return self.folder / f"{self.kind}.log"

    @property
    def console_name(self) -> str:
        """What it says before it has a log."""
        return f"{self.kind}-console.log"

    @property
    def pids(self) -> list[int]:
        """The processes that run it: one, or none."""
        return processes.pids_of(self.folder, self.module)


def feeder_of(name: str, folder: Path) -> Program:
    """Return the price feeder of a node's folder."""
    return Program(f"{name}-{FEEDER}", FEEDER_MODULE, folder, FEEDER)


def programs_of(network: Network, places: Sequence[Place] | None = None) -> list[Program]:
    """Return the programs that a network has settings for; of these places alone: feeders."""
    feeders = [
        feeder_of(place.name, network.folder_of(place))
        for place in (network.nodes if places is None else places)
    ]
    traders = [
        Program(known.name, known.module, network.home / AGENTS_FOLDER / known.name, known.name)
        for known in (AGENTS.values() if places is None else ())
    ]
    return [program for program in (*feeders, *traders) if program.told.is_file()]


def program_named(network: Network, name: str | None) -> Program | None:
    """Return the program of this name, None where none is called so."""
    return next((one for one in programs_of(network) if one.name == name), None)


def start(programs: Iterable[Program]) -> list[int]:
    """Start each program that does not run yet, and return the pids of those started."""
    return [
        processes.start(program.folder, program.module, program.console_name).pid
        for program in programs
        if not program.pids
    ]


def stop(programs: Iterable[Program]) -> list[int]:
    """End these programs, and return the pids that had to be killed."""
    return processes.end([pid for program in programs for pid in program.pids])


def kill(program: Program) -> int | None:
    """End a program with SIGKILL and return its pid, None where it does not run."""
    pids = program.pids
    for pid in pids:
        processes.send(pid, signal.SIGKILL)
    processes.wait_until(
        lambda: not any(processes.is_alive(pid) for pid in pids), processes.STOP_GRACE_MS
    )
    return pids[0] if pids else None


def markets_of(known: Known, listed: Mapping[str, str]) -> dict[str, Any]:
    """Return how an agent trades what is listed: as usual, or like its underlying's perpetual.

    Empty where nothing is listed or nothing is known of its underlyings: the defaults stay.
    """
    form: Any = known.form()
    usual = getattr(form, "markets", ())
    like = {
        name: next(one for one in (name, f"{underlying}-PERP") if one in usual)
        for name, underlying in listed.items()
        if {name, f"{underlying}-PERP"} & set(usual)
    }
    if not like:
        return {}
    if not isinstance(usual, Mapping):
        return {"markets": tuple(like)}
    return {"markets": {name: usual[one] for name, one in like.items()}}


def write_settings(home: Path, places: Sequence[Place], listed: Mapping[str, str]) -> None:
    """Write the settings of every agent of a network, each asking another node first.

    `listed` are the instruments that they trade, with the underlying of each.
    """
    for number, known in enumerate(AGENTS.values()):
        folder = DataFolder(home / AGENTS_FOLDER / known.name)
        folder.root.mkdir(mode=0o700, parents=True)
        first = number % len(places)
        settings = known.form(
            nodes=tuple(place.rpc for place in (*places[first:], *places[:first])),
            account=known.name,
            keys=f"../../{KEYS_FOLDER}",
            **markets_of(known, listed),
        )
        title = f"{known.sentence} What each key means: docs/specs/agents.md."
        path = folder.root / known.file_name
        write_atomically(path, text_of(settings, title).encode(), mode=0o644)
