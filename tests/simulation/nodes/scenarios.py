"""Situations that broke whole nodes once, or would break careless ones; each raises when it does.

A scenario is a function, so that it can be run against the real code and against a mutant.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from chain.modules.authorities.state import OFFENCES
from tests.simulation.nodes.liars import FOLLOWERS_SINS, SINS
from tests.simulation.nodes.liars.forges_signatures import ForgesSignatures
from tests.simulation.nodes.liars.liar import Liar
from tests.simulation.nodes.loop import SECOND_US
from tests.simulation.nodes.machine import Machine, Pace
from tests.simulation.nodes.world import World


@contextmanager
def world_of(
    count: int,
    *,
    seed: int = 1,
    sins: dict[int, list[Any]] | None = None,
    lying_followers: int = 0,
    followers: int = 0,
    per_second: int = 5,
    **pace: int,
) -> Iterator[World]:
    """Give a running world: honest machines but for those with sins, and customers."""
    world = World(seed, count, **pace)
    world.judge.faulty = dict.fromkeys(sins or {})
    for number in range(count):
        own = (sins or {}).get(number)
        name = (number, 0)
        world.add(Machine(world, name, number) if own is None else Liar(world, name, number, own))
    for number in range(count, count + lying_followers):
        world.judge.faulty[number] = None
        lies = [SINS[sin]() for sin in FOLLOWERS_SINS]
        world.add(Liar(world, (number, 0), number, lies, kind="follower"))
    for number in range(count + lying_followers, count + lying_followers + followers):
        world.add(Machine(world, (number, 0), number, kind="follower"))
    with world.running():
        for machine in world.machines.values():
            machine.start()
        world.traffic.begin(per_second)
        yield world
        assert [] == world.judge.violations, world.story()
        for machine in world.honest():
            if machine.services is not None:
                world.judge.look_at_books(machine)
        assert [] == world.judge.violations


def grows(world: World, blocks: int, within_s: int) -> None:
    """Demand that every honest machine gains so many blocks in time."""
    goal = world.judge.height + blocks
    honest = world.honest()
    reached = world.run(
        world.loop.time_us + within_s * SECOND_US,
        lambda: all(machine.height >= goal for machine in honest),
    )
    assert reached, (world.judge.violations, world.standing(), world.story(40))


def a_block_copy_with_forged_signatures() -> None:
    """Scenario 10: who knows a transaction's id to be genuine must not take other bytes for it.

    Then one is wiped and syncs: what it fetches must be genuine to one who has never seen it.
    """
    sin = ForgesSignatures()
    with world_of(4, sins={1: [sin]}, per_second=20) as world:
        world.run(15 * SECOND_US)
        assert sin.forged_count > 2
        wiped = world.machines[3, 0]
        wiped.kill()
        wiped.disk.wipe_rows()
        world.judge.wiped(wiped)
        wiped.start()
        grows(world, 3, 20)


def a_store_that_fails_while_catching_up() -> None:
    """A node whose disk fills up while a range waits for it ends, and says why; then it goes on."""
    with world_of(4) as world:
        world.repairs_allowed = True
        machine = world.machines[3, 0]
        world.run(20 * SECOND_US)
        machine.kill()
        machine.disk.wipe_rows()
        world.judge.wiped(machine)
        machine.pace = Pace(sync_us=30_000)
        machine.start()
        assert world.run(world.loop.time_us + 10 * SECOND_US, lambda: machine.services is not None)
        machine.disk.full = True
        ended = world.run(world.loop.time_us + 20 * SECOND_US, lambda: not machine.alive)
        assert ended, world.standing()
        grows(world, 3, 20)


def wiped_nodes_and_lying_servers() -> None:
    """One after the other loses its chain, while one of four and two followers serve lies.

    An authority's vote log brings back what it voted on; a follower has to ask for everything.
    """
    lies = [SINS["serves wrong"](), SINS["forges proofs"]()]
    with world_of(4, sins={0: lies}, lying_followers=2, followers=1) as world:
        world.run(15 * SECOND_US)
        for number in (1, 2, 3, 6, 6, 6):
            machine = world.machines[number, 0]
            machine.kill()
            machine.disk.wipe_rows()
            world.judge.wiped(machine)
            machine.start()
            grows(world, 3, 40)


def a_twelve_of_lying_followers() -> None:
    """Scenario 14: followers that lie to everybody take nothing from those who vote."""
    with world_of(4, lying_followers=12) as world:
        world.run(10 * SECOND_US)
        before = world.judge.height
        world.run(world.loop.time_us + 10 * SECOND_US)
        assert world.judge.height >= before + 18, (before, world.judge.height)


def an_equivocator_goes_on_record_once() -> None:
    """Scenario 20: evidence reaches a block, once, at 4 and at 10; nobody honest is accused."""
    for count in (4, 10):
        sins = [SINS["equivocates"](), SINS["signs everything"]()]
        with world_of(count, sins={1: sins}) as world:
            world.run(15 * SECOND_US)
            liar = world.machines[1, 0]
            assert liar.key is not None
            for machine in world.honest():
                assert machine.services is not None
                tables = machine.services.state_store.tables
                assert [liar.key.public_key] == tables.keys_of(OFFENCES), machine.label
            grows(world, 3, 20)


def everybody_loses_power_in_the_middle_of_a_write() -> None:
    """Scenario 18 for all at once, again and again: any pages that were not synced are gone."""
    with world_of(4, per_second=20) as world:
        for _ in range(25):
            world.run(world.loop.time_us + world.rng.randrange(600_000, 2 * SECOND_US))
            for machine in world.machines.values():
                machine.disk.cut_at_count = machine.disk.calls_count + world.rng.randint(1, 3)
            world.run(world.loop.time_us + SECOND_US)
            for machine in world.machines.values():
                machine.power_cut()
                machine.start()
        grows(world, 5, 30)


def a_log_that_is_older_than_its_votes() -> None:
    """An old copy of everything is put back: the node sees votes it does not know, and stops."""
    with world_of(4) as world:
        world.run(3 * SECOND_US)
        machine = world.machines[2, 0]
        backup = machine.disk.backup()
        world.run(6 * SECOND_US)
        machine.kill()
        # The others hold its votes of a view that is not final when it comes back.
        for other in (0, 1):
            world.machines[other, 0].kill()
        machine.disk.restore(backup)
        world.judge.wiped(machine)
        for other in (0, 1):
            world.machines[other, 0].start()
        machine.start()
        grows(world, 3, 30)


SCENARIOS: dict[str, Callable[[], None]] = {
    scenario.__name__: scenario
    for scenario in (
        a_block_copy_with_forged_signatures,
        a_store_that_fails_while_catching_up,
        wiped_nodes_and_lying_servers,
        a_twelve_of_lying_followers,
        an_equivocator_goes_on_record_once,
        everybody_loses_power_in_the_middle_of_a_write,
        a_log_that_is_older_than_its_votes,
    )
}
