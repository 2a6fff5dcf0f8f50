"""Strike doors for as long as asked: `python -m tests.fuzz.run --runs 1000000 [DOOR ...]`.

Each door is a process of its own: the fuzzer ends with it. Inputs that reach new code are kept in
.fuzz/DOOR, and the fewest that reach all lines of it go to tests/fuzz/corpus with `--keep`.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence

from tests.fuzz.door import FOUND, corpus_of, keep
from tests.fuzz.doors import DOORS
from tests.fuzz.reached import kept_of
from tests.inline import threads_work_at_once

KEPT_MAX_BYTES = 2048


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the doors that were named, or all, and return 1 when one of them gave way."""
    parser = argparse.ArgumentParser(description="Strike doors with made-up bytes.")
    parser.add_argument("doors", nargs="*", metavar="DOOR", help=", ".join(DOORS))
    parser.add_argument("--runs", type=int, default=20_000, help="inputs a door")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="write the corpus of each door anew")
    asked = parser.parse_args(arguments)
    broken = []
    for name in asked.doors or DOORS:
        words = [sys.executable, "-m", "tests.fuzz.strike", name, str(asked.runs), str(asked.seed)]
        FOUND.mkdir(exist_ok=True)
        log = FOUND / f"{name}.log"
        with log.open("wb") as told:
            code = subprocess.run(words, stderr=told, check=False).returncode
        if code:
            broken.append(name)
            print(f"{name} gave way; the input and the reason are in {log}", flush=True)
        elif asked.keep:
            _keep(name)
    return 1 if broken else 0


def _keep(name: str) -> None:
    """Keep the fewest of what was found, now and before, that reach what the seeds do not."""
    door = DOORS[name]
    threads_work_at_once()
    found = [path.read_bytes() for path in sorted((FOUND / name).glob("[!s]*"))]
    short = [data for data in (*corpus_of(name), *found) if len(data) <= KEPT_MAX_BYTES]
    seeds = [data[: door.input_max_bytes] for data in door.seeds()]
    keep(name, kept_of(door.strike, seeds, short))


if __name__ == "__main__":
    sys.exit(main())
