"""NODE-044: an operator hears of each thing once a minute, and finds it in the status."""

import trio
import trio.testing

from node.clock import TrioClock
from node.consensus.alarms import KEPT_COUNT, Alarms


async def test_an_alarm_is_kept_with_its_facts(autojump_clock: trio.testing.MockClock) -> None:
    alarms = Alarms(TrioClock(0))

    alarms.sound("disk_low", free_bytes=7)

    assert ("disk_low free_bytes=7",) == alarms.kept()


async def test_the_same_alarm_is_quiet_for_a_minute(
    autojump_clock: trio.testing.MockClock,
) -> None:
    alarms = Alarms(TrioClock(0))
    for _ in range(3):
        alarms.sound("disk_low", free_bytes=7)
        await trio.sleep(10)
    within_count = len(alarms.kept())

    await trio.sleep(60)
    alarms.sound("disk_low", free_bytes=6)

    assert (1, 2) == (within_count, len(alarms.kept()))


async def test_only_the_newest_are_kept(autojump_clock: trio.testing.MockClock) -> None:
    alarms = Alarms(TrioClock(0))

    for number in range(KEPT_COUNT + 3):
        alarms.sound(f"alarm{number}")

    assert KEPT_COUNT == len(alarms.kept())
    assert "alarm3" == alarms.kept()[0]
