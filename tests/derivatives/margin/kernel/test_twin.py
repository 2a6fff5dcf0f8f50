"""MARG-010 to MARG-013: the worst loss, by hand."""

from derivatives.margin.kernel.twin import (
    Charged,
    Part,
    Pinned,
    Rung,
    groups_of,
    ladder_quantums,
    losses_of,
    risk_of,
    worst_of,
)

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
    return Part(sums, [WHOLE] * len(sums), (), Rung(WHOLE, added), of, offsets)


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
    near = Part([100, -100], half, (), Rung(WHOLE, 3), "a", False)
    far = Part([-90, 95], half, (0, 1), Rung(WHOLE, 4), "a", False)

    # Half of 10 and of -5; what is filled comes on top. Apart: 50 and ceil(47.5) + 1.
    assert 5 + 7 == risk_of([near, far], 0, WHOLE)
    assert 50 + 49 + 7 == risk_of([near, far._replace(moves_with="b")], 0, WHOLE)


# MARG-090  Near against far needs what the curve between them may move, and a far one all below.
def test_ladder_charges_each_rung_on_all_that_stands_on_it() -> None:
    spot, near, far = Rung(0, 900), Rung(100_000, -1_000), Rung(250_000, 2_000)

    # 10 % of |-1,000 + 2,000| and 15 % of 2,000; spot stands on no rung.
    assert 100 + 300 == ladder_quantums([far, spot, near])
    assert 500 == ladder_quantums([far])
    assert 150 == ladder_quantums([near._replace(net_quantums=1_000), Rung(250_000, -1_000)])


def test_ladder_with_orders_takes_the_worst_of_every_rung() -> None:
    near = Rung(100_000, 1_000, up_quantums=500, down_quantums=3_000)
    far = Rung(200_000, -1_000, up_quantums=100)

    # 10 % of 0 less 3,000, and 10 % more of -1,000.
    assert 300 + 100 == ladder_quantums([near, far])


# MARG-097  A pin is a scenario, by its weight.
def test_pin_is_a_scenario_by_its_weight() -> None:
    one = part([10, -10], 1)._replace(pinned=Pinned([30, -5], (WHOLE, WHOLE)))
    half = one._replace(pinned=Pinned([30, -5], (WHOLE // 2, 0)))

    assert 30 + 1 == risk_of([one], 0, WHOLE)
    assert 15 + 1 == risk_of([half], 0, WHOLE)
    assert 10 + 1 == risk_of([half._replace(pinned=Pinned([19, 0], (WHOLE // 2, 0)))], 0, WHOLE)


def test_what_offsets_at_a_pin_counts_as_it_does_in_a_scenario() -> None:
    one = part([10, -10], 0)._replace(pinned=Pinned([30], (WHOLE,)))
    two = part([-8, 9], 0, "b")._replace(pinned=Pinned([-10], (WHOLE,)))

    assert 30 - 5 == risk_of([one, two], 500_000, 0)
    assert 30 == risk_of([one, two], 0, 0)
    assert 30 + 9 == risk_of([one, two], 500_000, WHOLE)


def test_group_tells_every_charge_apart() -> None:
    near = part([10, -10], 1)._replace(charged=Charged(1, 2, 3), pinned=Pinned([1], (WHOLE,)))
    far = part([0, 3], 4)._replace(charged=Charged(10, 20, 30), pinned=Pinned([12], (WHOLE,)))

    (found,) = groups_of([near, far])

    assert (10, 13, 5, (11, 22, 33), 71) == (
        found.scan_quantums,
        found.worst_quantums,
        found.basis_quantums,
        found.charged,
        found.added_quantums,
    )


# MARG-114  What a range that is about to grow makes of losses and charges; gains stay.
def test_growth_counts_losses_and_charges_more() -> None:
    one = part([10, -10], 3)._replace(growth_ppm=1_100_000)

    assert 11 + 4 == risk_of([one], 0, WHOLE)
    assert [11, -10] == groups_of([one])[0].losses_quantums
