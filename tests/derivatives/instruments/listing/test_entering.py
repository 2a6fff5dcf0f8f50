"""LIST-005 to LIST-019: dates and strikes come by rule, a little in each block."""

import itertools

from chain.kit import replace
from derivatives.instruments.events import SeriesListed
from derivatives.instruments.invariants import every_chain_is_whole
from derivatives.instruments.listing.entering import (
    ENTERED_MAX_COUNT,
    FEEDS_MAX_COUNT,
    INSTRUMENTS_MAX_COUNT,
    dates_due,
    instruments_count,
    list_due,
)
from derivatives.instruments.state import (
    CHAINS,
    EXPIRIES,
    INSTRUMENTS,
    KIND_CALL,
    KIND_FUTURE,
    KIND_PUT,
    LISTING_RULES,
    ROLLS,
    STRIKES,
)
from derivatives.margin.state import FAMILIES, OPTION_TERMS
from derivatives.marks.state import MARKS
from derivatives.oracle.ladder import FeedState
from derivatives.oracle.state import FEEDS, PRICES, FeedPrice
from tests.given_chains import BEGIN_MS, DAILY, DAY_MS, HOUR_MS, WEEKLY, listing
from tests.given_market import UNIT_E8

FIRST = "ETH-1JAN26"
ENDS_MS = BEGIN_MS + 8 * HOUR_MS
STRIKES_USD = (3_160, 3_180, 3_200, 3_220, 3_240)
CHAIN = [f"{FIRST}-{usd}-{letter}" for usd in STRIKES_USD for letter in "CP"]


def test_a_date_comes_with_its_future_first_and_strikes_when_its_forward_has_spoken() -> None:
    world = listing()

    world.pass_blocks()
    assert [FIRST] == world.listed()
    world.pass_blocks()

    assert [FIRST, *CHAIN] == world.listed()


def test_what_is_listed_is_told() -> None:
    context = listing().context()

    list_due(context)

    assert [SeriesListed(FIRST, ENDS_MS, 0)] == context.events


def test_what_is_listed_has_the_terms_of_the_rule() -> None:
    world = listing()
    world.pass_blocks(2)
    rule = world.tables.get(LISTING_RULES, "ETH")
    assert rule is not None

    expiry = world.tables.get(EXPIRIES, CHAIN[0])
    assert expiry is not None
    assert (FIRST, ENDS_MS, 1_800_000) == (expiry.forward, expiry.expiry_ms, expiry.window_ms)
    assert replace(rule.future, kind=KIND_FUTURE) == world.tables.get(INSTRUMENTS, FIRST)
    assert replace(rule.option, kind=KIND_CALL) == world.tables.get(INSTRUMENTS, CHAIN[0])
    assert replace(rule.option, kind=KIND_PUT) == world.tables.get(INSTRUMENTS, CHAIN[1])
    strike = world.tables.get(STRIKES, CHAIN[0])
    assert strike is not None
    assert 3_160 * UNIT_E8 == strike.strike_ticks * rule.option.tick_size_e8
    assert world.tables.get(FEEDS, "ETH") == world.tables.get(FEEDS, FIRST)


def test_a_date_is_margined_and_its_options_charged_like_its_rule_says() -> None:
    world = listing(WEEKLY)
    world.pass_blocks()
    date = world.chains().popitem()[0]

    for schedule in ("standard", "portfolio"):
        place, like = ("main", schedule, date), ("main", schedule, "ETH-DATED")
        assert world.tables.get(FAMILIES, like) == world.tables.get(FAMILIES, place)
        assert world.tables.get(FAMILIES, place) is not None
        assert world.tables.get(OPTION_TERMS, like) == world.tables.get(OPTION_TERMS, place)
    assert world.tables.get(OPTION_TERMS, ("main", "portfolio", date)) is not None


def test_options_are_marked_once_their_date_is_in_a_surface() -> None:
    world = listing()
    world.pass_blocks(12)

    assert all(world.tables.get(MARKS, name) is not None for name in CHAIN)


def test_a_forward_that_moves_takes_strikes_along_and_leaves_none_out() -> None:
    world = listing()
    world.pass_blocks(2)

    world.say(ETH=3_231)
    world.pass_blocks(2)
    chain = world.chains()[FIRST]
    assert (3_160, 3_280, 7) == (
        chain.low_e8 // UNIT_E8,
        chain.high_e8 // UNIT_E8,
        chain.strikes_count,
    )
    world.say(ETH=3_200)
    world.pass_blocks(2)

    assert chain == world.chains()[FIRST]


def test_a_forward_within_half_a_step_lists_nothing() -> None:
    world = listing()
    world.pass_blocks(2)
    before = world.listed()

    world.say(ETH=3_209)
    world.pass_blocks(2)

    assert before == world.listed()


def test_at_most_so_many_come_in_a_block() -> None:
    world = listing(DAILY | {"strikes_count": 20})
    counts = []
    for _ in range(8):
        world.pass_blocks()
        counts.append(len(world.listed()))

    grown = [after - before for before, after in itertools.pairwise(counts)]
    assert max(grown) == ENTERED_MAX_COUNT
    assert 1 + 2 * 41 == counts[-1]


