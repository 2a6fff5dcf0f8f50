"""TRAD-020 to TRAD-024: fees up, rebates down, and nothing is lost between the parts."""

from hypothesis import given
from hypothesis import strategies as some

from chain.kit import replace
from derivatives.trades.fees import NO_FEES, Fees, fees_on
from tests.given_market import Market

TERMS = Market().terms()


def test_worked_fees() -> None:
    # 640 USD and one quantum: 3 bp is 192,000.0003 up, 0.5 bp is 32,000.00005 down.
    assert Fees(192_001, -32_000, 32_001, 128_000) == fees_on(640_000_001, TERMS, 200_000)


def test_nothing_costs_nothing() -> None:
    assert NO_FEES == fees_on(0, TERMS, 200_000)


@given(
    some.integers(0, 2**56),
    some.integers(0, 10_000),
    some.integers(0, 10_000),
    some.integers(0, 1_000_000),
)
def test_parts_sum_to_what_the_taker_pays_and_none_is_negative(
    notional: int, fee_ppm: int, rebate_ppm: int, share_ppm: int
) -> None:
    low, high = sorted((fee_ppm, rebate_ppm))
    terms = replace(TERMS, taker_fee_ppm=high, maker_rebate_ppm=low)

    fees = fees_on(notional, terms, share_ppm)

    assert fees.taker_quantums + fees.maker_quantums == (
        fees.insurance_quantums + fees.house_quantums
    )
    assert fees.house_quantums >= 0 <= fees.insurance_quantums
    assert fees.taker_quantums * 1_000_000 >= notional * high
    assert -fees.maker_quantums * 1_000_000 <= notional * low
