"""How long until blocks flow again, after more nodes than may be missing were away and came back.

Away means without power: they start on what their disks hold. Those that stayed cannot do anything
meanwhile but ask; what they ask, and how fast they go on, must not depend on how long it was. A day
of asking costs minutes of CPU, so they may be paused for the rest of it, as a machine is that
sleeps: their clocks have moved when they go on, and everything is due at once.

    python -m tests.simulation.nodes.recovery --away 86400 --awake 600 --seeds 0:50
"""

import argparse
from random import Random

from tests.simulation.nodes.loop import SECOND_US
from tests.simulation.nodes.scenarios import world_of

WARM_US = 4 * SECOND_US
WITHIN_US = 120 * SECOND_US


def recovery_ms(seed: int, away_s: int, awake_s: int | None = None) -> int:
    """Return how long after the last of them started everybody had a new final block.

    Those that stay are awake for `awake_s` seconds, and paused for what is left; None never are.
    """
    rng = Random(seed)
    count = rng.choice((4, 4, 7))
    with world_of(count, seed=seed, per_second=2) as world:
        faults = world.wires.faults
        faults.delay_us, faults.shortest_ppm = rng.choice((5_000, 40_000, 80_000)), 300_000
        world.run(WARM_US + rng.randrange(SECOND_US))
        gone = rng.sample(list(world.machines.values()), (count - 1) // 3 + 1)
        for machine in gone:
            machine.power_cut()
        # The others find nobody to hand anything to; nothing new is signed by customers.
        world.traffic.end()
        awake_s = away_s if awake_s is None else min(away_s, awake_s)
        world.run(world.loop.time_us + awake_s * SECOND_US)
        world.loop.pause((away_s - awake_s) * SECOND_US)
        before = world.judge.height
        for machine in gone:
            machine.start()
        began_us = world.loop.time_us
        reached = world.run(
            began_us + WITHIN_US,
            lambda: all(machine.height > before for machine in world.machines.values()),
        )
        assert reached, world.standing()
        return (world.loop.time_us - began_us) // 1_000


def main() -> None:
    """Print how long it took after an absence of this length, seed by seed."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--away", type=int, default=600, help="seconds")
    parser.add_argument("--awake", type=int, help="seconds of it; those that stay then sleep")
    parser.add_argument("--seeds", default="0:10", help="FROM:TO")
    given = parser.parse_args()
    first, _, end = given.seeds.partition(":")
    took_ms: list[int] = []
    for seed in range(int(first), int(end)):
        took_ms.append(recovery_ms(seed, given.away, given.awake))
        print(f"seed {seed}: away {given.away} s, {took_ms[-1]} ms", flush=True)
    took_ms.sort()
    middle, last = took_ms[len(took_ms) // 2], took_ms[len(took_ms) * 99 // 100]
    print(f"{len(took_ms)} runs: median {middle} ms, 99 % {last} ms, longest {took_ms[-1]} ms")


if __name__ == "__main__":
    main()
