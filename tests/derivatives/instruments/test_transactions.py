"""LIST-020 to LIST-024: anybody may ask for a strike on the grid, and for no other."""

from typing import Any

import pytest

from derivatives.instruments.listing.entering import INSTRUMENTS_MAX_COUNT, instruments_count
from derivatives.instruments.state import INSTRUMENTS, STRIKES
from derivatives.instruments.transactions import ListStrike
from tests.given_chains import BEGIN_MS, HOUR_MS, Listing, listing
from tests.given_market import UNIT_E8

FIRST = "ETH-1JAN26"
ENDS_MS = BEGIN_MS + 8 * HOUR_MS


def opened(**changes: Any) -> Listing:
    world = listing(**changes)
    world.pass_blocks(2)
    world.say()
    return world


def asked(strike_e8: int, expiry_ms: int = ENDS_MS) -> ListStrike:
    return ListStrike("ETH", expiry_ms, strike_e8)


def test_a_strike_on_the_grid_is_listed_for_anybody() -> None:
    world = opened()

    answer = world.send("bob", asked(3_400 * UNIT_E8))
    world.close_block()

    assert "" == answer.reason
    assert ["SeriesListed"] * 2 == [type(event).__name__ for event in answer.events]
    for letter in "CP":
        assert world.tables.get(STRIKES, f"{FIRST}-3400-{letter}") is not None
    assert 6 == world.chains()[FIRST].strikes_count
    # The chain itself goes on from where it was.
    assert 3_240 * UNIT_E8 == world.chains()[FIRST].high_e8


def test_a_chain_that_comes_to_a_strike_that_was_asked_for_goes_on() -> None:
    world = opened()
    world.send("bob", asked(3_260 * UNIT_E8))
    world.close_block()

    world.say(ETH=3_231)
    world.pass_blocks(3)

    chain = world.chains()[FIRST]
    assert (3_280 * UNIT_E8, 7) == (chain.high_e8, chain.strikes_count)


@pytest.mark.parametrize(
    ("request_", "reason", "facts"),
    [
        (
            asked(3_401 * UNIT_E8),
            "instruments.strike_off_grid",
            {
                "strike_e8": 3_401 * UNIT_E8,
                "step_e8": 20 * UNIT_E8,
                "below_e8": 3_400 * UNIT_E8,
                "above_e8": 3_420 * UNIT_E8,
            },
        ),
        (
            asked(4_820 * UNIT_E8),
            "instruments.strike_out_of_reach",
            {
                "strike_e8": 4_820 * UNIT_E8,
                "lowest_e8": 1_620 * UNIT_E8,
                "highest_e8": 4_800 * UNIT_E8,
            },
        ),
        (
            asked(3_200 * UNIT_E8),
            "instruments.strike_listed",
            {"instrument": "ETH-1JAN26-3200-C"},
        ),
        (
            asked(3_400 * UNIT_E8, ENDS_MS + 1),
            "instruments.date_not_listed",
            {"feed": "ETH", "expiry_ms": ENDS_MS + 1},
        ),
        (asked(0), "instruments.strike_not_positive", {"strike_e8": 0}),
    ],
)
def test_what_is_off_the_rule_is_refused_with_what_would_be_right(
    request_: ListStrike, reason: str, facts: dict[str, Any]
) -> None:
    world = opened()

    answer = world.send("bob", request_)

    assert (reason, facts) == (answer.reason, answer.facts)


def test_a_strike_of_what_no_rule_lists_is_refused() -> None:
    answer = opened().send("bob", ListStrike("BTC", ENDS_MS, 64_000 * UNIT_E8))

    assert "instruments.date_not_listed" == answer.reason


def test_a_full_date_takes_none() -> None:
    answer = opened(strikes_max_count=5).send("bob", asked(3_400 * UNIT_E8))

    assert ("instruments.strikes_too_many", {"limit_count": 5}) == (answer.reason, answer.facts)


def test_a_date_about_to_end_takes_none() -> None:
    world = opened()
    world.close_block(ENDS_MS - 7_199_999 - world.head.header.time_ms)

    answer = world.send("bob", asked(3_400 * UNIT_E8))

    assert "instruments.date_closing" == answer.reason
    assert {"left_ms": 7_199_499, "closing_ms": 7_200_000} == answer.facts


def test_no_strike_is_listed_on_a_forward_that_is_silent() -> None:
    world = opened()
    world.prices_e8 = {"ETH": 3_200 * UNIT_E8}
    world.close_block(2_000)
    world.close_block(2_000)

    answer = world.send("bob", asked(3_400 * UNIT_E8))

    assert ("instruments.forward_not_normal", {"feed": FIRST}) == (answer.reason, answer.facts)


def test_no_strike_is_listed_beyond_the_bound_of_instruments() -> None:
    world = opened()
    some = world.tables.get(INSTRUMENTS, "ETH-PERP")
    assert some is not None
    world.open_block()
    state: Any = world.view
    for number in range(INSTRUMENTS_MAX_COUNT - 1 - instruments_count(world.view)):
        state.put(INSTRUMENTS, f"X-{number}", some)

    answer = world.send("bob", asked(3_400 * UNIT_E8))

    assert "instruments.instruments_too_many" == answer.reason
    assert {"limit_count": INSTRUMENTS_MAX_COUNT} == answer.facts
