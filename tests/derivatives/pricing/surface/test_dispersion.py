"""SURF-023 to SURF-025: liars widen nothing, honest disagreement costs what it is."""

import random

from hypothesis import given, strategies

from derivatives.pricing.surface.choice import choose
from derivatives.pricing.surface.dispersion import dispersion_margin_quantums, dispersions_ppm
from tests.given_smiles import EXPIRIES_MS, NOW_MS, honest, liar, lifted, report


def test_reporters_who_agree_have_next_to_no_dispersion() -> None:
    chosen = choose([report(index) for index in range(4)], EXPIRIES_MS, NOW_MS, 3)

    assert chosen is not None
    assert (1,) * len(EXPIRIES_MS) == dispersions_ppm(chosen, 0)


def test_one_per_cent_more_volatility_is_one_per_cent_of_dispersion() -> None:
    reports = [report(0), report(1), lifted(report(2), 10_201, 10_000)]

    chosen = choose(reports, EXPIRIES_MS, NOW_MS, 3)

    assert chosen is not None
    assert all(10_000 <= spread_ppm <= 10_001 for spread_ppm in dispersions_ppm(chosen, 0))


@given(strategies.integers(0, 2**32))
def test_a_liar_does_not_widen_it_beyond_the_honest(seed: int) -> None:
    dice = random.Random(seed)
    reports = [*(honest(index, dice) for index in range(6)), liar(6, dice)]

    chosen = choose(reports, EXPIRIES_MS, NOW_MS, 5)

    assert chosen is not None
    # Honest volatilities lie within 2 % of 60 %, and their skews within 0.03 of -0.2.
    assert all(spread_ppm < 120_000 for spread_ppm in dispersions_ppm(chosen, 2))


def test_margin_adds_expiries_up_and_rounds_each_up() -> None:
    assert 2_501 == dispersion_margin_quantums([1_000_000, -500_000], [2_000, 1_001])
    assert 2 == dispersion_margin_quantums([1, -1], [1, 1])
    assert 0 == dispersion_margin_quantums([], [])
