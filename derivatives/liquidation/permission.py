"""Whether an account may be liquidated while feeds are out, and since when it could be.

    jump, stale, auction   nobody who needs the feed is liquidated
    invalid                other legs only; what this feed values counts at its worst
    after an outage        nobody who needs the feed, for as long as it lasted, at most 10 min

An account needs the feeds of its positions and of its collateral.

Source: docs/specs/liquidation.md, LIQ-030 to LIQ-034.
"""

from chain.kit import Refusal, View
from derivatives.ids import FeedId
from derivatives.liquidation import reasons
from derivatives.oracle.ladder import Action, FeedState
from derivatives.oracle.permission import Allowed, allowed
from derivatives.oracle.prices import state_of
from derivatives.oracle.state import PRICES


def is_doubted(view: View, feed: FeedId) -> bool:
    """Return whether a feed is invalid: what it values counts at its worst, and stays."""
    state = state_of(view, feed)
    answer = allowed(view, state, Action.LIQUIDATE)
    return state is FeedState.INVALID and answer is Allowed.UNAFFECTED


def waited_for(view: View, feeds: tuple[FeedId, ...]) -> FeedId | None:
    """Return the first of these feeds by which nothing may be liquidated now, None for none.

    An invalid feed is not waited for: what it values stays, and the rest goes.
    """
    for feed in feeds:
        permitted = allowed(view, state_of(view, feed), Action.LIQUIDATE) is Allowed.YES
        if not permitted and not is_doubted(view, feed):
            return feed
    return None


def feeds_refusal(view: View, feeds: tuple[FeedId, ...], time_ms: int) -> Refusal | None:
    """Return why whoever needs these feeds is not liquidated now, None where nothing waits.

    In order: liquidation.feed_waits, of the first such feed.
    """
    for feed in feeds:
        in_grace = not is_doubted(view, feed) and grace_until_ms(view, (feed,)) > time_ms
        if in_grace or waited_for(view, (feed,)) is not None:
            return Refusal(reasons.FEED_WAITS, feed=feed)
    return None


def grace_until_ms(view: View, feeds: tuple[FeedId, ...]) -> int:
    """Return when the last grace of these feeds ends or ended; 0 where there was none."""
    prices = [view.get(PRICES, feed) for feed in feeds]
    return max((price.grace_until_ms for price in prices if price is not None), default=0)
