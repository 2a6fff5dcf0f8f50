"""ORAC-030: a feed's standing is the matrix's row for its state."""

from chain.state.overlay import Overlay
from chain.state.tables import Tables
from derivatives.oracle.ladder import Action, FeedState
from derivatives.oracle.module import MODULE
from derivatives.oracle.queries import FeedStanding, feed_standing
from derivatives.oracle.state import PERMISSIONS, Permission


def test_unknown_feed_stands_invalid_with_the_row_of_invalid() -> None:
    view = Overlay(Tables(MODULE.tables))
    view.put(PERMISSIONS, (int(FeedState.INVALID), int(Action.WITHDRAW)), Permission(2))

    standing = feed_standing(view, "BTC")

    assert FeedStanding("invalid", "no", "no", "unaffected", "no", "no", "no") == standing
