"""MARG-035, MARG-041, MARG-098: what a signer's size and doubt cost."""

from derivatives.margin.charges.held import SignerSums, families_of, family_part
from derivatives.margin.charges.size import (
    concentration_quantums,
    dispersion_quantums,
    vega_quantums,
)
from derivatives.margin.rows import vega_concentration_ppm
from tests.given_portfolio import OPTIONS, Book, option_line, portfolio

USD = 10**6
NAME = "BTC-FAR-64000-C"
LINE = option_line("BTC-FAR", 64_000, is_call=True)


def charged(book: Book, others: SignerSums | None = None) -> int:
    one = portfolio(book)._replace(others=others)
    families = families_of(one)
    return concentration_quantums(one, families, [family_part(family) for family in families])


def test_vega_is_charged_beyond_a_threshold_by_the_unit_up_to_a_limit() -> None:
    at = (2_000_000, 2_000_001, 4_000_000, 99_000_000)

    assert [0, 1, 100_000, 500_000] == [vega_concentration_ppm(usd * USD, OPTIONS) for usd in at]


def test_vega_of_one_date_does_not_offset_that_of_another() -> None:
    far, near = (families_of(portfolio({name: 100})) for name in (NAME, "BTC-NEAR-64000-C"))
    both = families_of(portfolio({NAME: -100, "BTC-NEAR-64000-C": 100}))

    assert vega_quantums(far[0]) + vega_quantums(near[0]) == sum(map(vega_quantums, both))
    assert 0 == vega_quantums(families_of(portfolio({"BTC": 1}))[0])


def test_splitting_over_accounts_saves_nothing() -> None:
    lots, parts = 1_600_000, 4
    assert LINE.lean is not None
    whole = charged({NAME: lots})
    share = lots // parts
    delta, vega = share * LINE.moving_quantums, share * LINE.lean.stressed_quantums
    others = SignerSums({NAME: 3 * share}, {"BTC": 3 * abs(delta)}, {"BTC": 3 * vega})

    assert whole <= parts * charged({NAME: share}, others)
    assert vega * parts > 2_000_000 * USD


def test_a_date_and_its_underlying_are_one_delta() -> None:
    alone = charged({"BTC": 400_000})

    assert 0 < alone
    # What is left is the spread beyond external depth, of both.
    assert charged({"BTC": 400_000, "BTC-FAR": -400_000}) == 2 * 398_000 * 6_400


def test_doubt_is_confidence_on_delta_and_dispersion_on_vega() -> None:
    one = portfolio({NAME: 1_000, "BTC-FAR": 5})
    (family,) = families_of(one)
    assert LINE.lean is not None

    found = dispersion_quantums(one, family, family_part(family))

    delta = 1_000 * LINE.moving_quantums + 5 * 64 * USD
    vega = 1_000 * LINE.lean.vega_quantums
    assert -(-delta * 32 // 64_000) + -(-vega * 5_000 // USD) == found
