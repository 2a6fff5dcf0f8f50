"""INST-001 to INST-006, LIST-001 to LIST-012: broken terms, rules and chains are noticed."""

from typing import Any

import pytest

from chain.kit import Broken, replace
from derivatives.instruments.invariants import (
    every_chain_is_whole,
    every_lot_is_worth_something_that_can_be_counted,
    every_rule_can_be_followed,
    every_trading_state_is_one,
    terms_agree_with_each_other,
)
from derivatives.instruments.state import (
    CHAINS,
    INSTRUMENTS,
    LISTING_RULES,
    TRADING,
    Cycle,
    Trading,
)
from derivatives.oracle.state import FEEDS
from tests.given_chains import BEGIN_MS, HOUR_MS, listing
from tests.given_market import BTC_PERP, Market


@pytest.mark.parametrize(
    "changes",
    [
        {"tick_value_quantums": 501},
        {"quote": "EUR"},
        {"underlying": "DOGE"},
        {"compartment": "other"},
        {"maker_rebate_ppm": 301},
        {"open_interest_cap_lots": 0},
        {"auction_ms": 0},
    ],
)
def test_terms_that_disagree_are_noticed(changes: dict[str, Any]) -> None:
    market = Market()
    terms_agree_with_each_other(market.state)

    market.with_terms(BTC_PERP, **changes)

    with pytest.raises(Broken):
        terms_agree_with_each_other(market.state)


@pytest.mark.parametrize(
    ("lots", "price_min_e8", "price_max_e8", "holds"),
    [
        (10**6, 100_000, 10**15, True),
        (10**6, 99_999, 10**15, False),
        (10**8, 100_000, 2**60 // 1_000, True),
        (10**8, 100_000, 2**60 // 1_000 + 10**5, False),
    ],
)
def test_lot_is_worth_a_quantum_and_all_that_may_be_open_fits(
    lots: int, price_min_e8: int, price_max_e8: int, *, holds: bool
) -> None:
    market = Market()
    feed = market.state.get(FEEDS, "BTC")
    assert feed is not None
    bounds = {"price_min_e8": price_min_e8, "price_max_e8": price_max_e8}
    market.state.put(FEEDS, "BTC", replace(feed, **bounds))
    market.with_terms(BTC_PERP, open_interest_cap_lots=lots)

    for other in (one for one, _ in tuple(market.state.scan(INSTRUMENTS)) if one != BTC_PERP):
        market.with_terms(other, open_interest_cap_lots=1)
    if holds:
        every_lot_is_worth_something_that_can_be_counted(market.state)
    else:
        with pytest.raises(Broken):
            every_lot_is_worth_something_that_can_be_counted(market.state)


@pytest.mark.parametrize(("instrument", "state"), [("DOGE-PERP", 2), (BTC_PERP, 0), (BTC_PERP, 7)])
def test_trading_that_cannot_be_is_noticed(instrument: str, state: int) -> None:
    market = Market()
    every_trading_state_is_one(market.state)

    market.state.put(TRADING, instrument, Trading(state, 0, 0))

    with pytest.raises(Broken):
        every_trading_state_is_one(market.state)


WEEK = Cycle(2, 1, 20_000, 5)
PLACE = ("ETH", BEGIN_MS + 8 * HOUR_MS)


@pytest.mark.parametrize(
    "changes",
    [
        {"cycles": (WEEK, WEEK)},
        {"cycles": (replace(WEEK, period=5),)},
        {"cycles": (replace(WEEK, step_ppm=0),)},
        {"cycles": (replace(WEEK, dates_count=25),)},
        {"closing_ms": 1_800_000},
    ],
)
def test_rules_that_cannot_be_followed_are_noticed(changes: dict[str, Any]) -> None:
    state = listing().context().state
    rule = state.get(LISTING_RULES, "ETH")
    assert rule is not None
    every_rule_can_be_followed(state)

    state.put(LISTING_RULES, "ETH", replace(rule, **changes))

    with pytest.raises(Broken):
        every_rule_can_be_followed(state)


@pytest.mark.parametrize("name", ["BTC", "ETHEREUMS"])
def test_a_rule_of_another_or_too_long_a_name_is_noticed(name: str) -> None:
    state = listing().context().state
    rule = state.get(LISTING_RULES, "ETH")
    assert rule is not None
    terms = [replace(one, underlying="ETHEREUMS") for one in (rule.future, rule.option)]
    own = replace(rule, future=terms[0], option=terms[1]) if name != "BTC" else rule

    state.put(LISTING_RULES, name, own)

    with pytest.raises(Broken):
        every_rule_can_be_followed(state)


def test_terms_of_a_rule_that_disagree_are_noticed() -> None:
    state = listing().context().state
    rule = state.get(LISTING_RULES, "ETH")
    assert rule is not None

    option = replace(rule.option, tick_value_quantums=501)
    state.put(LISTING_RULES, "ETH", replace(rule, option=option))

    with pytest.raises(Broken):
        terms_agree_with_each_other(state)


@pytest.mark.parametrize("name", ["ETH-1JAN26", "ETH-1JAN26-3180-P"])
def test_what_a_chain_lacks_is_noticed(name: str) -> None:
    world = listing()
    world.pass_blocks(2)
    state = world.context().state
    every_chain_is_whole(state)

    state.delete(INSTRUMENTS, name)

    with pytest.raises(Broken):
        every_chain_is_whole(state)


@pytest.mark.parametrize(
    "changes", [{"low_e8": 0}, {"low_e8": 316_000_000_001}, {"high_e8": 326_000_000_000}]
)
def test_chains_that_cannot_be_are_noticed(changes: dict[str, int]) -> None:
    world = listing()
    world.pass_blocks(2)
    state = world.context().state
    chain = state.get(CHAINS, PLACE)
    assert chain is not None

    state.put(CHAINS, PLACE, replace(chain, **changes))

    with pytest.raises(Broken):
        every_chain_is_whole(state)
