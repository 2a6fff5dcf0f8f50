"""NODE-060: a disk that is nearly full stops votes, and only votes, until there is room."""

from node.clock import Clock
from node.consensus.alarms import Alarms
from node.consensus.watch import DiskWatch


class Ear:
    def __init__(self) -> None:
        self.held: list[str] = []

    def hold_signing(self, why: str) -> None:
        self.held.append(why)


class Platter:
    def __init__(self, free: list[int]) -> None:
        self.free = free

    def free_bytes(self) -> int:
        return self.free[-1]


def watch_of(free: list[int], floor_bytes: int = 100) -> tuple[DiskWatch, Ear, Alarms]:
    ear, alarms = Ear(), Alarms(Clock())
    watch = DiskWatch(Platter(free), floor_bytes, ear, alarms)  # type: ignore[arg-type]
    return watch, ear, alarms


def test_a_disk_with_room_holds_nothing_back() -> None:
    watch, ear, _ = watch_of([100])

    watch.look()

    assert ("", []) == (watch.why, ear.held)


def test_below_the_floor_votes_are_held_back_and_an_alarm_is_told() -> None:
    watch, ear, alarms = watch_of([99])

    watch.look()
    watch.look()

    assert ["99 bytes are free where 100 are needed"] == ear.held
    assert 1 == len(alarms.kept())


def test_votes_go_on_when_there_is_room_again() -> None:
    free = [99]
    watch, ear, _ = watch_of(free)
    watch.look()

    free.append(100)
    watch.look()

    assert ["99 bytes are free where 100 are needed", ""] == ear.held
    assert "" == watch.why
