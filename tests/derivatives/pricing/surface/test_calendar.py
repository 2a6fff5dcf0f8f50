"""SURF-013: what is proven never crosses; what crosses is refused."""

import math
import random

from derivatives.pricing.surface.calendar import is_ordered
from derivatives.pricing.surface.svi import scaled
from tests.given_smiles import Decimals, market_slice, places, smile, variance


def _slice(dice: random.Random, years: float) -> Decimals:
    scale = 0.5 * dice.uniform(0.9, 1.1) * math.sqrt(years)
    sigma, b = scale * 10 ** dice.uniform(-1, 0.3), scale * 10 ** dice.uniform(-1, 0)
    rho, m = dice.uniform(-0.7, 0.7), dice.uniform(-0.3, 0.3) * scale
    return (scale * scale - b * (math.hypot(m, sigma) - rho * m), b, rho, m, sigma)


def test_proof_agrees_with_thousands_of_points_of_each_pair() -> None:
    dice = random.Random(8)
    proven = refused = 0
    for _ in range(300):
        years = 10 ** dice.uniform(-4, 0)
        earlier, later = _slice(dice, years), _slice(dice, years * 10 ** dice.uniform(0, 0.6))
        grid = [step / 1_000 for step in range(-4_000, 4_001)] + places(earlier) + places(later)
        least = min(variance(later, k) - variance(earlier, k) for k in grid if abs(k) <= 4)
        if is_ordered(smile(*earlier), smile(*later)):
            proven += 1
            assert least > 0
        else:
            refused += 1
            assert least < 1e-14
    assert proven > 70
    assert refused > 70


def test_more_time_at_the_same_volatility_is_in_order() -> None:
    one = smile(*market_slice(0.1, 0.6, -0.3))

    assert is_ordered(one, scaled(one, 1_001, 1_000))
    assert not is_ordered(scaled(one, 1_001, 1_000), one)
    assert not is_ordered(one, one)


def test_one_that_crosses_in_a_wing_alone_is_refused() -> None:
    earlier, later = smile(0.01, 0.20, 0.0, 0.0, 0.1), smile(0.05, 0.19, 0.0, 0.0, 0.1)

    assert not is_ordered(earlier, later)


def test_one_that_crosses_in_a_narrow_dent_alone_is_refused() -> None:
    later = (0.01, 0.1, 0.0, 0.0, 0.0001)
    earlier = smile(0.010_02, 0.02, 0.0, 0.0, 0.01)

    assert not is_ordered(earlier, smile(*later))
    assert is_ordered(smile(0.0097, 0.02, 0.0, 0.0, 0.01), smile(*later))
