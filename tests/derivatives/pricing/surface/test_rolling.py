"""SURF-026 to SURF-029: time takes variance away and nothing else."""

import random

from hypothesis import given, strategies

from derivatives.pricing.surface.admission import Surface, fault_of
from derivatives.pricing.surface.choice import choose
from derivatives.pricing.surface.rolling import STILL, Move, move_of, rolled_down
from derivatives.pricing.surface.svi import scaled, volatility_e9
from tests.given_smiles import EXPIRIES_MS, NOW_MS, YEAR_MS, honest


def _surface(seed: int = 1) -> Surface:
    dice = random.Random(seed)
    told = [honest(index, dice) for index in range(3)]
    chosen = choose(told, EXPIRIES_MS, NOW_MS, 3)
    assert chosen is not None
    return chosen.surface


@given(strategies.integers(0, 2**32), strategies.integers(0, 180 * 86_400_000 - 60_000))
def test_a_surface_rolls_down_free_of_arbitrage(seed: int, elapsed_ms: int) -> None:
    rolled = rolled_down(_surface(seed), NOW_MS + elapsed_ms)

    assert rolled.slices
    assert fault_of(rolled) is None


@given(strategies.integers(0, 3_500_000))
def test_volatilities_stay(elapsed_ms: int) -> None:
    surface = _surface()

    rolled = rolled_down(surface, NOW_MS + elapsed_ms)

    for before, after, forward, expiry_ms in zip(
        surface.slices, rolled.slices, surface.forwards_e8, EXPIRIES_MS, strict=True
    ):
        for strike in (forward * 9 // 10, forward, forward * 11 // 10):
            old = volatility_e9(before, forward, strike, expiry_ms - NOW_MS)
            new = volatility_e9(after, forward, strike, expiry_ms - NOW_MS - elapsed_ms)
            assert abs(new - old) <= 1_000


def test_what_has_expired_is_gone() -> None:
    rolled = rolled_down(_surface(), EXPIRIES_MS[1])

    assert EXPIRIES_MS[2:] == rolled.expiries_ms
    assert 3 == len(rolled.slices) == len(rolled.forwards_e8)


def test_without_time_nothing_changes() -> None:
    surface = _surface()

    assert surface == rolled_down(surface, NOW_MS)
    assert STILL == move_of(surface, surface)


def test_a_move_is_that_of_variance_beyond_the_passing_of_time() -> None:
    before = _surface()
    later = rolled_down(before, NOW_MS + 1_800_000)
    lifted = later._replace(slices=tuple(scaled(one, 102, 100) for one in later.slices))

    lowered = later._replace(slices=tuple(scaled(one, 98, 100) for one in later.slices))

    assert move_of(before, later).size_ppm <= 1
    assert move_of(before, lifted) in (Move(20_000, is_above=True), Move(20_001, is_above=True))
    assert move_of(before, lowered) in (Move(20_000, is_above=False), Move(20_001, is_above=False))


def test_what_ends_soon_can_be_left_out() -> None:
    surface = _surface()

    lasting = rolled_down(surface, NOW_MS, EXPIRIES_MS[0])

    assert EXPIRIES_MS[1:] == lasting.expiries_ms
    assert surface.slices[1:] == lasting.slices


def test_surfaces_without_a_common_expiry_have_not_moved() -> None:
    before = _surface()
    other = before._replace(expiries_ms=tuple(ms + YEAR_MS for ms in before.expiries_ms))

    assert STILL == move_of(before, other)
