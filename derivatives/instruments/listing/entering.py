"""Step 2 of a block: what is due of dates and strikes is listed, a little in each block.

    date     its future, with a feed and families of its own, as soon as it is among those ahead
    strikes  from the one nearest to the forward outwards, once the forward is normal; more of
             them when it has moved

Bounded by 16 instruments a block; what is left comes first in the next.

Source: docs/specs/listing.md, LIST-005 to LIST-019.
"""

from typing import Any, NamedTuple

from chain.kit import BlockContext, Context, Table, View, divide_down, replace
from derivatives.ids import FeedId, InstrumentId
from derivatives.instruments.events import SeriesListed
from derivatives.instruments.listing.calendar import DAY_MS, days_ahead, name_of_day, next_day
from derivatives.instruments.listing.grid import Reach, reach_of, step_of, strike_text
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
    TRADING,
    TRADING_AUCTION,
    Chain,
    Expiry,
    Instrument,
    ListingRule,
    Roll,
    Strike,
    Trading,
)
from derivatives.margin.state import FAMILIES, OPTION_TERMS
from derivatives.oracle.ladder import FeedState
from derivatives.oracle.state import FEEDS, PRICES

ENTERED_MAX_COUNT = 16
INSTRUMENTS_MAX_COUNT = 2_000
FEEDS_MAX_COUNT = 256
OF_FAMILY: tuple[Table[Any], ...] = (FAMILIES, OPTION_TERMS)
OPTIONS_OF_STRIKE = ((KIND_CALL, "C"), (KIND_PUT, "P"))


class Date(NamedTuple):
    """A date of an underlying, and the rule by which it is listed."""

    underlying: FeedId
    expiry_ms: int
    forward: FeedId
    rule: ListingRule


def list_due(context: BlockContext) -> None:
    """List dates that are due, then strikes that forwards have come near to."""
    left_count = ENTERED_MAX_COUNT
    for key, rule in tuple(context.state.scan(LISTING_RULES)):
        underlying = str(key)
        roll = context.state.get(ROLLS, underlying)
        if roll is None or roll.next_ms <= context.time_ms:
            left_count -= _roll(context, underlying, rule, left_count)
        for place, chain in tuple(context.state.scan(CHAINS, (underlying,))):
            assert isinstance(place, tuple)
            assert isinstance(place[1], int)
            date = Date(underlying, place[1], chain.forward, rule)
            left_count -= _follow(context, date, chain, left_count)


def dates_due(rule: ListingRule, time_ms: int) -> dict[int, int]:
    """Return the ends of all dates that are listed ahead of a time, each with its period.

    None has less than `closing_ms` left, so that the next one trades before one ends.  A date
    of several periods is of the longest.
    """
    first_day = next_day(time_ms + rule.closing_ms, rule.day_end_ms)
    found: dict[int, int] = {}
    for cycle in rule.cycles:
        for day in days_ahead(cycle.period, cycle.dates_count, first_day):
            ends_ms = day * DAY_MS + rule.day_end_ms
            found[ends_ms] = max(cycle.period, found.get(ends_ms, 0))
    return {ends_ms: found[ends_ms] for ends_ms in sorted(found)}


def instruments_count(view: View) -> int:
    """Return how many instruments are listed."""
    return sum(1 for _ in view.scan(INSTRUMENTS))


def _roll(context: BlockContext, underlying: FeedId, rule: ListingRule, most_count: int) -> int:
    """List dates that are due, and look again when the first of them closes, if none is left."""
    state, done_count = context.state, 0
    room_count = INSTRUMENTS_MAX_COUNT - instruments_count(state)
    for expiry_ms, period in dates_due(rule, context.time_ms).items():
        if state.get(CHAINS, (underlying, expiry_ms)) is not None:
            continue
        if done_count == min(most_count, room_count):
            return done_count
        day = next_day(expiry_ms - 1, rule.day_end_ms)
        date = Date(underlying, expiry_ms, f"{underlying}-{name_of_day(day)}", rule)
        if not _list_date(context, date, period):
            return done_count
        done_count += 1
    day = next_day(context.time_ms + rule.closing_ms, rule.day_end_ms)
    state.put(ROLLS, underlying, Roll(day * DAY_MS + rule.day_end_ms - rule.closing_ms))
    return done_count


