"""ORDR-100, ORDR-101: what is no bundle is refused with the leg that it is about."""

import pytest

from chain.kit import Refusal
from derivatives.orders.bundles.legs import LEGS_MAX_COUNT, check_legs, leg_named
from derivatives.orders.bundles.transactions import BundleLeg
from derivatives.orders.reasons import HALTED


def leg(instrument: str = "BTC-PERP", side: int = 1, size_lots: int = 1) -> BundleLeg:
    return BundleLeg(instrument, side, size_lots, 0, reduce_only=False)


def many(count: int) -> tuple[BundleLeg, ...]:
    return tuple(leg(f"I{number}") for number in range(count))


@pytest.mark.parametrize("count", [2, LEGS_MAX_COUNT])
def test_two_to_eight_legs_of_different_instruments_pass(count: int) -> None:
    check_legs(many(count), 2)


@pytest.mark.parametrize(
    ("legs", "reason", "facts"),
    [
        (many(1), "legs_count_wrong", {"given_count": 1, "lowest_count": 2, "highest_count": 8}),
        (many(9), "legs_count_wrong", {"given_count": 9, "lowest_count": 2, "highest_count": 8}),
        ((leg(), leg("ETH-PERP", side=3)), "side_unknown", {"side_number": 3, "leg_index": 1}),
        ((leg(size_lots=0), leg("A")), "size_not_positive", {"size_lots": 0, "leg_index": 0}),
        ((leg(), leg("A", size_lots=-2)), "size_not_positive", {"size_lots": -2, "leg_index": 1}),
        ((leg(), leg(side=2)), "leg_repeated", {"instrument": "BTC-PERP", "leg_index": 1}),
    ],
)
def test_what_is_no_bundle_is_refused_with_its_leg(
    legs: tuple[BundleLeg, ...], reason: str, facts: dict[str, object]
) -> None:
    with pytest.raises(Refusal) as refused:
        check_legs(legs, 2)

    assert (f"orders.{reason}", facts) == (refused.value.reason.slug, refused.value.facts)


def test_a_refusal_says_which_leg_it_is_about() -> None:
    with pytest.raises(Refusal) as refused, leg_named(3):
        raise Refusal(HALTED, instrument="BTC-PERP")

    assert {"instrument": "BTC-PERP", "leg_index": 3} == refused.value.facts
