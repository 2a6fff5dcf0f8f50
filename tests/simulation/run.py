"""Run seeds: `python -m tests.simulation.run --seeds 0:1000`, or `--fresh 1000` for new ones.

A violation is printed with the command that replays it. Exit status 1 if there was any.
"""

import argparse
import secrets
import sys
import time
from multiprocessing import get_context

from tests.simulation.plan import Outcome, Plan


def run_seed(seed: int) -> Outcome:
    """Return what comes of one seed."""
    return Plan(seed).run()


def run_seeds(seeds: range | list[int], processes: int) -> list[Outcome]:
    """Return the outcomes of all seeds, in their order."""
    if processes == 1:
        return [run_seed(seed) for seed in seeds]
    with get_context("spawn").Pool(processes) as pool:
        return list(pool.imap(run_seed, seeds, chunksize=5))


def report(outcomes: list[Outcome], seconds: float) -> int:
    """Print what came out, and return how many seeds violated something."""
    bad = [outcome for outcome in outcomes if outcome.violation]
    for outcome in bad[:20]:
        print(f"seed {outcome.seed}: {outcome.violation[:600]}")
        print(f"  replay: python -m tests.simulation.run --seeds {outcome.seed}:{outcome.seed + 1}")
    recovered = sorted(outcome.recovery_ms for outcome in outcomes if not outcome.violation)
    events = sum(outcome.events for outcome in outcomes)
    blocks = sum(outcome.height for outcome in outcomes)
    crashes = sum(outcome.crashes for outcome in outcomes)
    print(
        f"{len(outcomes)} seeds, {len(bad)} violations, {blocks} blocks, {events} events,"
        f" {crashes} crashes, {seconds:.0f} s"
    )
    if recovered:
        middle, last = recovered[len(recovered) // 2], recovered[len(recovered) * 99 // 100]
        print(
            f"3 blocks more on every honest member after the faults:"
            f" median {middle} ms, 99 % {last} ms, longest {recovered[-1]} ms"
        )
    return len(bad)


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", help="FROM:TO, fixed seeds")
    parser.add_argument("--fresh", type=int, help="how many seeds never run before")
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    if given.fresh is not None:
        seeds: range | list[int] = [secrets.randbelow(2**48) for _ in range(given.fresh)]
    else:
        first, _, end = (given.seeds or "0:100").partition(":")
        seeds = range(int(first), int(end))
    started = time.monotonic()
    outcomes = run_seeds(seeds, given.processes)
    return 1 if report(outcomes, time.monotonic() - started) else 0


if __name__ == "__main__":
    sys.exit(main())
