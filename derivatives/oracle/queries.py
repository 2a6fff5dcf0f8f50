"""What can be asked of the oracle that is not simply stored."""

from typing import Annotated

from chain.kit import Meta, Query, View, record
from derivatives.ids import FEED
from derivatives.oracle.ladder import Action, FeedState
from derivatives.oracle.permission import allowed
from derivatives.oracle.prices import state_of


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


QUERIES = (Query("feed_standing", feed_standing, {"feed": FEED}),)
