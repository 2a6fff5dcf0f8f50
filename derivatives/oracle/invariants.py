"""What is always true of prices and surfaces."""

from chain.kit import View, hold
from derivatives.oracle.ladder import JUMP_CONFIRMATIONS_COUNT, FeedState
from derivatives.oracle.prices import is_at_bound
from derivatives.oracle.state import FEEDS, PRICES, SURFACES
from derivatives.oracle.surfaces import surface_of
from derivatives.pricing.surface.admission import fault_of


def every_price_is_of_a_listed_feed_and_within_its_bounds(view: View) -> None:
    """A price that is used never lies at a bound, and a held value is soon decided."""
    for key, price in view.scan(PRICES):
        feed = str(key)
        terms = view.get(FEEDS, feed)
        hold(terms is not None, f"{feed} has a price and no terms")
        assert terms is not None
        inside = not is_at_bound(price.price_e8, terms)
        hold(inside or price.state == FeedState.INVALID, f"{feed} is used at a bound")
        hold(price.pending_count < JUMP_CONFIRMATIONS_COUNT, f"{feed} holds a confirmed value")
        is_held = price.pending_count > 0
        hold(is_held == (price.pending_ms > 0), f"{feed} holds a value that nobody said")
        hold(price.confidence_e8 > 0, f"{feed} is certain beyond reason")


def every_surface_is_free_of_arbitrage(view: View) -> None:
    """A surface that is kept passes every test of admission, as of when it was chosen."""
    for key, stored in view.scan(SURFACES):
        underlying = str(key)
        surface = surface_of(view, underlying, stored.chosen_ms)
        hold(surface is not None, f"{underlying} has a surface of dates that had passed")
        assert surface is not None
        fault = fault_of(surface)
        hold(fault is None, f"{underlying} has a surface with a fault: {fault}")


INVARIANTS = (
    every_price_is_of_a_listed_feed_and_within_its_bounds,
    every_surface_is_free_of_arbitrage,
)
