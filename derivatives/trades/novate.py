"""Replace a trade between two accounts by two against the house.

    1  funding of both sides is settled, so that what was held until now is paid for
    2  both positions are filled with the same value, one of them negated
    3  the taker pays its fee, the maker gets its rebate, the house divides the rest

Whether either side may is asked before (`limits`) and whether it can afford it after
(margin); whoever calls this does both.  Only what would break the books is refused here.

Source: docs/specs/trades.md, TRAD-001 to TRAD-012.
"""

from typing import Literal, NamedTuple

from chain.kit import BlockContext, Context
from chain.modules.ledger.balances import pay_out
from derivatives.accounts.collateral import compartment_terms
from derivatives.accounts.debt import follow
from derivatives.ids import AccountId, InstrumentId, fees_of, insurance_of
from derivatives.instruments.state import Instrument
from derivatives.instruments.terms import is_option
from derivatives.perpetuals.funding import index_of, settle
from derivatives.positions.fill import fill
from derivatives.positions.state import POSITIONS
from derivatives.trades.events import Traded
from derivatives.trades.fees import NO_FEES, Fees, fees_on
from derivatives.trades.limits import growth_refusal, long_growth
from derivatives.trades.state import TRADE_COUNTS, TradeCount

Taker = Literal["buyer", "seller", ""]


class Novated(NamedTuple):
    """What a trade came to: its number and what each side paid and realised."""

    trade_count: int
    buyer_fee_quantums: int
    seller_fee_quantums: int
    buyer_realised_quantums: int
    seller_realised_quantums: int


def novate(
    context: Context | BlockContext,
    instrument_id: InstrumentId,
    instrument: Instrument,
    *,
    buyer: AccountId,
    seller: AccountId,
    size_lots: int,
    price_ticks: int,
    taker: Taker,
    in_book: bool = True,
) -> Novated:
    """Let two accounts trade `size_lots` at a price, and return what it came to.

    Without a taker nobody pays fees; out of the book the last price stays as it was.  An option
    that is worth less than a tick goes for nothing where it is taken at its mark.
    Refuses: trades.open_interest_full.
    """
    assert size_lots > 0
    assert price_ticks > 0 or (is_option(instrument) and price_ticks == 0)
    assert buyer != seller
    value_quantums = size_lots * price_ticks * instrument.tick_value_quantums
    fees = NO_FEES
    if taker:
        terms = compartment_terms(context.state, instrument.compartment)
        fees = fees_on(value_quantums, instrument, terms.insurance_fee_share_ppm)
    buyer_fee = fees.taker_quantums if taker == "buyer" else fees.maker_quantums
    seller_fee = fees.taker_quantums if taker == "seller" else fees.maker_quantums
    buyer_realised, seller_realised = fill_both(
        context,
        instrument_id,
        instrument,
        buyer=buyer,
        seller=seller,
        size_lots=size_lots,
        value_quantums=value_quantums,
    )
    if taker:
        taking, making = (buyer, seller) if taker == "buyer" else (seller, buyer)
        _pay_fees(context, instrument, taking, making, fees)
    for account in (buyer, seller):
        follow(context.state, account, instrument.compartment, instrument.quote, context.time_ms)
    trade_count = _count(context, instrument_id, price_ticks if in_book else None)
    context.emit(
        Traded(
            trade_count,
            instrument_id,
            price_ticks,
            size_lots,
            taker,
            buyer,
            seller,
            buyer_fee,
            seller_fee,
            buyer_realised,
            seller_realised,
        )
    )
    return Novated(trade_count, buyer_fee, seller_fee, buyer_realised, seller_realised)


def fill_both(
    context: Context | BlockContext,
    instrument_id: InstrumentId,
    instrument: Instrument,
    *,
    buyer: AccountId,
    seller: AccountId,
    size_lots: int,
    value_quantums: int,
) -> tuple[int, int]:
    """Settle funding of both sides, fill both, and return what each realised in quantums.

    A value that is no number of ticks is fine: what takes over at index values uses this.
    Refuses: trades.open_interest_full.
    """
    state = context.state
    index_e18 = index_of(state, instrument_id)
    bought_from = state.get(POSITIONS, (buyer, instrument_id))
    sold_from = state.get(POSITIONS, (seller, instrument_id))
    growth_lots = long_growth(bought_from, size_lots) + long_growth(sold_from, -size_lots)
    refusal = growth_refusal(state, instrument_id, instrument, growth_lots)
    if refusal is not None:
        raise refusal
    if bought_from is not None and bought_from.funding_index_e18 != index_e18:
        settle(context, buyer, instrument, instrument_id)
    if sold_from is not None and sold_from.funding_index_e18 != index_e18:
        settle(context, seller, instrument, instrument_id)
    bought = fill(
        state,
        buyer,
        instrument,
        instrument_id,
        size_lots=size_lots,
        value_quantums=value_quantums,
        funding_index_e18=index_e18,
    )
    sold = fill(
        state,
        seller,
        instrument,
        instrument_id,
        size_lots=-size_lots,
        value_quantums=-value_quantums,
        funding_index_e18=index_e18,
    )
    context.touch(buyer)
    context.touch(seller)
    return bought.realised_quantums, sold.realised_quantums


def _pay_fees(
    context: Context | BlockContext,
    instrument: Instrument,
    taker: AccountId,
    maker: AccountId,
    fees: Fees,
) -> None:
    """Move what the taker pays to the maker, the insurance fund and the fee account."""
    compartment = instrument.compartment
    pay_out(
        context.state,
        debit=taker,
        asset=instrument.quote,
        amounts=(
            (maker, -fees.maker_quantums),
            (insurance_of(compartment), fees.insurance_quantums),
            (fees_of(compartment), fees.house_quantums),
        ),
    )


def _count(
    context: Context | BlockContext, instrument_id: InstrumentId, price_ticks: int | None
) -> int:
    """Return the number of the trade, one more than the last, and remember its price."""
    before = context.state.get(TRADE_COUNTS, instrument_id) or TradeCount(0, 0)
    last_ticks = before.last_price_ticks if price_ticks is None else price_ticks
    counted = TradeCount(before.trades_count + 1, last_ticks)
    context.state.put(TRADE_COUNTS, instrument_id, counted)
    return counted.trades_count
