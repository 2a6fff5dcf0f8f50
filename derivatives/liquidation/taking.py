"""Move a slice out of an account: to a keeper at the mark, or into the book as far as it pays.

    keeper     lots at the mark without fees, collateral at the index, the allowance as cash
    the house  immediate orders for every leg, filled whole with slippage and fees within the
               allowance, or everything undone; what is left of it feeds insurance

Source: docs/specs/liquidation.md, LIQ-040 to LIQ-059.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, cast

from chain.kit import BlockContext, Context, Refusal, View, multiply_ppm_down
from chain.modules.ledger.balances import balance_of, post
from derivatives.accounts.collateral import compartment_terms
from derivatives.accounts.debt import follow
from derivatives.ids import AccountId, CompartmentId, insurance_of
from derivatives.instruments.state import INSTRUMENTS, Instrument
from derivatives.instruments.terms import matches_continuously, reach_ticks
from derivatives.liquidation.cases import Case, Offer, offer_of, stand_of
from derivatives.liquidation.events import CollateralTaken, LegTaken, SliceTaken
from derivatives.liquidation.slices import Leg, Slice
from derivatives.margin.account import standing_of
from derivatives.marks.state import MARKS
from derivatives.orders.book import next_order_id, trim_reduce_only
from derivatives.orders.matching import SECTION_FOUR, Incoming, Undoable, take
from derivatives.orders.state import SELF_TRADE_CANCELS_RESTING, SIDE_BUY, SIDE_SELL
from derivatives.perpetuals.funding import owed_quantums
from derivatives.positions.state import POSITIONS
from derivatives.trades.events import Traded
from derivatives.trades.limits import fit_refusal
from derivatives.trades.novate import novate


class Sent(NamedTuple):
    """What it came to: the legs with their values, what they cost, what insurance got."""

    legs: tuple[LegTaken, ...]
    spent_quantums: int
    insurance_quantums: int


class MakersOnly:
    """The margin test of section 4 for whoever the house meets; the house judges its own side."""

    def __init__(self, account: AccountId) -> None:
        """Judge everybody but this account."""
        self._account = account

    def before(self, view: View, account: AccountId) -> Any:
        """Return how an account stands before a fill, nothing of the one that is closed."""
        return None if account == self._account else SECTION_FOUR.before(view, account)

    def refusal(self, view: View, account: AccountId, before: Any) -> Refusal | None:
        """Return why a maker may not stand as it does after a fill, or None."""
        return None if account == self._account else SECTION_FOUR.refusal(view, account, before)


def go_on(
    context: Context | BlockContext,
    account: AccountId,
    case: Case,
    *,
    keeper: AccountId,
    limit_count: int,
    deliver: Callable[[Offer], Sent | None],
) -> int:
    """Take slices until it is enough, none is left or none is delivered; return how many.

    A slice that was delivered is told with everything that it can be recomputed from.
    """
    state, taken_count = context.state, 0
    stand = stand_of(state, account)
    while taken_count < limit_count and not stand.is_enough(case):
        offer = offer_of(state, case, stand, context.time_ms, in_book=not keeper)
        sent = None if offer is None else deliver(offer)
        if offer is None or sent is None:
            break
        after = stand_of(state, account)
        assert after.whole.health.solvency_quantums >= 0, f"{account}: a slice ruined it"
        found, left = stand.whole.health, after.whole.health
        context.emit(
            SliceTaken(
                account_holder=account,
                keeper_holder=keeper,
                by_gain=case.by_gain,
                tenths_count=offer.slice.tenths_count,
                legs=sent.legs,
                collateral=collateral_taken(offer.slice),
                release_quantums=offer.slice.release_quantums,
                since_ms=case.since_ms,
                ramp_ppm=offer.share_ppm,
                allowance_quantums=offer.allowance_quantums,
                paid_quantums=sent.spent_quantums,
                insurance_quantums=sent.insurance_quantums,
                doubted_quantums=stand.doubted_quantums,
                equity_before_quantums=found.equity_quantums,
                solvency_before_quantums=found.solvency_quantums,
                maintenance_before_quantums=found.maintenance_quantums,
                equity_after_quantums=left.equity_quantums,
                solvency_after_quantums=left.solvency_quantums,
                maintenance_after_quantums=left.maintenance_quantums,
            )
        )
        taken_count += 1
        stand = after
    return taken_count


def collateral_taken(slice_: Slice) -> tuple[CollateralTaken, ...]:
    """Return the collateral of a slice as it is told, by asset."""
    return tuple(
        CollateralTaken(cut.asset, cut.amount_quantums, cut.value_quantums)
        for cut in slice_.collateral
    )


def give(
    context: Context | BlockContext,
    account: AccountId,
    keeper: AccountId,
    slice_: Slice,
    allowance_quantums: int,
) -> tuple[LegTaken, ...]:
    """Move a slice to a keeper, with its allowance; the keeper's margin is tested elsewhere.

    Refuses: trades.* where the keeper may not be filled so.
    """
    state = context.state
    compartment, settlement = _home_of(state, account)
    legs = []
    for leg in slice_.legs:
        instrument = _instrument_of(state, leg.instrument)
        refusal = fit_refusal(
            state, keeper, leg.instrument, instrument, leg.size_lots, takes_over=True
        )
        if refusal is not None:
            raise refusal
        buyer, seller = (keeper, account) if leg.size_lots > 0 else (account, keeper)
        novate(
            context,
            leg.instrument,
            instrument,
            buyer=buyer,
            seller=seller,
            size_lots=abs(leg.size_lots),
            price_ticks=leg.price_ticks,
            taker="",
            in_book=False,
        )
        for side in (account, keeper):
            trim_reduce_only(context, side, leg.instrument)
        value = abs(leg.size_lots) * leg.price_ticks * instrument.tick_value_quantums
        legs.append(LegTaken(leg.instrument, leg.size_lots, leg.price_ticks, value))
    paid_quantums = -allowance_quantums
    for cut in slice_.collateral:
        post(
            state,
            debit=account,
            credit=keeper,
            asset=cut.asset,
            amount_quantums=cut.amount_quantums,
        )
        paid_quantums += cut.value_quantums
    post(state, debit=keeper, credit=account, asset=settlement, amount_quantums=paid_quantums)
    for side in (account, keeper):
        follow(state, side, compartment, settlement, context.time_ms)
        context.touch(side)
    return tuple(legs)


def send_into_book(
    context: Context | BlockContext, account: AccountId, slice_: Slice, allowance_quantums: int
) -> Sent | None:
    """Close a slice in the book within its allowance, or undo everything and return None.

    Collateral is for keepers, and an auction or halt fills nothing.
    """
    state = context.state
    if slice_.collateral or not all(
        matches_continuously(state, leg.instrument) for leg in slice_.legs
    ):
        return None
    undoable = cast("Undoable", state)
    mark, told_count = undoable.mark(), len(context.events)
    before_quantums = _worth_of(state, account, slice_.legs)
    filled = all(_fill_whole(context, account, leg) for leg in slice_.legs)
    spent_quantums = before_quantums - _worth_of(state, account, slice_.legs)
    if not filled or spent_quantums > allowance_quantums:
        undoable.rollback(mark)
        del context.events[told_count:]
        return None
    trades = [event for event in context.events[told_count:] if isinstance(event, Traded)]
    return Sent(
        tuple(_leg_taken(state, leg, account, trades) for leg in slice_.legs), spent_quantums, 0
    )


def feed_insurance(
    context: BlockContext, account: AccountId, sent: Sent, allowance_quantums: int, share_ppm: int
) -> Sent:
    """Move a share of the allowance, at most what is left of it, to the insurance fund."""
    state = context.state
    compartment, settlement = _home_of(state, account)
    fee_quantums = min(
        multiply_ppm_down(allowance_quantums, share_ppm),
        allowance_quantums - max(0, sent.spent_quantums),
    )
    post(
        state,
        debit=account,
        credit=insurance_of(compartment),
        asset=settlement,
        amount_quantums=fee_quantums,
    )
    follow(state, account, compartment, settlement, context.time_ms)
    return sent._replace(insurance_quantums=fee_quantums)


def _home_of(view: View, account: AccountId) -> tuple[CompartmentId, str]:
    """Return an account's compartment and the asset that it settles in."""
    standing = standing_of(view, account)
    assert standing is not None, f"no account {account}"
    return standing.compartment, compartment_terms(view, standing.compartment).settlement_asset


