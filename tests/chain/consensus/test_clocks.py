"""SIMPLEX-042: an own bad clock is told of, and nothing follows from it."""

from chain.consensus.effects import Alarm
from chain.consensus.messages import Status
from tests.simulation.bench import Bench, of_kind


def status(bench: Bench, ahead_ms: int) -> Status:
    return Status(
        epoch=0, view=1, final_height=0, final_id=bytes(32), time_ms=bench.wall_ms + ahead_ms
    )


def test_alarm_when_the_median_of_a_quorum_is_more_than_300_ms_away() -> None:
    bench = Bench()

    first = bench.hear(1, status(bench, 301))
    second = bench.hear(2, status(bench, 5_000))
    third = bench.hear(3, status(bench, 301))

    assert [] == of_kind(first, Alarm)
    assert [Alarm("clock_apart", (("offset_ms", -301),))] == of_kind(second, Alarm)
    assert [] == of_kind(third, Alarm)
    assert -301 == bench.core.status().clock_offset_ms


def test_one_liar_moves_no_median() -> None:
    bench = Bench()

    effects = bench.hear(1, status(bench, -(10**12)))
    effects += bench.hear(2, status(bench, 10))
    effects += bench.hear(3, status(bench, -20))

    assert [] == of_kind(effects, Alarm)


def test_half_a_round_trip_is_added_and_followers_are_not_asked() -> None:
    bench = Bench()
    for peer in (1, 2):
        bench.note(bench.core.peer_round_trip(bench.now_ms, bench.wall_ms, peer, 400))
        bench.hear(peer, status(bench, -200))
    bench.note(bench.core.peer_up(bench.now_ms, bench.wall_ms, 9, b"\x09" * 32))

    bench.hear(9, status(bench, 10**9))

    assert 0 == bench.core.status().clock_offset_ms
