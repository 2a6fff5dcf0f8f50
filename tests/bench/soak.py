"""Run a network under a steady load and see whether anything grows that should not.

    python -m tests.bench.soak --minutes 20 [--rate 20]

Looks at every process twice a minute: memory, open files, threads, disk.  At the end it prints
what each grew by from the first half to the second, a minute: memory and files of a sound node
level off, disk grows by what its blocks hold.  LevelDB keeps what is written in memory until it
has `storage.write_buffer_bytes` of it, twice that while it writes it out: memory grows by it at
first, and by 4 MiB until the verdicts of 20,000 signatures are there.
"""

import argparse
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import trio

from tests.bench.network import Running, running
from tests.bench.wire.payer import pay

LOOK_EVERY_S = 30
SIGNERS_COUNT = 20
MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Look:
    """What the largest of the processes holds at one time."""

    at_s: float
    height: int
    memory_mib: float
    own_mib: float
    files: int
    threads: int
    disk_mib: float

    def line(self) -> str:
        """Return the look as a row of a table."""
        return (
            f"| {self.at_s / 60:.1f} | {self.height} | {self.memory_mib:.1f} | {self.own_mib:.1f} "
            f"| {self.files} | {self.threads} | {self.disk_mib:.1f} |"
        )


HEAD = (
    "| minute | height | memory, MiB | own, not of files | files | threads | disk, MiB |\n"
    "|---|---|---|---|---|---|---|"
)


def status_of(pid: int) -> dict[str, str]:
    """Return what the system says of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def bytes_under(folder: Path) -> int:
    """Return the size of all files below a folder; one that goes meanwhile counts nothing."""
    sizes = 0
    for file in folder.rglob("*"):
        try:
            sizes += file.stat().st_size if file.is_file() else 0
        except FileNotFoundError:
            continue
    return sizes


def look(one: Running, start_s: float) -> Look:
    """Look at all processes and return the largest figure of each kind."""
    folders = [one.network.folder_of(place) for place in one.network.nodes]
    pids = [int((folder / "pid").read_text().split()[0]) for folder in folders]
    return Look(
        at_s=time.monotonic() - start_s,
        height=int(one.call(0, "chain_getStatus")["height"]),
        memory_mib=max(one.resident_bytes()) / MEBIBYTE,
        own_mib=max(int(status_of(pid)["RssAnon"].split()[0]) for pid in pids) / 1024,
        files=max(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in pids),
        threads=max(int(status_of(pid)["Threads"]) for pid in pids),
        disk_mib=max(map(bytes_under, folders)) / MEBIBYTE,
    )


def looks(one: Running, minutes: float, rate_per_s: int) -> Iterator[Look]:
    """Pay at the rate and give a look after each round, until the time is up."""
    start_s = time.monotonic()
    ports = [int(place.rpc.rpartition(":")[2]) for place in one.network.nodes]
    each = max(1, LOOK_EVERY_S * rate_per_s // SIGNERS_COUNT)
    sequence = 0
    while time.monotonic() - start_s < minutes * 60:
        trio.run(pay, ports, one.transfers(each, sequence), rate_per_s)
        sequence += each
        yield look(one, start_s)


def growth(seen: list[Look]) -> str:
    """Return what each figure grew by a minute from the first half to the second."""
    middle = len(seen) // 2
    halves = seen[:middle], seen[middle:]
    apart_s = statistics.mean(one.at_s for one in halves[1]) - statistics.mean(
        one.at_s for one in halves[0]
    )
    told = []
    for name in ("memory_mib", "own_mib", "files", "threads", "disk_mib"):
        before, after = (statistics.median(getattr(one, name) for one in half) for half in halves)
        told.append(f"{name} {(after - before) / apart_s * 60:+.3f}")
    return "a minute: " + ", ".join(told)


def main() -> None:
    """Print a look twice a minute, and the growth at the end."""
    parser = argparse.ArgumentParser(description="Run a network under load, look what grows.")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--rate", type=int, default=20, help="transfers a second")
    asked = parser.parse_args()
    seen: list[Look] = []
    with running(signers=SIGNERS_COUNT) as one:
        print(HEAD, flush=True)
        for now in looks(one, asked.minutes, asked.rate):
            seen.append(now)
            print(now.line(), flush=True)
    if len(seen) > 1:
        print(growth(seen))


if __name__ == "__main__":
    main()
