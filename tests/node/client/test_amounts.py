import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.client.amounts import decimal_of, money, quantums_of
from node.client.failures import Failure


@given(st.integers(-(2**62), 2**62), st.integers(0, 18))
def test_quantums_survive_being_written_as_a_decimal(quantums: int, decimals: int) -> None:
    assert quantums == quantums_of(decimal_of(quantums, decimals), decimals, "USD")


@given(st.integers(0, 2**62), st.integers(0, 18))
def test_grouped_decimals_are_read_too(quantums: int, decimals: int) -> None:
    assert quantums == quantums_of(decimal_of(quantums, decimals, group=True), decimals, "USD")


@pytest.mark.parametrize(
    "text", ["", ".", "-", "1.", "1e3", "0x1", "_1", "1_", "1,", "NaN", "1.2.3"]
)
def test_what_is_no_decimal_is_refused(text: str) -> None:
    with pytest.raises(Failure) as refused:
        quantums_of(text, 6, "USD")

    assert "client.value_malformed" == refused.value.kind.reason


def test_amount_between_two_quantums_names_both() -> None:
    with pytest.raises(Failure) as refused:
        quantums_of("2.505", 2, "USD")

    assert "client.amount_inexact" == refused.value.kind.reason
    assert ["2.5", "2.51"] == refused.value.details["nearest"]


def test_zeros_beyond_the_places_of_an_asset_are_harmless() -> None:
    assert 250 == quantums_of("2.5000", 2, "USD")


def test_money_has_two_places_at_least() -> None:
    assert "1,000,000.00 USD" == money(100_000_000, 2, "USD")
