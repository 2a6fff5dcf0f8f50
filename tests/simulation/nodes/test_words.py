"""The words of the simulation mean what trio's mean, and a process ends where it stands."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from tests.simulation.nodes.loop import SECOND_US, Cancelled, Loop, Process, Task
from tests.simulation.nodes.words import Words


class Bench:
    """A loop with one process, and what its first task came to."""

    def __init__(self, seed: int = 1) -> None:
        self.loop = Loop(Random(seed))
        self.words = Words(self.loop, lambda task, call: 1_000)
        self.process = Process(self.loop, "one")
        self.log: list[Any] = []
        self.faults: list[BaseException | None] = []

    def run(self, first: Callable[[], Any], seconds: int = 100) -> list[Any]:
        def ended(task: Task, fault: BaseException | None) -> None:
            self.faults.append(fault)

        self.process.begin(first(), None, ended)
        self.loop.run(seconds * SECOND_US)
        return self.log


def test_what_falls_due_in_a_pause_happens_at_its_end_in_its_order() -> None:
    bench = Bench()

    async def wait(seconds: int) -> None:
        await bench.words.sleep(seconds)
        bench.log.append((seconds, bench.words.current_time()))

    for seconds in (20, 5, 7):
        bench.process.begin(wait(seconds), None, lambda task, fault: None)
    bench.loop.run(SECOND_US)
    bench.loop.pause(9 * SECOND_US)
    bench.loop.run(30 * SECOND_US)

    assert [(5, 10.0), (7, 10.0), (20, 20.0)] == bench.log


def test_sleep_takes_its_time_and_a_scope_ends_it() -> None:
    bench = Bench()

    async def first() -> None:
        await bench.words.sleep(2)
        bench.log.append(bench.words.current_time())
        with bench.words.move_on_after(1) as scope:
            await bench.words.sleep_forever()
        bench.log.append((bench.words.current_time(), scope.cancel_called))

    assert [2.0, (3.0, True)] == bench.run(first)


def test_a_nursery_ends_after_its_tasks_and_tells_their_fault() -> None:
    bench = Bench()

    async def fails() -> None:
        await bench.words.sleep(1)
        raise ValueError("one")

    async def waits() -> None:
        try:
            await bench.words.sleep_forever()
        except Cancelled:
            bench.log.append(("cancelled", bench.words.current_time()))
            raise

    async def first() -> None:
        async with bench.words.open_nursery() as nursery:
            nursery.start_soon(waits)
            nursery.start_soon(fails)

    bench.run(first)

    assert [("cancelled", 1.0)] == bench.log
    assert ["ValueError('one')"] == [repr(fault) for fault in bench.faults]


def test_a_shield_keeps_cancellation_out_until_it_is_left() -> None:
    bench = Bench()

    async def first() -> None:
        with bench.words.move_on_after(1):
            with bench.words.CancelScope(shield=True):
                await bench.words.sleep(5)
            bench.log.append(bench.words.current_time())
            await bench.words.checkpoint()
            bench.log.append("never")

    assert [5.0] == bench.run(first)


def test_start_waits_until_a_task_says_so() -> None:
    bench = Bench()

    async def serves(*, task_status: Any) -> None:
        await bench.words.sleep(1)
        task_status.started("ready")
        await bench.words.sleep_forever()

    async def first() -> None:
        async with bench.words.open_nursery() as nursery:
            bench.log.append((await nursery.start(serves), bench.words.current_time()))
            nursery.cancel_scope.cancel()

    assert [("ready", 1.0)] == bench.run(first)
    assert [None] == bench.faults


def test_a_lock_is_held_by_one_in_the_order_of_asking() -> None:
    bench = Bench()
    lock = bench.words.Lock()

    async def holds(name: str, pause_s: float) -> None:
        await bench.words.sleep(pause_s)
        async with lock:
            bench.log.append((name, bench.words.current_time()))
            await bench.words.sleep(1)

    async def first() -> None:
        async with bench.words.open_nursery() as nursery:
            for name, pause_s in (("a", 0.1), ("b", 0.2), ("c", 0.3)):
                nursery.start_soon(holds, name, pause_s)

    assert [("a", 0.1), ("b", 1.1), ("c", 2.1)] == bench.run(first)


def test_a_killed_process_runs_nothing_more() -> None:
    bench = Bench()

    async def first() -> None:
        try:
            await bench.words.sleep(5)
        finally:
            bench.log.append("closed")
        bench.log.append("never")

    bench.loop.at(SECOND_US, bench.process.kill)

    assert ["closed"] == bench.run(first)
    assert [] == bench.faults


@pytest.mark.parametrize("seed", [1, 2])
def test_a_thread_takes_time_and_its_fault_is_the_callers(seed: int) -> None:
    bench = Bench(seed)

    def call() -> None:
        raise OSError("disk")

    async def first() -> None:
        with pytest.raises(OSError, match="disk"):
            await bench.words.run_sync(call)
        bench.log.append(bench.loop.time_us)

    assert [1_000] == bench.run(first)


def test_tasks_that_can_run_are_shuffled_by_the_seed_alone() -> None:
    def order(seed: int) -> list[Any]:
        bench = Bench(seed)

        async def tells(number: int) -> None:
            bench.log.append(number)

        async def first() -> None:
            async with bench.words.open_nursery() as nursery:
                for number in range(8):
                    nursery.start_soon(tells, number)

        return bench.run(first)

    assert order(1) == order(1)
    assert order(1) != order(2)
