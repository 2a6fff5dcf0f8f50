"""SURF-012: what is proven has no negative density anywhere; what has one is refused."""

import math
import random
from fractions import Fraction

import pytest

from derivatives.pricing.surface.admission import is_within_range
from derivatives.pricing.surface.butterfly import durrleman_polynomial, is_free_of_butterflies
from derivatives.pricing.surface.svi import ONE_Q56, Slice
from tests.given_smiles import (
    VOGT,
    Decimals,
    any_slice,
    decimals,
    durrleman,
    market_slice,
    places,
    smile,
)


def jump_wing(one: Decimals) -> tuple[float, float, float, float, float]:
    """Return variance and skew at the forward, both wings and the least variance, for T = 1."""
    a, b, rho, m, sigma = one
    root = math.hypot(m, sigma)
    v = a + b * (root - rho * m)
    scale = b / math.sqrt(v)
    least = a + b * sigma * math.sqrt(1 - rho * rho)
    return v, scale / 2 * (rho - m / root), scale * (1 - rho), scale * (1 + rho), least


def from_jump_wing(v: float, psi: float, p: float, c: float, least: float) -> Slice:
    """Return the slice (Gatheral and Jacquier, lemma 3.2)."""
    b = math.sqrt(v) / 2 * (c + p)
    rho = 1 - p * math.sqrt(v) / b
    beta = rho - 2 * psi * math.sqrt(v) / b
    alpha = math.copysign(math.sqrt(1 / beta**2 - 1), beta)
    down = -rho + math.copysign(math.sqrt(1 + alpha**2), alpha) - alpha * math.sqrt(1 - rho**2)
    m = (v - least) / (b * down)
    return smile(least - b * alpha * m * math.sqrt(1 - rho**2), b, rho, m, alpha * m)


def test_vogts_slice_passes_the_range_and_is_refused_here() -> None:
    """Least density -0.0329 at k = 0.879, and no bound on parameters says so."""
    assert is_within_range(smile(*VOGT))
    assert min(durrleman(VOGT, step / 100_000) for step in range(60_000, 130_000)) < -0.0328
    assert not is_free_of_butterflies(smile(*VOGT))


def test_both_repairs_of_it_pass() -> None:
    v, psi, p, c, least = jump_wing(VOGT)
    wing = p + 2 * psi
    smooth = from_jump_wing(v, psi, p, wing, v * 4 * p * wing / (p + wing) ** 2)
    nearest = from_jump_wing(v, psi, p, 0.8564763, 0.0116249)

    assert not is_free_of_butterflies(from_jump_wing(v, psi, p, c, least))
    assert is_free_of_butterflies(smooth)
    assert is_free_of_butterflies(nearest)


def test_proof_agrees_with_a_thousand_and_a_half_points_of_each_slice() -> None:
    dice = random.Random(6)
    proven = refused = 0
    for _ in range(1_500):
        one = any_slice(dice)
        if not is_within_range(smile(*one)):
            continue
        least = min(durrleman(one, k) for k in places(one))
        if is_free_of_butterflies(smile(*one)):
            proven += 1
            assert least > 0
        else:
            refused += 1
            assert least < 2**-19
    assert proven > 500
    assert refused > 100


def test_polynomial_is_durrlemans_function_but_for_a_positive_factor() -> None:
    dice = random.Random(7)
    for _ in range(50):
        one = smile(*any_slice(dice))
        a, b, rho, m, sigma = (Fraction(number, ONE_Q56) for number in one)
        polynomial = durrleman_polynomial(one)
        for t in (Fraction(1, 3), Fraction(1), Fraction(7, 5), Fraction(9)):
            k = m + sigma * (t - 1 / t) / 2
            y, root = k - m, sigma * (t + 1 / t) / 2
            w, slope = a + b * (rho * y + root), b * (rho + y / root)
            bend = b * sigma**2 / root**3
            g = (1 - k * slope / (2 * w)) ** 2 - slope**2 / 4 * (1 / w + Fraction(1, 4)) + bend / 2
            factor = 64 * sigma * w**2 * t**2 * (t * t + 1) ** 3 * ONE_Q56**11
            value = sum(coefficient * t**power for power, coefficient in enumerate(polynomial))

            assert factor * (g - Fraction(1, 2**20)) == value


@pytest.mark.parametrize("volatility", [0.01, 0.5, 2.0])
@pytest.mark.parametrize("years", [2e-6, 0.003, 1.0, 5.0])
def test_usual_slices_and_flat_ones_pass(volatility: float, years: float) -> None:
    assert is_free_of_butterflies(smile(volatility**2 * years, 0.0, 0.0, 0.0, 0.1))
    assert is_free_of_butterflies(smile(*market_slice(years, min(volatility, 1), -0.3)))


def test_wing_steeper_than_two_is_refused_even_far_away() -> None:
    steep = smile(0.04, 1.5, 0.5, 0.0, 2.0)

    assert durrleman(decimals(steep), 200.0) < 0
    assert not is_free_of_butterflies(steep)