def test_a_date_for_which_half_a_strike_is_left_waits_whole() -> None:
    context = listing(DAILY | {"dates_count": 3, "strikes_count": 20}).context()
    list_due(context)
    price = FeedPrice(3_200 * UNIT_E8, 1, 0, 1, 1, 1, 1, 0, False, False, 0, 0, 0, 0)
    for key, _ in tuple(context.state.scan(CHAINS)):
        context.state.delete(CHAINS, key)
    for name in (FIRST, "ETH-2JAN26", "ETH-3JAN26"):
        context.state.delete(INSTRUMENTS, name)
        context.state.put(PRICES, name, price)
    context.state.delete(ROLLS, "ETH")

    list_due(context)

    # Three futures and six strikes of the first date are fifteen of sixteen.
    chains = [chain for _, chain in context.state.scan(CHAINS)]
    assert [6, 0, 0] == [chain.strikes_count for chain in chains]
    assert [0, 0] == [chain.step_e8 for chain in chains[1:]]
    every_chain_is_whole(context.state)


def test_the_next_day_comes_before_one_ends() -> None:
    world = listing(DAILY | {"dates_count": 2})
    world.pass_blocks(2)
    assert {FIRST, "ETH-2JAN26"} == set(world.chains())

    closes_ms = ENDS_MS - 2 * HOUR_MS
    world.pass_blocks(1, closes_ms - 100 - world.head.header.time_ms)
    assert {FIRST, "ETH-2JAN26"} == set(world.chains())
    world.pass_blocks(1, 100)

    assert {FIRST, "ETH-2JAN26", "ETH-3JAN26"} == set(world.chains())


def test_a_date_of_two_periods_is_of_the_longer() -> None:
    world = listing(DAILY | {"dates_count": 2}, WEEKLY)
    rule = world.tables.get(LISTING_RULES, "ETH")
    assert rule is not None

    # 2 January 2026 is a Friday.
    assert {ENDS_MS: 1, ENDS_MS + DAY_MS: 2} == dates_due(rule, BEGIN_MS)


def test_no_strike_is_added_to_a_date_about_to_end() -> None:
    world = listing()
    world.pass_blocks(2)
    before = world.listed(FIRST)

    world.pass_blocks(1, ENDS_MS - 2 * HOUR_MS + 1 - world.head.header.time_ms)
    world.say(ETH=3_260)
    world.pass_blocks(6)

    assert before == world.listed(FIRST)
    assert "ETH-2JAN26-3300-C" in world.listed()


def test_no_date_comes_with_less_time_than_a_strike_needs() -> None:
    world = listing(closing_ms=8 * HOUR_MS)

    world.pass_blocks(3)

    assert {"ETH-2JAN26"} == set(world.chains())


def test_no_strike_is_added_on_a_price_that_is_not_normal() -> None:
    world = listing()
    world.pass_blocks(2)
    chain = world.chains()[FIRST]
    price = world.tables.get(PRICES, FIRST)
    assert price is not None

    context = world.context()
    moved = replace(price, price_e8=2 * price.price_e8, state=FeedState.DEGRADED)
    context.state.put(PRICES, FIRST, moved)
    list_due(context)
    assert chain == context.state.get(CHAINS, ("ETH", ENDS_MS))
    context.state.put(PRICES, FIRST, replace(moved, state=FeedState.NORMAL))
    list_due(context)

    assert chain != context.state.get(CHAINS, ("ETH", ENDS_MS))


def test_a_full_date_takes_no_strike_more() -> None:
    world = listing(strikes_max_count=3)

    world.pass_blocks(4)

    assert 1 + 2 * 3 == len(world.listed())
    assert 3 == world.chains()[FIRST].strikes_count


def test_no_more_is_listed_than_instruments_there_may_be() -> None:
    world = listing()
    context = world.context()
    some = context.state.get(INSTRUMENTS, "ETH-PERP")
    assert some is not None
    for number in range(INSTRUMENTS_MAX_COUNT - instruments_count(context.state) - 2):
        context.state.put(INSTRUMENTS, f"X-{number}", some)
    price = FeedPrice(3_200 * UNIT_E8, 1, 0, 1, 1, 1, 1, 0, False, False, 0, 0, 0, 0)
    context.state.put(PRICES, FIRST, price)

    list_due(context)

    assert INSTRUMENTS_MAX_COUNT - 1 == instruments_count(context.state)
    assert context.state.get(INSTRUMENTS, FIRST) is not None
    context.state.delete(INSTRUMENTS, "X-0")
    list_due(context)
    assert INSTRUMENTS_MAX_COUNT == instruments_count(context.state)


def test_a_date_waits_for_room_for_its_feed() -> None:
    context = listing().context()
    feed = context.state.get(FEEDS, "ETH")
    assert feed is not None
    for number in range(FEEDS_MAX_COUNT - sum(1 for _ in context.state.scan(FEEDS))):
        context.state.put(FEEDS, f"X{number}", feed)

    list_due(context)
    assert context.state.get(INSTRUMENTS, FIRST) is None
    context.state.delete(FEEDS, "X0")
    list_due(context)

    assert context.state.get(INSTRUMENTS, FIRST) is not None
