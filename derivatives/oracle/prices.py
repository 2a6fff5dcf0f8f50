"""How one feed's record moves: a section arrives, or only time passes.

Source: docs/specs/oracle.md, ORAC-015 to ORAC-029.
"""

from chain.kit import View, replace
from derivatives.ids import FeedId
from derivatives.oracle.aggregation import Aggregate, is_jump
from derivatives.oracle.averages import decayed
from derivatives.oracle.ladder import (
    JUMP_CONFIRMATIONS_COUNT,
    RECOVERY_SECTIONS_COUNT,
    FeedState,
    grace_ms,
    state_by_age,
)
from derivatives.oracle.state import FEEDS, PRICES, FeedPrice, FeedTerms

AVERAGE_SHORT_MS = 300_000
AVERAGE_LONG_MS = 3_600_000
OUTAGES = (FeedState.STALE, FeedState.AUCTION)


def price_of(view: View, feed: FeedId) -> FeedPrice | None:
    """Return a feed's record, or nothing before its first accepted section."""
    return view.get(PRICES, feed)


def feeds_of(view: View) -> list[tuple[FeedId, FeedTerms]]:
    """Return every listed feed with its terms, in order of name."""
    return [(str(feed), terms) for feed, terms in view.scan(FEEDS)]


def state_of(view: View, feed: FeedId) -> FeedState:
    """Return how far a feed may be trusted now."""
    price = view.get(PRICES, feed)
    return FeedState.INVALID if price is None else FeedState(price.state)


def first_price(
    aggregate: Aggregate, terms: FeedTerms, observed_ms: int, time_ms: int
) -> FeedPrice | None:
    """Return the record of a feed that was never heard of before: normal at once.

    None for a value at a bound, which is not used: the feed is as unheard of as before.
    """
    price_e8 = aggregate.price_e8
    if is_at_bound(price_e8, terms):
        return None
    return FeedPrice(
        price_e8=price_e8,
        confidence_e8=aggregate.confidence_e8,
        updated_ms=min(time_ms, observed_ms),
        parent_price_e8=price_e8,
        average_5m_e8=price_e8,
        average_1h_e8=price_e8,
        state=FeedState.NORMAL,
        pending_count=0,
        pending_above=False,
        at_bound=False,
        recovery_count=0,
        outage_from_ms=0,
        grace_until_ms=0,
        pending_ms=0,
    )


def is_at_bound(price_e8: int, terms: FeedTerms) -> bool:
    """Return whether a price lies at or beyond what its feed can be."""
    return not terms.price_min_e8 < price_e8 < terms.price_max_e8


def with_aggregate(
    price: FeedPrice, terms: FeedTerms, aggregate: Aggregate, observed_ms: int, time_ms: int
) -> FeedPrice:
    """Return the record after a section spoke of its feed: accepted, held, or at a bound."""
    if is_at_bound(aggregate.price_e8, terms):
        return replace(price, at_bound=True)
    elapsed_ms = max(0, time_ms - price.updated_ms)
    if is_jump(aggregate.price_e8, price.price_e8, terms.sigma_1s_ppm, elapsed_ms):
        above = aggregate.price_e8 > price.price_e8
        agrees = price.pending_count > 0 and above == price.pending_above
        pending = price.pending_count + 1 if agrees else 1
        if pending < JUMP_CONFIRMATIONS_COUNT:
            return replace(
                price,
                pending_count=pending,
                pending_above=above,
                pending_ms=max(price.pending_ms, min(time_ms, observed_ms)),
                at_bound=False,
            )
    updated_ms = max(price.updated_ms, min(time_ms, observed_ms))
    spoken = replace(
        price,
        price_e8=aggregate.price_e8,
        confidence_e8=aggregate.confidence_e8,
        updated_ms=updated_ms,
        average_5m_e8=decayed(
            price.average_5m_e8, price.price_e8, updated_ms - price.updated_ms, AVERAGE_SHORT_MS
        ),
        average_1h_e8=decayed(
            price.average_1h_e8, price.price_e8, updated_ms - price.updated_ms, AVERAGE_LONG_MS
        ),
        pending_count=0,
        pending_ms=0,
        at_bound=False,
    )
    return recovered(spoken, time_ms) if price.recovery_count else spoken


def recovered(price: FeedPrice, time_ms: int) -> FeedPrice:
    """Return the record one accepted section nearer to the end of its outage.

    The last of them starts the grace, as long as the outage was, at most ten minutes; one
    that an earlier outage left is never cut short.
    """
    left = price.recovery_count - 1
    if left:
        return replace(price, recovery_count=left)
    grown_ms = time_ms + grace_ms(time_ms - price.outage_from_ms)
    until_ms = max(price.grace_until_ms, grown_ms)
    return replace(price, recovery_count=0, outage_from_ms=0, grace_until_ms=until_ms)


def with_time(price: FeedPrice, time_ms: int, parent_time_ms: int, break_ms: int) -> FeedPrice:
    """Return the record with the state that age, jumps, bounds and outages make of it.

    A gap of more than `break_ms` between a block and its parent is an outage of every feed.
    A value under test is no silence: while it is heard of, only the age of an auction is one.
    """
    broke = time_ms - parent_time_ms > break_ms
    by_age = state_by_age(max(0, time_ms - price.updated_ms))
    heard_ms = max(price.updated_ms, price.pending_ms)
    is_silent = state_by_age(max(0, time_ms - heard_ms)) in OUTAGES
    if broke or is_silent or by_age is FeedState.AUCTION:
        began_ms = price.outage_from_ms or min(price.updated_ms, parent_time_ms)
        price = replace(price, recovery_count=RECOVERY_SECTIONS_COUNT, outage_from_ms=began_ms)
    if price.at_bound:
        state = FeedState.INVALID
    elif price.pending_count:
        state = FeedState.AUCTION if by_age is FeedState.AUCTION else FeedState.JUMP
    elif price.recovery_count:
        gathers = FeedState.AUCTION in {by_age, price.state}
        state = FeedState.AUCTION if gathers else FeedState.STALE
    else:
        state = by_age
    return replace(price, state=state)