def _list_date(context: BlockContext, date: Date, period: int) -> bool:
    """List a date's future with all it needs; return whether there was room for its feed."""
    state, rule, forward = context.state, date.rule, date.forward
    if state.get(FEEDS, forward) is None:
        if sum(1 for _ in state.scan(FEEDS)) >= FEEDS_MAX_COUNT:
            return False
        feed = state.get(FEEDS, date.underlying)
        assert feed is not None, f"{date.underlying} has a listing rule and is no feed"
        state.put(FEEDS, forward, feed)
    _add_families(context, date)
    if state.get(INSTRUMENTS, forward) is None:
        _enter(context, forward, replace(rule.future, kind=KIND_FUTURE), date)
        context.emit(SeriesListed(forward, date.expiry_ms, 0))
    place = (date.underlying, date.expiry_ms)
    state.put(CHAINS, place, Chain(forward, period, 0, 0, 0, 0))
    return True


def _add_families(context: BlockContext, date: Date) -> None:
    """Margin a date like the rule's family, under every schedule that has terms for it."""
    state, rule = context.state, date.rule
    compartment = rule.future.compartment
    for table in OF_FAMILY:
        for key, terms in tuple(state.scan(table, (compartment,))):
            assert isinstance(key, tuple)
            place = (compartment, str(key[1]), date.forward)
            if key[2] == rule.family and state.get(table, place) is None:
                state.put(table, place, terms)


def _follow(context: BlockContext, date: Date, chain: Chain, most_count: int) -> int:
    """List strikes of a date that its forward has come near to; return how many instruments."""
    state, rule, listed, done_count = context.state, date.rule, chain, 0
    price = state.get(PRICES, chain.forward)
    cycle = {one.period: one for one in rule.cycles}.get(chain.period)
    is_closing = date.expiry_ms - context.time_ms < rule.closing_ms
    if cycle is None or price is None or price.state != FeedState.NORMAL or is_closing:
        return 0
    if listed.step_e8 == 0:
        step_e8 = step_of(price.price_e8, cycle.step_ppm, rule.option.tick_size_e8)
        listed = replace(listed, step_e8=step_e8)
    wanted = reach_of(price.price_e8, listed.step_e8, cycle.strikes_count)
    if listed.low_e8 and listed.low_e8 <= wanted.low_e8 and wanted.high_e8 <= listed.high_e8:
        return 0
    room_count = min(most_count, INSTRUMENTS_MAX_COUNT - instruments_count(state))
    while done_count + 2 <= room_count and listed.strikes_count < rule.strikes_max_count:
        further = _with_next(listed, wanted, price.price_e8)
        if further is None:
            break
        is_low = further.low_e8 != listed.low_e8
        is_new = enter_strike(context, date, further.low_e8 if is_low else further.high_e8)
        done_count += 2 if is_new else 0
        listed = replace(further, strikes_count=further.strikes_count + is_new)
    if listed.low_e8 and listed != chain:
        state.put(CHAINS, (date.underlying, date.expiry_ms), listed)
    return done_count


def _with_next(chain: Chain, wanted: Reach, forward_e8: int) -> Chain | None:
    """Return a chain with the nearest strike that it lacks of these, None where it has all."""
    step_e8 = chain.step_e8
    if chain.low_e8 == 0:
        middle_e8 = reach_of(forward_e8, step_e8, 0).low_e8
        return replace(chain, low_e8=middle_e8, high_e8=middle_e8)
    above_e8, below_e8 = chain.high_e8 + step_e8, chain.low_e8 - step_e8
    up, down = above_e8 <= wanted.high_e8, below_e8 >= wanted.low_e8
    if up and not (down and forward_e8 - below_e8 < above_e8 - forward_e8):
        return replace(chain, high_e8=above_e8)
    return replace(chain, low_e8=below_e8) if down else None


def enter_strike(context: Context | BlockContext, date: Date, strike_e8: int) -> bool:
    """List a call and a put at a strike; return whether one of them was not there before."""
    state, option, is_new = context.state, date.rule.option, False
    strike_ticks = divide_down(strike_e8, option.tick_size_e8)
    for kind, letter in OPTIONS_OF_STRIKE:
        name = f"{date.forward}-{strike_text(strike_e8)}-{letter}"
        if state.get(INSTRUMENTS, name) is None:
            is_new = True
            _enter(context, name, replace(option, kind=kind), date)
            state.put(STRIKES, name, Strike(strike_ticks))
            context.emit(SeriesListed(name, date.expiry_ms, strike_ticks))
    return is_new


def _enter(
    context: Context | BlockContext, name: InstrumentId, terms: Instrument, date: Date
) -> None:
    state, rule = context.state, date.rule
    state.put(INSTRUMENTS, name, terms)
    expiry = Expiry(
        date.forward,
        date.expiry_ms,
        rule.window_ms,
        rule.coverage_ppm,
        rule.extension_ms,
        rule.extensions_max_count,
    )
    state.put(EXPIRIES, name, expiry)
    state.put(TRADING, name, Trading(TRADING_AUCTION, context.time_ms, 0))