def _instrument_of(view: View, instrument_id: str) -> Instrument:
    instrument = view.get(INSTRUMENTS, instrument_id)
    assert instrument is not None, f"{instrument_id} is held and not listed"
    return instrument


def _worth_of(view: View, account: AccountId, legs: tuple[Leg, ...]) -> int:
    """Return cash and what the positions of these legs are worth at their marks."""
    _, settlement = _home_of(view, account)
    worth_quantums = balance_of(view, account, settlement)
    for leg in legs:
        position = view.get(POSITIONS, (account, leg.instrument))
        mark = view.get(MARKS, leg.instrument)
        if position is not None and mark is not None:
            worth_quantums += position.size_lots * mark.mark_value_quantums
            worth_quantums -= position.entry_value_quantums
            worth_quantums -= owed_quantums(view, account, leg.instrument)
    return worth_quantums


def _fill_whole(context: Context | BlockContext, account: AccountId, leg: Leg) -> bool:
    """Send an immediate order for a leg, and return whether all of it was filled.

    Its limit is the band, beyond which an auction would open; the allowance bounds the rest.
    """
    instrument = _instrument_of(context.state, leg.instrument)
    reach = reach_ticks(context.state, leg.instrument, instrument, leg.price_ticks)
    away_ticks = multiply_ppm_down(reach, instrument.band_ppm)
    is_selling = leg.size_lots > 0
    incoming = Incoming(
        order_id=next_order_id(context.state, instrument.compartment),
        account=account,
        instrument_id=leg.instrument,
        instrument=instrument,
        side=SIDE_SELL if is_selling else SIDE_BUY,
        limit_ticks=leg.price_ticks + (-away_ticks if is_selling else away_ticks),
        remaining_lots=abs(leg.size_lots),
        reduce_only=True,
        self_trade=SELF_TRADE_CANCELS_RESTING,
        sets_last=False,
    )
    try:
        take(context, incoming, MakersOnly(account))
    except Refusal:
        return False
    return incoming.remaining_lots == 0


def _leg_taken(view: View, leg: Leg, account: AccountId, trades: list[Traded]) -> LegTaken:
    """Return a leg with what it went for in the book."""
    instrument = _instrument_of(view, leg.instrument)
    value = sum(
        trade.size_lots * trade.price_ticks * instrument.tick_value_quantums
        for trade in trades
        if trade.instrument == leg.instrument
        and account in {trade.buyer_holder, trade.seller_holder}
    )
    return LegTaken(leg.instrument, leg.size_lots, leg.price_ticks, value)
