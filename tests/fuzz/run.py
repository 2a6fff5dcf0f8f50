"""Strike doors for as long as asked: `python -m tests.fuzz.run --runs 1000000 [DOOR ...]`.

A share of the inputs is guided by coverage: those that reach new code are kept in .fuzz/DOOR, and
the fewest that reach all lines of it go to tests/fuzz/corpus with `--keep`.  The others are changes
of what is good so far, some ten times as fast.  Each is a process of its own, and ends with it.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from typing import IO

from tests.fuzz.door import FOUND, corpus_of, keep
from tests.fuzz.doors import DOORS
from tests.fuzz.reached import kept_of
from tests.inline import threads_work_at_once

KEPT_MAX_BYTES = 2048
GUIDED_PERCENT = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the doors that were named, or all, and return 1 when one of them gave way."""
    parser = argparse.ArgumentParser(description="Strike doors with made-up bytes.")
    parser.add_argument("doors", nargs="*", metavar="DOOR", help=", ".join(DOORS))
    parser.add_argument("--runs", type=int, default=20_000, help="inputs a door")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="write the corpus of each door anew")
    parser.add_argument("--guided-percent", type=int, default=GUIDED_PERCENT, metavar="PERCENT")
    asked = parser.parse_args(arguments)
    guided = asked.runs * asked.guided_percent // 100
    broken = []
    for name in asked.doors or DOORS:
        FOUND.mkdir(exist_ok=True)
        log = FOUND / f"{name}.log"
        with log.open("wb") as told:
            stands = all(
                _is_done(way, name, runs, asked.seed, told)
                for way, runs in (("strike", guided), ("volley", asked.runs - guided))
                if runs
            )
        if not stands:
            broken.append(name)
            print(f"{name} gave way; the input and the reason are in {log}", flush=True)
        elif asked.keep:
            _keep(name)
    return 1 if broken else 0


def _is_done(way: str, name: str, runs: int, seed: int, told: IO[bytes]) -> bool:
    """Strike in a process of its own, and return whether the door stands."""
    words = [sys.executable, "-m", f"tests.fuzz.{way}", name, str(runs), str(seed)]
    return not subprocess.run(words, stderr=told, check=False).returncode


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
