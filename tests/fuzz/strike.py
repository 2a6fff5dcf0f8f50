"""Strike one door, with coverage as the guide: `python -m tests.fuzz.strike DOOR RUNS SEED`."""

import os
import sys
import time
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["chain", "derivatives", "node", "p2p"]):
    from tests.fuzz.doors import DOORS

from tests.fuzz.door import FOUND, Door, corpus_of
from tests.inline import threads_work_at_once


def strike_for_ever(door: Door, runs: int, seed: int) -> None:
    """Fuzz one door; the process ends when the runs are done or something gave way."""
    folder = FOUND / door.name
    folder.mkdir(parents=True, exist_ok=True)
    for place, data in enumerate([*door.seeds(), *corpus_of(door.name)]):
        (folder / f"seed-{place}").write_bytes(data[: door.input_max_bytes])
    threads_work_at_once()
    count, began_s, memory_kib, files = 0, time.process_time(), 0, 0

    def strike(data: bytes) -> None:
        nonlocal count, memory_kib, files
        count += 1
        door.strike(data)
        if count == runs // 5:
            memory_kib, files = _memory_kib(), _open_file_count()
        if count >= runs:
            door.unharmed()
            grown_kib = _memory_kib() - memory_kib
            more_files = _open_file_count() - files
            assert more_files <= 0, f"{more_files} more files are open"
            print(
                f"{door.name}: {count} inputs, {time.process_time() - began_s:.0f} CPU s,"
                f" memory grew by {grown_kib} KiB over the last four fifths",
                flush=True,
            )
            os._exit(0)

    words = [sys.argv[0], str(folder), f"-seed={seed}", f"-max_len={door.input_max_bytes}"]
    atheris.Setup([*words, "-verbosity=0", f"-artifact_prefix={FOUND}/{door.name}-"], strike)
    atheris.Fuzz()


def _memory_kib() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


def _open_file_count() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


if __name__ == "__main__":
    strike_for_ever(DOORS[sys.argv[1]], int(sys.argv[2]), int(sys.argv[3]))
