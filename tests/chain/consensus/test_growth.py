"""SIMPLEX-040: patience grows slowly, is bounded, and is a function of place alone."""

from hypothesis import given as examples
from hypothesis import strategies as st

from chain.consensus.growth import growth_ppm

views = st.integers(1, 10**6)


def test_first_views_after_a_finalization_are_not_slower() -> None:
    assert [1_000_000] * 4 == [growth_ppm(view, 0, 1) for view in (1, 2, 3, 4)]
    assert [1_000_000, 1_300_000] == [growth_ppm(view, 0, 33) for view in (35, 36)]


def test_each_further_view_is_a_third_slower_up_to_eight_times() -> None:
    grown = [growth_ppm(view, 0, 1) for view in range(5, 14)]

    assert [1_300_000, 1_690_000, 2_197_000] == grown[:3]
    assert [8_000_000, 8_000_000] == grown[-2:]


@examples(views, views, st.integers(0, 33))
def test_growth_depends_on_the_distance_alone_and_never_falls_with_it(
    final: int, distance: int, fault_max: int
) -> None:
    here = growth_ppm(final + distance, final, fault_max)

    assert here == growth_ppm(distance, 0, fault_max)
    assert 1_000_000 <= here <= growth_ppm(distance + 1, 0, fault_max) <= 8_000_000
