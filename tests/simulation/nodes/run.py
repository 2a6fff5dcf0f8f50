"""Run whole-node seeds: `python -m tests.simulation.nodes.run --seeds 0:100`, or `--fresh 100`.

A violation is printed with the command that replays it; `--story` prints what happened before it.
Exit status 1 if there was any.
"""

import argparse
import dataclasses
import gc
import secrets
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from multiprocessing import get_context

from tests.simulation.nodes.loop import SECOND_US
from tests.simulation.nodes.plan import Happened, Outcome, Plan
from tests.simulation.nodes.world import application

DAY_S = 86_400


@cache
def _set_apart() -> None:
    """Have what every world needs not walked after each."""
    application()
    gc.collect()
    gc.freeze()


def run_seed(seed: int, *, with_story: bool = False, long_s: int = 0) -> Outcome:
    """Return what comes of one seed; a fault of the simulation itself is a violation too."""
    with _collected_once():
        try:
            return Plan(seed, long_s).run(with_story=with_story)
        except Exception:  # noqa: BLE001 - the seed that did it must be told
            return Outcome(seed, traceback.format_exc(), 0, 0, 0, 0, "", Happened())


@contextmanager
def _collected_once() -> Iterator[None]:
    """Let a world grow without being walked, and take it away whole when it has ended."""
    _set_apart()
    is_collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if is_collecting:
            gc.enable()
        gc.collect()


def run_seeds(seeds: range | list[int], processes: int, long_s: int = 0) -> list[Outcome]:
    """Return the outcomes of all seeds, in their order."""
    run = partial(run_seed, long_s=long_s)
    if processes == 1:
        return [run(seed) for seed in seeds]
    with get_context("spawn").Pool(processes) as pool:
        return list(pool.imap(run, seeds, chunksize=2))


def totals(outcomes: list[Outcome]) -> dict[str, int]:
    """Return how often each thing happened over all seeds."""
    return {
        one.name: sum(getattr(outcome.happened, one.name) for outcome in outcomes)
        for one in dataclasses.fields(Happened)
    }


def report(outcomes: list[Outcome], seconds: float, long_s: int = 0) -> int:
    """Print what came out, and return how many seeds violated something."""
    bad = [outcome for outcome in outcomes if outcome.violation]
    for outcome in bad[:20]:
        lasts = f" --long {long_s}" if long_s else ""
        replay = f"--seeds {outcome.seed}:{outcome.seed + 1} --story{lasts}"
        print(f"seed {outcome.seed}: {outcome.violation[-1500:]}")
        print(f"  replay: python -m tests.simulation.nodes.run {replay}")
    days = sum(outcome.virtual_us for outcome in outcomes) / SECOND_US / DAY_S
    blocks = sum(outcome.height for outcome in outcomes)
    transactions = sum(outcome.transactions for outcome in outcomes)
    happened = ", ".join(f"{count} {name}" for name, count in totals(outcomes).items())
    print(
        f"{len(outcomes)} whole-node seeds, {len(bad)} violations, {days:.3f} virtual days,"
        f" {blocks} blocks, {transactions} transactions, {seconds:.0f} s\n{happened}"
    )
    recovered = sorted(outcome.recovery_ms for outcome in outcomes if not outcome.violation)
    if recovered:
        middle, last = recovered[len(recovered) // 2], recovered[len(recovered) * 99 // 100]
        print(
            f"3 blocks more on every honest node after the faults:"
            f" median {middle} ms, 99 % {last} ms, longest {recovered[-1]} ms"
        )
    return len(bad)


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", help="FROM:TO, fixed seeds")
    parser.add_argument("--fresh", type=int, help="how many seeds never run before")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--story", action="store_true", help="print what happened in each seed")
    parser.add_argument("--long", type=int, default=0, help="how many seconds faults last")
    given = parser.parse_args()
    if given.fresh is not None:
        seeds: range | list[int] = [secrets.randbelow(2**48) for _ in range(given.fresh)]
    else:
        first, _, end = (given.seeds or "0:100").partition(":")
        seeds = range(int(first), int(end))
    started = time.monotonic()
    if given.story:
        outcomes = [run_seed(seed, with_story=True, long_s=given.long) for seed in seeds]
        for outcome in outcomes:
            print(outcome.story)
    else:
        outcomes = run_seeds(seeds, given.processes, given.long)
    return 1 if report(outcomes, time.monotonic() - started, given.long) else 0


if __name__ == "__main__":
    sys.exit(main())
