"""PRIC-023: a batch answers as the twin does, with the kernel and without it."""

from array import array

import pytest

from derivatives.pricing.black import call_greeks, call_price
from derivatives.pricing.implied import implied_volatility_e9
from derivatives.pricing.kernel import level
from derivatives.pricing.kernel.batch import (
    Options,
    call_prices,
    greeks_of_calls,
    implied_volatilities,
)
from tests.kernel.pricing import options


@pytest.fixture(params=["native", "twin"])
def columns(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Options:
    if request.param == "twin":
        monkeypatch.setattr(level, "kernel", None)
    return Options(*options(seed=7, count=2_000)[:4])


def test_prices_are_the_twins(columns: Options) -> None:
    right = [call_price(*option) for option in zip(*columns, strict=True)]

    assert right == list(zip(*call_prices(columns), strict=True))


def test_greeks_are_the_twins_even_where_the_kernel_declines(columns: Options) -> None:
    right = [call_greeks(*option) for option in zip(*columns, strict=True)]

    assert right == greeks_of_calls(columns)
    assert any(max(map(abs, greeks)) >= 2**63 for greeks in right)


def test_volatilities_are_the_twins(columns: Options) -> None:
    calls = array(
        "q", [near + place % 3 - 1 for place, near in enumerate(call_prices(columns).near)]
    )
    whole = (columns.forwards, columns.strikes, calls, columns.terms)
    right = [implied_volatility_e9(*option) for option in zip(*whole, strict=True)]

    assert right == implied_volatilities(*whole)
    assert None in right
