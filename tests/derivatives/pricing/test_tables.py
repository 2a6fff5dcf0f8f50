"""PRIC-002: tables are what mpmath says, to the last bit, and never change."""

import hashlib
from collections.abc import Iterable

import mpmath
import pytest

from derivatives.pricing import tables
from tests.given import golden


def every_number() -> Iterable[int]:
    yield from (tables.LN2_Q80, tables.INVERSE_ROOT_YEAR_Q81, tables.INVERSE_ROOT_YEAR_E9_Q111)
    for table in (tables.RECIPROCALS_Q16, tables.LOGARITHMS_Q62, tables.LN_SERIES_Q62):
        yield from table
    yield from tables.TAILS_Q64
    for row in tables.DENSITIES_Q62:
        yield from row


def nearest(number: mpmath.mpf, bits: int) -> int:
    return int(mpmath.floor(mpmath.ldexp(number, bits) + mpmath.mpf(1) / 2))


@pytest.fixture(autouse=True)
def _many_digits() -> Iterable[None]:
    with mpmath.workdps(70):
        yield


def test_tables_match_their_golden() -> None:
    written = b"".join(number.to_bytes(16, "big", signed=True) for number in every_number())
    found = {"sha256": hashlib.sha256(written).hexdigest(), "numbers": len(written) // 16}

    assert golden("pricing_tables", found) == found


def test_logarithms_are_those_of_their_reciprocals() -> None:
    right = [
        nearest(-mpmath.log(mpmath.mpf(value) / 65_536), 62) for value in tables.RECIPROCALS_Q16
    ]
    middles = [nearest(512 / mpmath.mpf(513 + 2 * place), 16) for place in range(256)]

    assert right == list(tables.LOGARITHMS_Q62)
    assert middles == list(tables.RECIPROCALS_Q16)
    assert nearest(mpmath.log(2), 80) == tables.LN2_Q80


def test_normal_tails_and_derivatives_are_right_at_every_node() -> None:
    for node in range(289):
        x = mpmath.mpf(node) / 32

        assert nearest(mpmath.erfc(x / mpmath.sqrt(2)) / 2, 64) == tables.TAILS_Q64[node]
        for n, value in enumerate(tables.DENSITIES_Q62[node]):
            hermite = mpmath.hermite(n, x / mpmath.sqrt(2)) / mpmath.sqrt(2) ** n
            right = (-1) ** n * hermite * mpmath.npdf(x) / mpmath.factorial(n + 1)
            assert nearest(right, 62) == value


def test_roots_of_the_year_are_right() -> None:
    inverse = 1 / mpmath.sqrt(mpmath.mpf(365 * 86_400_000))

    assert nearest(inverse, 81) == tables.INVERSE_ROOT_YEAR_Q81
    assert nearest(inverse / 10**9, 111) == tables.INVERSE_ROOT_YEAR_E9_Q111
