"""CORE-005: many deadlines, one timer."""

from chain.consensus.schedule import Deadline, Schedule


def test_due_deadlines_come_by_time_then_by_rank_and_once() -> None:
    schedule = Schedule()
    for deadline, at_ms in (
        (Deadline.STATUS, 10),
        (Deadline.NULLIFY, 20),
        (Deadline.FETCH, 10),
        (Deadline.BUILD, 30),
    ):
        schedule.put(deadline, at_ms)

    assert 10 == schedule.next_ms()
    assert [Deadline.FETCH, Deadline.STATUS, Deadline.NULLIFY] == schedule.take_due(25)
    assert [] == schedule.take_due(25)
    assert 30 == schedule.next_ms() == schedule.at_ms(Deadline.BUILD)


def test_a_deadline_moves_and_goes() -> None:
    schedule = Schedule()
    schedule.put(Deadline.BUILD, 30)

    schedule.put(Deadline.BUILD, 50)
    assert [] == schedule.take_due(40)
    schedule.drop(Deadline.BUILD)
    schedule.drop(Deadline.BUILD)

    assert schedule.next_ms() is None
    assert schedule.at_ms(Deadline.BUILD) is None
