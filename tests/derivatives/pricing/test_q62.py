"""PRIC-001: the root is the largest whole number whose square is not above."""

from hypothesis import given, strategies

from derivatives.pricing.q62 import square_root_down


@given(strategies.integers(0, 2**400))
def test_root_is_exact(square: int) -> None:
    root = square_root_down(square)

    assert root * root <= square < (root + 1) * (root + 1)


@given(strategies.integers(1, 2**70), strategies.integers(-1, 1))
def test_root_of_a_square_and_of_its_neighbours(root: int, off: int) -> None:
    assert root - (off < 0) == square_root_down(root * root + off)
