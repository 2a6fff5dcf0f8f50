"""Ask for several legs at once: all of them filled, whole and immediately, or nothing.

Source: docs/specs/orders.md, ORDR-100 to ORDR-109.
"""

from chain.kit import CLASS_TRADING, U8, Context, record, require
from derivatives.accounts.authority import require_may_trade
from derivatives.instruments.state import INSTRUMENTS
from derivatives.orders import reasons
from derivatives.orders.book import next_order_id
from derivatives.orders.bundles.filling import fill_whole
from derivatives.orders.bundles.legs import check_legs, leg_named
from derivatives.orders.entry import Request
from derivatives.orders.events import BundleFilled, OrderPlaced
from derivatives.orders.matching import SECTION_FOUR
from derivatives.orders.state import (
    FILL_OR_KILL,
    SELF_TRADE_CANCELS_INCOMING,
    SELF_TRADE_CANCELS_RESTING,
)

BUNDLE_LEGS_MIN_COUNT = 2
LEG_WEIGHT = 5_000
"""The work of one order that meets a few others."""


@record
class BundleLeg:
    """One order of a bundle: 1 buys, 2 sells; `price_ticks` 0 goes to the edge of the band."""

    instrument: str
    side: U8
    size_lots: int
    price_ticks: int
    reduce_only: bool


@record
class Bundle:
    """Fill two to eight legs at once from their books, each whole, or none of them.

    Legs are filled in their order.  Where `net_limited`, all together cost at most
    `net_limit_quantums`: value bought less value sold, so below zero it is the least that
    must come in.  `self_trade` is that of an order.
    """

    account_holder: str
    legs: tuple[BundleLeg, ...]
    net_limited: bool
    net_limit_quantums: int
    self_trade: U8

    @property
    def transaction_class(self) -> int:
        """Return trading: a bundle never rests."""
        return CLASS_TRADING

    @property
    def weight(self) -> int:
        """Return the work of as many orders."""
        return LEG_WEIGHT * max(1, len(self.legs))

    def check(self) -> None:
        """Refuse what is no bundle in any state.

        Refuses: orders.legs_count_wrong, .side_unknown, .size_not_positive, .leg_repeated,
        .self_trade_unknown, .flags_conflict.
        """
        check_legs(self.legs, BUNDLE_LEGS_MIN_COUNT)
        require(
            self.self_trade in {SELF_TRADE_CANCELS_RESTING, SELF_TRADE_CANCELS_INCOMING},
            reasons.SELF_TRADE_UNKNOWN,
            given_number=self.self_trade,
        )
        conflict = not self.net_limited and self.net_limit_quantums != 0
        require(not conflict, reasons.FLAGS_CONFLICT, what="without a net limit and with one")

    def apply(self, context: Context) -> None:
        """Fill all legs; whatever is refused undoes every one of them."""
        compartment = require_may_trade(context, self.account_holder).compartment
        requests = []
        for index, leg in enumerate(self.legs):
            with leg_named(index):
                requests.append(self._request(context, leg, compartment))
        limit_quantums = self.net_limit_quantums if self.net_limited else None
        net_quantums = fill_whole(context, requests, SECTION_FOUR, limit_quantums)
        context.emit(
            BundleFilled(self.account_holder, requests[0].order_id, len(self.legs), net_quantums)
        )

    def _request(self, context: Context, leg: BundleLeg, compartment: str) -> Request:
        """Return a leg as the order that it is, numbered and told."""
        instrument = context.state.get(INSTRUMENTS, leg.instrument)
        require(instrument is not None, reasons.INSTRUMENT_UNKNOWN, instrument=leg.instrument)
        assert instrument is not None
        require(
            instrument.compartment == compartment,
            reasons.COMPARTMENT_DIFFERS,
            instrument=leg.instrument,
            compartment=instrument.compartment,
        )
        order_id = next_order_id(context.state, compartment)
        context.emit(
            OrderPlaced(
                order_id,
                self.account_holder,
                leg.instrument,
                leg.side,
                leg.price_ticks,
                leg.size_lots,
                FILL_OR_KILL,
                post_only=False,
                reduce_only=leg.reduce_only,
                client_id="",
                trigger_ticks=0,
            )
        )
        return Request(
            order_id=order_id,
            priority=order_id,
            account=self.account_holder,
            instrument_id=leg.instrument,
            instrument=instrument,
            side=leg.side,
            price_ticks=leg.price_ticks,
            size_lots=leg.size_lots,
            filled_lots=0,
            time_in_force=FILL_OR_KILL,
            post_only=False,
            reduce_only=leg.reduce_only,
            self_trade=self.self_trade,
            client_id="",
            good_till_ms=0,
            placed_ms=context.time_ms,
            placed_height=context.height,
        )
