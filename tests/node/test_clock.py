import trio
import trio.testing

from node.clock import Clock, TrioClock, VirtualClock, moment_of


def test_machine_clock_never_goes_back() -> None:
    clock = Clock()

    readings = [clock.monotonic_ms() for _ in range(1000)]

    assert sorted(readings) == readings


def test_machine_wall_is_after_2020() -> None:
    clock = Clock()

    wall_ms = clock.wall_ms()

    assert wall_ms > 1_577_836_800_000


def test_trio_clock_follows_the_loop() -> None:
    clock = TrioClock(wall_at_start_ms=1_000_000)

    async def jump() -> tuple[int, int]:
        before_ms = clock.monotonic_ms()
        wall_before_ms = clock.wall_ms()
        await trio.sleep(3600)
        return clock.monotonic_ms() - before_ms, clock.wall_ms() - wall_before_ms

    moved = trio.run(jump, clock=trio.testing.MockClock(autojump_threshold=0))

    assert (3_600_000, 3_600_000) == moved


def test_virtual_wall_moves_only_by_blocks_and_advances() -> None:
    clock = VirtualClock(10_000)

    walls = [clock.wall_ms(), clock.step(), clock.wall_ms(), clock.advance(86_400_000)]

    assert [10_000, 10_500, 10_500, 86_410_500] == walls


def test_virtual_wall_goes_back_to_a_snapshot() -> None:
    clock = VirtualClock(10_000)
    clock.advance(5_000)

    clock.restore(10_000)

    assert 10_000 == clock.wall_ms()


def test_a_moment_is_shown_in_utc_to_the_second() -> None:
    assert "1970-01-01 00:00:01" == moment_of(1_999)
