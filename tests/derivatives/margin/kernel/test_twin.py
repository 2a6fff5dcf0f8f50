"""MARG-010 to MARG-013: the worst loss, by hand."""

from derivatives.margin.kernel.twin import Part, losses_of, risk_of, worst_of

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


def part(sums: list[int], added: int, of: str = "a", *, offsets: bool = True) -> Part:
    return Part(sums, [WHOLE] * len(sums), (), added, of, offsets)


def test_families_that_offset_need_the_worst_of_what_they_do_together() -> None:
    long, short = part([10, -10], 1), part([-8, 9], 1, "b")

    # 10 - 4 and 9 - 5; one alone is 11 and the other 10.
    assert 6 + 2 == risk_of([long, short], 500_000, 0)
    assert 21 == risk_of([long, short], 0, 1_000_000) == risk_of([long, short], 500_000, 1_000_000)
    assert 9 == risk_of([long, short], 500_000, 400_000)


def test_gain_that_is_credited_is_rounded_down() -> None:
    assert 10 - 4 == risk_of([part([10], 0), part([-9], 0, "b")], 500_000, 0)


def test_family_that_does_not_offset_stands_alone() -> None:
    parts = [part([10, -10], 1), part([-8, 9], 1, "b"), part([7], 3, "c", offsets=False)]

    assert 8 + 10 == risk_of(parts, 500_000, 0)
    assert 11 + 10 == risk_of([parts[0], parts[2]], 500_000, 0)


def test_families_that_move_as_one_add_up_before_they_are_weighed() -> None:
    half = [WHOLE // 2] * 2
    near = Part([100, -100], half, (), 3, "a", False)
    far = Part([-90, 95], half, (0, 1), 4, "a", False)

    # Half of 10 and of -5; what is filled comes on top. Apart: 50 and ceil(47.5) + 1.
    assert 5 + 7 == risk_of([near, far], 0, WHOLE)
    assert 50 + 49 + 7 == risk_of([near, far._replace(moves_with="b")], 0, WHOLE)
