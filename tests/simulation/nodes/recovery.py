"""How long until blocks flow again, after more nodes than may be missing were away and came back.

Away means without power: they start on what their disks hold. Those that stayed cannot do anything
meanwhile but ask; what they ask, and how fast they go on, must not depend on how long it was.
"""

from random import Random

from tests.simulation.nodes.loop import SECOND_US
from tests.simulation.nodes.scenarios import world_of

WARM_US = 4 * SECOND_US
WITHIN_US = 120 * SECOND_US


def recovery_ms(seed: int, away_s: int) -> int:
    """Return how long after the last of them started everybody had a new final block."""
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
        world.run(world.loop.time_us + away_s * SECOND_US)
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
