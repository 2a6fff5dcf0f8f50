"""CORE-003, CORE-004: effects in order, disk before links, and a core that is never waited for."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest
import trio
import trio.testing

from chain.block.vote import NULLIFY, Vote
from chain.consensus.effects import (
    EVERYONE,
    Alarm,
    BehindBy,
    Budget,
    Build,
    Charge,
    Effect,
    Execute,
    Finalized,
    Misdeed,
    Persist,
    Send,
    Serve,
    SetTimer,
    StopSigning,
    Traffic,
)
from chain.consensus.log import LogRecord, Place
from node.clock import Clock, TrioClock, VirtualClock
from node.consensus.alarms import Alarms
from node.consensus.driver import Driver
from node.consensus.outbound import Outbound
from node.consensus.vote_log import VoteLogFatal

VOTE = Vote(0, 1, NULLIFY, bytes(32), 0, bytes(64))
OTHER = Vote(0, 2, NULLIFY, bytes(32), 0, bytes(64))
BUILD = Build(1, 0, 1, 1, bytes(32), 500, Budget(1_000_000, empty=False))


class ScriptedCore:
    """Answers each input with the next effects of a script."""

    def __init__(self, *script: list[Effect], first: Iterable[Effect] = ()) -> None:
        self.script = list(script)
        self.first = list(first)
        self.heard: list[str] = []

    def start(self, now_ms: int, wall_ms: int) -> list[Effect]:
        return self.first

    def tick(self, now_ms: int, wall_ms: int, token: int) -> list[Effect]:
        return self.say(f"tick {token} at {now_ms}")

    def transactions_wait(self, now_ms: int, wall_ms: int, *, waiting: bool) -> list[Effect]:
        return self.say(f"wait {waiting} at {wall_ms}")

    def committed(self, now_ms: int, wall_ms: int, block_id: bytes) -> list[Effect]:
        return self.say(f"committed {block_id[0]}")

    def say(self, what: str) -> list[Effect]:
        self.heard.append(what)
        return self.script.pop(0) if self.script else []


@dataclass
class Stage:
    """Everything a driver does, in the order in which it did it."""

    done: list[str] = field(default_factory=list)
    fails: bool = False

    # the log
    def append(self, records: tuple[LogRecord, ...]) -> None:
        if self.fails:
            raise VoteLogFatal("vote_log_unwritable", "the disk is gone")
        self.done.append(f"synced {len(records)}")

    def forget(self, place: Place) -> None:
        self.done.append(f"forgot {place.view}")

    # the links
    def send(self, peer: str, kind: int, payload: bytes, traffic: int) -> bool:
        self.done.append(f"sent {kind} to {peer}")
        return True

    def broadcast(self, kind: int, payload: bytes, traffic: int) -> None:
        self.done.append(f"sent {kind}")

    # the work
    def build(self, order: Build) -> None:
        self.done.append("build")

    def execute(self, order: Execute) -> None:
        self.done.append("execute")

    def commit(self, order: Finalized) -> None:
        self.done.append("commit")

    def serve(self, order: Serve) -> None:
        self.done.append("serve")

    def catch_up(self, order: BehindBy) -> None:
        self.done.append(f"catch up to {order.height}")

    def charge(self, peer: str, misdeed: str) -> None:
        self.done.append(f"charge {peer} {misdeed}")

    def keep(self, evidence: object) -> None:
        self.done.append("keep")


def driver_of(core: ScriptedCore, stage: Stage, clock: Clock | None = None) -> Driver:
    outbound = Outbound()
    outbound.link = stage  # type: ignore[assignment]
    clock = clock or Clock()
    return Driver(
        core=core,  # type: ignore[arg-type]
        clock=clock,
        log=stage,
        outbound=outbound,
        worker=stage,
        alarms=Alarms(clock),
    )


async def after_inputs(driver: Driver, count: int = 1) -> None:
    async with trio.open_nursery() as nursery:
        await nursery.start(driver.run)
        for _ in range(count):
            driver.look_at_clock(waiting=True)
        for _ in range(200):
            await trio.sleep(0.001)
            if driver.core.heard and not driver.core.script:  # type: ignore[attr-defined]
                break
        nursery.cancel_scope.cancel()


async def test_nothing_is_sent_before_it_is_durable() -> None:
    stage = Stage()
    core = ScriptedCore([Persist((VOTE,)), Send(EVERYONE, VOTE, Traffic.VOTES)])

    await after_inputs(driver_of(core, stage))

    assert ["synced 1", "sent 1"] == stage.done


async def test_records_of_one_turn_are_one_frame() -> None:
    stage = Stage()
    core = ScriptedCore(
        [Persist((VOTE,)), Send(("a",), VOTE, Traffic.VOTES)],
        [Persist((OTHER,)), Send(("b",), OTHER, Traffic.VOTES)],
    )

    driver = driver_of(core, stage)
    for _ in range(2):
        driver.look_at_clock(waiting=True)

    await after_inputs(driver, count=0)

    assert ["synced 2", "sent 1 to a", "sent 1 to b"] == stage.done


async def test_what_comes_while_nothing_is_carried_out_is_done_in_that_call() -> None:
    stage = Stage()
    driver = driver_of(ScriptedCore([BUILD, Send(EVERYONE, VOTE, Traffic.VOTES)]), stage)

    async with trio.open_nursery() as nursery:
        await nursery.start(driver.run)
        driver.look_at_clock(waiting=True)
        done = list(stage.done)
        nursery.cancel_scope.cancel()

    assert ["build", "sent 1"] == done


async def test_what_comes_while_records_are_written_waits_for_the_turn_after() -> None:
    stage = Stage()
    sending = Send(EVERYONE, VOTE, Traffic.VOTES)
    core = ScriptedCore([Persist((VOTE,)), sending], [BUILD], [])
    driver = driver_of(core, stage)

    async with trio.open_nursery() as nursery:
        await nursery.start(driver.run)
        driver.look_at_clock(waiting=True)
        driver.look_at_clock(waiting=False)
        heard_at_once = len(core.heard)
        await driver.rest()
        nursery.cancel_scope.cancel()

    assert 1 == heard_at_once
    assert ["synced 1", "sent 1", "build"] == stage.done


async def test_a_turn_that_fails_ends_the_driver_and_not_who_gave_the_input() -> None:
    stage = Stage()
    core = ScriptedCore([])
    driver = driver_of(core, stage)

    def broken(core: object, now_ms: int, wall_ms: int) -> list[Effect]:
        raise AssertionError("a defect of the core")

    async def give() -> None:
        async with trio.open_nursery() as nursery:
            await nursery.start(driver.run)
            driver.put(broken)
            driver.look_at_clock(waiting=True)
            await trio.sleep_forever()

    with pytest.raises(ExceptionGroup) as failed:
        await give()

    assert failed.group_contains(AssertionError, match="a defect of the core")
    assert [] == core.heard


async def test_work_that_stays_inside_does_not_wait_for_the_disk() -> None:
    stage = Stage()
    core = ScriptedCore([Persist((VOTE,)), BUILD, Send(EVERYONE, VOTE, Traffic.VOTES)])

    await after_inputs(driver_of(core, stage))

    assert ["build", "synced 1", "sent 1"] == stage.done


async def test_what_becomes_final_is_committed_after_its_records_are_durable() -> None:
    stage = Stage()
    final = Finalized((bytes(32),), None)  # type: ignore[arg-type]
    core = ScriptedCore([Persist((VOTE,)), final])

    await after_inputs(driver_of(core, stage))

    assert ["synced 1", "commit"] == stage.done


async def test_a_frame_that_cannot_be_made_durable_ends_the_driver_and_nothing_is_sent() -> None:
    stage = Stage(fails=True)
    core = ScriptedCore([Persist((VOTE,)), Send(EVERYONE, VOTE, Traffic.VOTES)])

    with pytest.raises(ExceptionGroup) as failed:
        await after_inputs(driver_of(core, stage))

    assert failed.group_contains(VoteLogFatal)
    assert [] == stage.done


async def test_a_timer_ticks_once_with_its_token(autojump_clock: trio.testing.MockClock) -> None:
    core = ScriptedCore([], first=[SetTimer(7, 1_500)])
    driver = driver_of(core, Stage(), TrioClock(0))

    async with trio.open_nursery() as nursery:
        await nursery.start(driver.run)
        await trio.sleep(1.4)
        early = list(core.heard)
        await trio.sleep(10)
        nursery.cancel_scope.cancel()

    assert [] == early
    assert ["tick 7 at 1500"] == core.heard


class RushingClock(Clock):
    """Seven milliseconds pass each time it is read."""

    def __init__(self) -> None:
        self.read_count = 0

    def monotonic_ms(self) -> int:
        self.read_count += 7
        return self.read_count


class PromptCore(ScriptedCore):
    """Wants to be called again eight milliseconds after each tick."""

    def tick(self, now_ms: int, wall_ms: int, token: int) -> list[Effect]:
        super().tick(now_ms, wall_ms, token)
        return [SetTimer(token + 1, now_ms + 8)]


async def test_a_timer_that_falls_due_while_it_is_looked_at_ticks() -> None:
    core = PromptCore(first=[SetTimer(1, 8)])
    driver = driver_of(core, Stage(), RushingClock())

    async with trio.open_nursery() as nursery:
        await nursery.start(driver.run)
        with trio.fail_after(60):
            while len(core.heard) < 20:  # noqa: ASYNC110 -- it has no event
                await trio.sleep(0.001)
        nursery.cancel_scope.cancel()

    assert len(core.heard) >= 20


@pytest.mark.parametrize("at_ms", [5_000, 1_000])
async def test_a_new_timer_replaces_the_one_before_be_it_later_or_earlier(
    at_ms: int, autojump_clock: trio.testing.MockClock
) -> None:
    core = ScriptedCore([SetTimer(2, at_ms)], [], first=[SetTimer(1, 3_000)])
    driver = driver_of(core, Stage(), TrioClock(0))

    async with trio.open_nursery() as nursery:
        await nursery.start(driver.run)
        driver.look_at_clock(waiting=False)
        await trio.sleep(20)
        nursery.cancel_scope.cancel()

    assert ["wait False at 0", f"tick 2 at {at_ms}"] == core.heard


async def test_beside_a_virtual_wall_no_view_runs_out() -> None:
    core = ScriptedCore([], [], first=[SetTimer(1, 500)])
    clock = VirtualClock(1_000)
    driver = driver_of(core, Stage(), clock)

    async with trio.open_nursery() as nursery:
        await nursery.start(driver.run)
        clock.advance(3_600_000)
        driver.look_at_clock(waiting=True)
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()

    assert ["wait True at 3601000"] == core.heard


async def test_every_effect_reaches_the_one_who_does_it() -> None:
    stage = Stage()
    core = ScriptedCore(
        [
            Charge("p", Misdeed.BAD_SIGNATURE),
            BehindBy(9, None, None),
            Serve("p", 3),
            Alarm("clock_apart", (("offset_ms", 400),)),
            StopSigning("why"),
        ]
    )
    driver = driver_of(core, stage)

    await after_inputs(driver)

    assert ["charge p bad_signature", "catch up to 9", "serve"] == stage.done
    assert ("clock_apart offset_ms=400", "signing_stopped why=why") == driver._alarms.kept()


async def test_segments_are_forgotten_in_turn_with_writing() -> None:
    stage = Stage()
    driver = driver_of(ScriptedCore([]), stage)

    async with trio.open_nursery() as nursery:
        await nursery.start(driver.run)
        driver.forget(Place(0, 64))
        with trio.fail_after(60):
            while not stage.done:  # noqa: ASYNC110 -- it has no event
                await trio.sleep(0.001)
        nursery.cancel_scope.cancel()

    assert ["forgot 64"] == stage.done


async def test_who_reads_links_waits_while_the_inbox_is_full() -> None:
    driver = driver_of(ScriptedCore([]), Stage())
    for _ in range(600):
        driver.look_at_clock(waiting=True)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(driver.wait_room)
        await trio.testing.wait_all_tasks_blocked()
        waited = bool(nursery.child_tasks)
        await nursery.start(driver.run)
        with trio.fail_after(60):
            while len(nursery.child_tasks) > 1:  # noqa: ASYNC110 -- a task has no event
                await trio.sleep(0.001)
        nursery.cancel_scope.cancel()

    assert waited


async def test_committed_blocks_are_told_one_by_one() -> None:
    core = ScriptedCore([], [])
    driver = driver_of(core, Stage())
    driver.committed((bytes([1]) * 32, bytes([2]) * 32))

    await after_inputs(driver, count=0)

    assert ["committed 1", "committed 2"] == core.heard
