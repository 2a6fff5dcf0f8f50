"""PRIC-014: the implied volatility is the least one whose price reaches."""

from hypothesis import given, strategies

from derivatives.pricing.black import call_greeks, call_price
from derivatives.pricing.implied import implied_volatility_e9
from derivatives.pricing.volatility import TERM_MS_MAX, VOLATILITY_E9_MAX
from tests.given import golden

PRICES = strategies.integers(1, 10**15)
TERM = strategies.integers(1, TERM_MS_MAX)


@given(PRICES, PRICES, TERM, strategies.integers(1, VOLATILITY_E9_MAX))
def test_volatility_of_a_price_gives_that_price(
    forward: int, strike: int, term: int, volatility: int
) -> None:
    price = call_price(forward, strike, volatility, term).near_ticks

    found = implied_volatility_e9(forward, strike, price, term)

    assert found is not None
    assert found <= volatility
    assert price == call_price(forward, strike, found, term).near_ticks
    assert found == 0 or price > call_price(forward, strike, found - 1, term).near_ticks


@given(PRICES, PRICES, TERM, strategies.integers(0, 10**15))
def test_answer_is_the_least_that_reaches_and_none_if_none_does(
    forward: int, strike: int, term: int, price: int
) -> None:
    found = implied_volatility_e9(forward, strike, price, term)

    if found is None:
        most = call_price(forward, strike, VOLATILITY_E9_MAX, term).near_ticks
        assert price < max(0, forward - strike) or price > most
    else:
        assert price <= call_price(forward, strike, found, term).near_ticks
        assert found == 0 or price > call_price(forward, strike, found - 1, term).near_ticks


def test_no_volatility_explains_less_than_the_intrinsic_value() -> None:
    assert implied_volatility_e9(110, 100, 9, 86_400_000) is None
    assert 0 == implied_volatility_e9(110, 100, 10, 86_400_000)


def test_no_volatility_makes_a_call_dearer_than_the_forward() -> None:
    assert implied_volatility_e9(110, 100, 111, 86_400_000) is None


def test_prices_greeks_and_volatilities_match_their_golden() -> None:
    prices = [(6_400_000, 7_000_000), (10**11, 10**11), (1, 2**63 - 1), (2**62, 10**18), (32, 31)]
    found = []
    for forward, strike in prices:
        for volatility in (10**7, 6 * 10**8, 5 * 10**9, VOLATILITY_E9_MAX):
            for term in (60_000, 30 * 86_400_000, 5 * 365 * 86_400_000):
                option = (forward, strike, volatility, term)
                price = call_price(*option)
                implied = implied_volatility_e9(forward, strike, price.near_ticks, term)
                found.append([*option, *price, *call_greeks(*option), implied])

    assert golden("pricing_black", found) == found
