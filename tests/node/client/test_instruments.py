"""Decimals of instruments. Criterion: CLI-070 of docs/specs/cli.md."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from node.client.failures import Failure
from node.client.instruments import shown, steps_of


@given(count=some.integers(1, 10**12), step=some.sampled_from(["0.5", "0.001", "0.05", "1"]))
@settings(deadline=None)
def test_what_is_shown_is_read_again_as_the_same(count: int, step: str) -> None:
    assert count == steps_of(shown(count, step), step, "price")


@pytest.mark.parametrize(
    ("text", "step", "nearest"),
    [
        ("64000.3", "0.5", ["64000", "64000.5"]),
        ("0.0004", "0.001", ["0.001"]),
        ("2.50000000000001", "0.001", ["2.5", "2.501"]),
    ],
)
def test_what_lies_between_two_steps_is_refused_with_both(
    text: str, step: str, nearest: list[str]
) -> None:
    with pytest.raises(Failure) as refused:
        steps_of(text, step, "price of BTC-PERP")

    assert ("client.amount_inexact", nearest) == (
        refused.value.kind.reason,
        refused.value.details["nearest"],
    )


@pytest.mark.parametrize("text", ["0", "-1", "-0.3", "much", ""])
def test_what_is_not_above_zero_is_refused(text: str) -> None:
    with pytest.raises(Failure) as refused:
        steps_of(text, "0.5", "price of BTC-PERP")

    assert 2 == refused.value.exit_code
