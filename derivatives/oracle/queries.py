"""What can be asked of the oracle that is not simply stored."""

from typing import Annotated

from chain.kit import Meta, Query, View, integer_key, record
from derivatives.ids import FEED
from derivatives.oracle.ladder import Action, FeedState
from derivatives.oracle.permission import allowed
from derivatives.oracle.prices import state_of
from derivatives.oracle.surfaces import volatility_at_e9


@record
class FeedStanding:
    """How far a feed may be trusted, and what may be done while it is so."""

    state: str
    open: str
    reduce: str
    withdraw: str
    liquidate: str
    quote: str
    settle: Annotated[str, Meta(max_length=16)]


def feed_standing(view: View, feed: str) -> FeedStanding:
    """Return a feed's state and the answers of the matrix for it."""
    state: FeedState = state_of(view, feed)
    answers = {action: allowed(view, state, action).name.lower() for action in Action}
    return FeedStanding(
        state=state.name.lower(),
        open=answers[Action.OPEN],
        reduce=answers[Action.REDUCE],
        withdraw=answers[Action.WITHDRAW],
        liquidate=answers[Action.LIQUIDATE],
        quote=answers[Action.QUOTE],
        settle=answers[Action.SETTLE],
    )


@record
class StrikeVolatility:
    """The volatility of a date at a strike a year, 0 where the chain knows none."""

    feed: str
    expiry_ms: int
    strike_e8: int
    volatility_e9: int


def strike_volatility(view: View, feed: str, expiry_ms: int, strike_e8: int) -> StrikeVolatility:
    """Return what the chosen surface says of one strike of one date."""
    within = 1 <= strike_e8 < 1 << 62
    found = volatility_at_e9(view, feed, expiry_ms, strike_e8) if within else None
    return StrikeVolatility(feed, expiry_ms, strike_e8, found or 0)


QUERIES = (
    Query("feed_standing", feed_standing, {"feed": FEED}),
    Query(
        "volatility",
        strike_volatility,
        {
            "feed": FEED,
            "expiry_ms": integer_key("expiry_ms", 64),
            "strike_e8": integer_key("strike_e8", 64),
        },
    ),
)
