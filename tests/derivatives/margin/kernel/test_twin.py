"""MARG-010 to MARG-013: the worst loss, by hand."""

from derivatives.margin.kernel.twin import losses_of, worst_of

WHOLE = 1_000_000


def test_loss_is_size_times_row_and_two_a_lot() -> None:
    losses = losses_of([3, -2], [(100, -50), (10, 20)], (WHOLE, WHOLE))

    assert [300 - 20 + 10, -150 - 40 + 10] == losses


def test_weighted_loss_rounds_up_and_is_never_a_gain() -> None:
    losses = losses_of([1], [(5, -5)], (500_000, 500_000))

    assert [4, 0] == losses  # half of 7, and half of -3


def test_whole_loss_may_be_a_gain() -> None:
    assert [-8] == losses_of([1], [(-10,)], (WHOLE,))


def test_worst_is_never_below_zero() -> None:
    assert (0, 7) == (worst_of([-8, -1]), worst_of([3, 7, -1]))


def test_nothing_held_loses_nothing() -> None:
    assert [0, 0] == losses_of([], [], (WHOLE, WHOLE))
