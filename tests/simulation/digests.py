"""Whether a seed is the same run whatever hashes are: `python -m tests.simulation.digests`.

Runs the same seeds in two processes that hash text and bytes differently, and compares a digest of
all that happened, seed by seed. Exit status 1 where two differ.
"""

import argparse
import os
import subprocess
import sys
from contextlib import ExitStack

from tests.programs import running

WORLDS = {
    "cores": "from tests.simulation.run import run_seed",
    "nodes": "from tests.simulation.nodes.run import run_seed",
}
HASH_SEEDS = ("1", "4242")
TELL = "; import sys; [print(run_seed(seed).digest) for seed in range(*map(int, sys.argv[1:]))]"


def differing(world: str, seeds: range) -> list[int]:
    """Return the seeds of a world whose digests differ between two processes."""
    words = [sys.executable, "-c", WORLDS[world] + TELL, str(seeds.start), str(seeds.stop)]
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                running(words, env={**os.environ, "PYTHONHASHSEED": seed}, stdout=subprocess.PIPE)
            )
            for seed in HASH_SEEDS
        ]
        told = [process.communicate()[0].split() for process in processes]
    for process, digests in zip(processes, told, strict=True):
        assert process.returncode == 0, f"{world}: a process ended with {process.returncode}"
        assert len(digests) == len(seeds), f"{world}: {len(digests)} digests"
    return [seed for seed, one, other in zip(seeds, *told, strict=True) if one != other]


def main() -> int:
    """Compare the seeds of both worlds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="0:100", help="FROM:TO")
    first, _, end = parser.parse_args().seeds.partition(":")
    seeds, failed = range(int(first), int(end)), False
    for world in WORLDS:
        differ = differing(world, seeds)
        failed = failed or bool(differ)
        found = f"differ: {differ}" if differ else "are the same run"
        print(f"{world}: {len(seeds)} seeds under {len(HASH_SEEDS)} orders of hashing {found}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
