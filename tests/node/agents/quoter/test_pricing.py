"""AGT-077 to AGT-081: what is bid and asked for an option, and when that is stale."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from node.agents.quoter.chain import OptionSeen, chain_of
from node.agents.quoter.form import Chain
from node.agents.quoter.pricing import (
    Room,
    Terms,
    half_spread,
    of_others,
    prices,
    quotes,
)
from node.agents.quotes import Quote, is_stale
from node.agents.seen import BUY, SELL, Resting
from tests.node.agents.quoter.sights import chain

SEEN = chain_of(chain())
assert SEEN is not None
TERMS = Terms(SEEN, Chain())
CALL = OptionSeen(
    instrument="BTC-4DEC26-64000-C",
    strike_e8=64_000 * 10**8,
    is_open=True,
    bid_ticks=0,
    ask_ticks=0,
    mark_ticks=3_000,
    vega_quantums=2_700_000,
    delta_ppm=500_000,
)


def told(**changed: Any) -> Terms:
    return replace(TERMS, told=replace(TERMS.told, **changed))


def ample() -> Room:
    return Room(10**6, 10**6)


def resting(quote: Quote, **changed: Any) -> Resting:
    order = Resting(
        7, quote.client_id, CALL.instrument, quote.side, quote.price_ticks, quote.size_lots
    )
    return replace(order, **changed)


def test_the_half_spread_is_a_width_in_volatility_and_what_hedging_costs() -> None:
    # 1 % of 2,700,000 is 27,000; 0.1 % of half of 64.01 USD is 32,005: 59.005 USD a bitcoin.
    assert 59_005 == half_spread(CALL, TERMS)
    assert 27_000 == half_spread(CALL, told(hedge_ppm=0))
    assert 32_005 == half_spread(replace(CALL, delta_ppm=-500_000), told(volatility_ppm=0))


def test_it_is_at_most_a_share_of_the_mark_and_at_least_some_ticks() -> None:
    cheap = replace(CALL, mark_ticks=100)

    # A quarter of 50,000 quantums; of a thing worth four ticks still two.
    assert 12_500 == half_spread(cheap, TERMS)
    assert 1_000 == half_spread(replace(CALL, mark_ticks=4), TERMS)


def test_bid_and_ask_stand_around_the_mark_away_from_it_by_the_tick() -> None:
    # 1,500,000 less and more 59,005 are 2,881.99 and 3,118.01 ticks.
    assert (2_881, 3_119) == prices(CALL, TERMS, 0)


def test_the_middle_leans_against_the_position_by_the_half_spread_and_no_further() -> None:
    half_long, full_long, beyond, short = (
        prices(CALL, TERMS, lots) for lots in (500, 1_000, 9_000, -1_000)
    )

    # At a full position the middle is 59,005 lower, so that what reduces it is at the mark.
    assert (2_763, 3_000) == full_long == beyond
    assert (3_000, 3_237) == short
    assert (2_822, 3_060) == half_long


def test_what_is_worth_next_to_nothing_is_asked_for_and_not_bid_for() -> None:
    worthless = replace(CALL, mark_ticks=1, vega_quantums=0, delta_ppm=0)

    assert [(SELL, 3)] == [
        (one.side, one.price_ticks) for one in quotes(worthless, TERMS, 0, (), ample())
    ]


def test_neither_side_may_bring_the_option_beyond_its_limit() -> None:
    long, full = (quotes(CALL, TERMS, lots, (), ample()) for lots in (900, 1_000))

    assert [(BUY, 100), (SELL, 200)] == [(one.side, one.size_lots) for one in long]
    assert [SELL] == [one.side for one in full]


def test_all_options_together_share_a_room_for_each_side() -> None:
    room = Room(bought_lots=300, sold_lots=100)

    first, second = (quotes(CALL, TERMS, 0, (), room) for _ in range(2))

    assert [(BUY, 200), (SELL, 100)] == [(one.side, one.size_lots) for one in first]
    assert [(BUY, 100)] == [(one.side, one.size_lots) for one in second]


def test_no_order_would_meet_what_others_have_resting() -> None:
    crossed = replace(CALL, bid_ticks=3_200, ask_ticks=2_800)

    assert [2_799, 3_201] == [one.price_ticks for one in quotes(crossed, TERMS, 0, (), ample())]


def test_own_orders_are_not_taken_for_those_of_others() -> None:
    seen = replace(CALL, bid_ticks=2_881, ask_ticks=3_100)
    own = [resting(Quote("b", BUY, 2_881, 200)), resting(Quote("a", SELL, 3_119, 200))]

    assert (0, 3_100) == of_others(seen, own)
    assert (2_881, 3_100) == of_others(seen, ())


OPTIONS = st.builds(
    OptionSeen,
    instrument=st.just("X"),
    strike_e8=st.just(64_000 * 10**8),
    is_open=st.just(True),
    bid_ticks=st.integers(0, 200_000),
    ask_ticks=st.integers(0, 200_000),
    mark_ticks=st.integers(1, 200_000),
    vega_quantums=st.integers(0, 50_000_000),
    delta_ppm=st.integers(-1_000_000, 1_000_000),
)


@given(
    seen=OPTIONS,
    position=st.integers(-1_500, 1_500),
    skew=st.integers(0, 2_000_000),
    room=st.tuples(st.integers(-50, 500), st.integers(-50, 500)),
)
@settings(max_examples=200)
def test_whatever_is_seen_quotes_never_cross_and_never_exceed(
    seen: OptionSeen, position: int, skew: int, room: tuple[int, int]
) -> None:
    wanted = {one.side: one for one in quotes(seen, told(skew_ppm=skew), position, (), Room(*room))}

    bid, ask = wanted.get(BUY), wanted.get(SELL)
    assert all(1 <= one.size_lots <= 200 and one.price_ticks >= 1 for one in wanted.values())
    assert bid is None or (position + bid.size_lots <= 1_000 and bid.size_lots <= room[0])
    assert ask is None or (position - ask.size_lots >= -1_000 and ask.size_lots <= room[1])
    assert bid is None or not seen.ask_ticks or bid.price_ticks < seen.ask_ticks
    assert ask is None or ask.price_ticks > seen.bid_ticks
    assert bid is None or ask is None or bid.price_ticks < ask.price_ticks


def test_what_rests_within_its_tolerance_is_left_alone() -> None:
    wanted = quotes(CALL, TERMS, 0, (), ample())

    # 70 % of 59,005 quantums are 82 whole ticks.
    assert 82 == TERMS.tolerance_ticks(CALL)
    moved = [resting(one, price_ticks=one.price_ticks - 82, remaining_lots=100) for one in wanted]
    assert not is_stale(wanted, moved, 82)
