"""What anybody may ask of listing: a strike on the grid of a date that is listed.

Source: docs/specs/listing.md, LIST-020 to LIST-024.
"""

from typing import ClassVar

from chain.kit import CLASS_REST, Context, divide_down, record, replace, require
from derivatives.instruments import reasons
from derivatives.instruments.listing.entering import (
    INSTRUMENTS_MAX_COUNT,
    Date,
    enter_strike,
    instruments_count,
)
from derivatives.instruments.listing.grid import reach_on_request, strike_text
from derivatives.instruments.state import CHAINS, LISTING_RULES, Chain, ListingRule
from derivatives.oracle.ladder import FeedState
from derivatives.oracle.state import PRICES


@record
class ListStrike:
    """List a call and a put at a strike of a date, a step further than the chain would itself.

    Anybody may ask; the strike must be on the date's grid and near enough to its forward.
    """

    transaction_class: ClassVar[int] = CLASS_REST
    weight: ClassVar[int] = 3_000

    feed: str
    expiry_ms: int
    strike_e8: int

    def check(self) -> None:
        """Refuse a strike of nothing."""
        require(self.strike_e8 > 0, reasons.STRIKE_NOT_POSITIVE, strike_e8=self.strike_e8)

    def apply(self, context: Context) -> None:
        """Look at date, grid, reach and room, then list both options."""
        state, place = context.state, (self.feed, self.expiry_ms)
        rule, chain = state.get(LISTING_RULES, self.feed), state.get(CHAINS, place)
        require(
            rule is not None and chain is not None,
            reasons.DATE_NOT_LISTED,
            feed=self.feed,
            expiry_ms=self.expiry_ms,
        )
        assert rule is not None
        assert chain is not None
        self._require_time(context, rule)
        self._require_reach(context, rule, chain)
        self._require_room(context, rule, chain)
        date = Date(self.feed, self.expiry_ms, chain.forward, rule)
        is_new = enter_strike(context, date, self.strike_e8)
        named = f"{chain.forward}-{strike_text(self.strike_e8)}-C"
        require(is_new, reasons.STRIKE_LISTED, instrument=named)
        state.put(CHAINS, place, replace(chain, strikes_count=chain.strikes_count + 1))

    def _require_time(self, context: Context, rule: ListingRule) -> None:
        left_ms = self.expiry_ms - context.time_ms
        require(
            left_ms >= rule.closing_ms,
            reasons.DATE_CLOSING,
            left_ms=max(0, left_ms),
            closing_ms=rule.closing_ms,
        )

    def _require_reach(self, context: Context, rule: ListingRule, chain: Chain) -> None:
        price = context.state.get(PRICES, chain.forward)
        usable = price is not None and price.state == FeedState.NORMAL and chain.step_e8 > 0
        require(usable, reasons.FORWARD_NOT_NORMAL, feed=chain.forward)
        assert price is not None
        step_e8 = chain.step_e8
        below_e8 = divide_down(self.strike_e8, step_e8) * step_e8
        require(
            self.strike_e8 == below_e8,
            reasons.STRIKE_OFF_GRID,
            strike_e8=self.strike_e8,
            step_e8=step_e8,
            below_e8=below_e8,
            above_e8=below_e8 + step_e8,
        )
        reach = reach_on_request(price.price_e8, step_e8, rule.request_reach_ppm)
        require(
            reach.low_e8 <= self.strike_e8 <= reach.high_e8,
            reasons.STRIKE_OUT_OF_REACH,
            strike_e8=self.strike_e8,
            lowest_e8=reach.low_e8,
            highest_e8=reach.high_e8,
        )

    def _require_room(self, context: Context, rule: ListingRule, chain: Chain) -> None:
        require(
            chain.strikes_count < rule.strikes_max_count,
            reasons.STRIKES_TOO_MANY,
            limit_count=rule.strikes_max_count,
        )
        require(
            instruments_count(context.state) + 2 <= INSTRUMENTS_MAX_COUNT,
            reasons.INSTRUMENTS_TOO_MANY,
            limit_count=INSTRUMENTS_MAX_COUNT,
        )
