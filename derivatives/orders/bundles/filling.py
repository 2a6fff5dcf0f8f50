"""Fill every leg of a bundle from its own book, whole, or refuse all of them.

    each leg    is an order of its own: fill or kill, in the order given
    each maker  is tested at its fill, as ever
    the taker   is tested once, when all legs are filled: a combination is one order

Between two legs the taker may stand as no account may stand at a transaction's end.

Source: docs/specs/orders.md, ORDR-102 to ORDR-108.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from chain.kit import Context, Refusal, View, require
from derivatives.ids import AccountId
from derivatives.orders import reasons
from derivatives.orders.bundles.legs import leg_named
from derivatives.orders.entry import Request, incoming_of, require_tradable
from derivatives.orders.events import OrderFilled
from derivatives.orders.matching import Backing, take
from derivatives.orders.state import SIDE_BUY


class MakersAlone(NamedTuple):
    """The margin test of whoever rests; the taker's own comes when all legs are filled."""

    taker: AccountId
    backing: Backing

    def before(self, view: View, account: AccountId) -> Any:
        """Return how a maker stands before a fill."""
        return None if account == self.taker else self.backing.before(view, account)

    def refusal(self, view: View, account: AccountId, before: Any) -> Refusal | None:
        """Return why a maker may not stand as it does after a fill, or None."""
        return None if account == self.taker else self.backing.refusal(view, account, before)


def fill_whole(
    context: Context,
    requests: Sequence[Request],
    backing: Backing,
    net_limit_quantums: int | None,
) -> int:
    """Fill every request whole and return what all cost: value bought less value sold.

    In quantums, without fees; below zero where more was sold; at most the limit, if any.
    Refuses: what the market refuses of an order, orders.leg_not_fillable, what refuses the
    account a fill, orders.net_not_met, and what margin refuses at the end.
    """
    account = requests[0].account
    state = context.state
    for index, request in enumerate(requests):
        with leg_named(index):
            require_tradable(state, request, context.time_ms)
    before = backing.before(state, account)
    makers_alone = MakersAlone(account, backing)
    net_quantums = 0
    for index, request in enumerate(requests):
        with leg_named(index):
            net_quantums += _fill(context, request, makers_alone)
    if net_limit_quantums is not None:
        require(
            net_quantums <= net_limit_quantums,
            reasons.NET_NOT_MET,
            net_quantums=net_quantums,
            limit_quantums=net_limit_quantums,
            asset=requests[0].instrument.quote,
        )
    refusal = backing.refusal(state, account, before)
    if refusal is not None:
        raise refusal
    return net_quantums


def _fill(context: Context, request: Request, backing: Backing) -> int:
    """Fill one leg, and return what it cost. Refuses: orders.leg_not_fillable."""
    incoming = incoming_of(context.state, request)
    context.touch(request.account)
    told_count = len(context.events)
    take(context, incoming, backing)
    require(
        not incoming.remaining_lots,
        reasons.LEG_NOT_FILLABLE,
        instrument=request.instrument_id,
        size_lots=request.size_lots,
        fillable_lots=request.size_lots - incoming.remaining_lots,
    )
    value = sum(
        event.size_lots * event.price_ticks
        for event in context.events[told_count:]
        if isinstance(event, OrderFilled)
    )
    value *= request.instrument.tick_value_quantums
    return value if request.side == SIDE_BUY else -value
