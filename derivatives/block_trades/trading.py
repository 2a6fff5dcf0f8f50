"""Novate the legs of a block: large enough, near the mark, within every limit of a trade.

    least size   ceil(impact notional / (reach x tick value)) lots, reach: mark, or strike
    price        within the band of the mark, as any fill
    fee          the accepting side pays the taker's; no rebate, since nothing stood in a book

Source: docs/specs/block_trades.md, BLTR-020 to BLTR-034.
"""

from typing import NamedTuple

from chain.kit import Context, divide_up, multiply_ppm_up, require
from chain.modules.ledger.balances import pay_out
from derivatives.accounts.collateral import compartment_terms
from derivatives.accounts.debt import follow
from derivatives.block_trades import reasons
from derivatives.block_trades.offers import BlockLeg
from derivatives.ids import AccountId, fees_of, insurance_of
from derivatives.instruments.state import INSTRUMENTS, TRADING_OPEN, Instrument
from derivatives.instruments.terms import reach_ticks, trading_state
from derivatives.marks.state import MARKS
from derivatives.orders import reasons as orders_reasons
from derivatives.orders.book import trim_reduce_only
from derivatives.orders.matching import is_in_band
from derivatives.orders.state import SIDE_BUY
from derivatives.trades.limits import fit_refusal
from derivatives.trades.novate import novate


class Sides(NamedTuple):
    """Who offered a block and who accepts it."""

    offering: AccountId
    accepting: AccountId


class Cost(NamedTuple):
    """What the accepting side bought less what it sold, and the fee it paid."""

    net_quantums: int
    fee_quantums: int


def trade_leg(context: Context, leg: BlockLeg, sides: Sides, compartment: str) -> Cost:
    """Novate one leg between both sides, and return what it cost the accepting one.

    Refuses: orders.instrument_unknown, .compartment_differs, block_trades.market_closed,
    .size_below_minimum, .price_outside_band, and what trades refuse either side.
    """
    instrument = context.state.get(INSTRUMENTS, leg.instrument)
    require(instrument is not None, orders_reasons.INSTRUMENT_UNKNOWN, instrument=leg.instrument)
    assert instrument is not None
    require(
        instrument.compartment == compartment,
        orders_reasons.COMPARTMENT_DIFFERS,
        instrument=leg.instrument,
        compartment=instrument.compartment,
    )
    _require_block(context, leg, instrument)
    offering_buys = leg.side == SIDE_BUY
    signed_lots = leg.size_lots if offering_buys else -leg.size_lots
    for account, lots in ((sides.offering, signed_lots), (sides.accepting, -signed_lots)):
        refusal = fit_refusal(context.state, account, leg.instrument, instrument, lots)
        if refusal is not None:
            raise refusal
    novate(
        context,
        leg.instrument,
        instrument,
        buyer=sides.offering if offering_buys else sides.accepting,
        seller=sides.accepting if offering_buys else sides.offering,
        size_lots=leg.size_lots,
        price_ticks=leg.price_ticks,
        taker="",
        in_book=False,
    )
    value_quantums = leg.size_lots * leg.price_ticks * instrument.tick_value_quantums
    fee_quantums = _pay_fee(context, instrument, sides.accepting, value_quantums)
    for account in sides:
        trim_reduce_only(context, account, leg.instrument)
    return Cost(-value_quantums if offering_buys else value_quantums, fee_quantums)


def least_lots(instrument: Instrument, reach: int) -> int:
    """Return how many lots a block is at least: what the book's impact notional is.

    `reach` is the mark in ticks, of an option the strike.  Rounds: up.
    """
    return divide_up(instrument.impact_notional_quantums, reach * instrument.tick_value_quantums)


def _require_block(context: Context, leg: BlockLeg, instrument: Instrument) -> None:
    """Refuse what belongs into the book, or goes where no book would let it."""
    name, state = leg.instrument, context.state
    is_open = trading_state(state, name) == TRADING_OPEN
    mark = state.get(MARKS, name)
    require(is_open and mark is not None, reasons.MARKET_CLOSED, instrument=name)
    assert mark is not None
    lowest_lots = least_lots(
        instrument, reach_ticks(state, name, instrument, mark.mark_price_ticks)
    )
    require(
        leg.size_lots >= lowest_lots,
        reasons.SIZE_BELOW_MINIMUM,
        instrument=name,
        size_lots=leg.size_lots,
        lowest_lots=lowest_lots,
    )
    require(
        is_in_band(state, name, instrument, leg.price_ticks),
        reasons.PRICE_OUTSIDE_BAND,
        instrument=name,
        price_ticks=leg.price_ticks,
        mark_price_ticks=mark.mark_price_ticks,
    )


def _pay_fee(
    context: Context, instrument: Instrument, account: AccountId, value_quantums: int
) -> int:
    """Move the taker's fee to insurance and the fee account, and return it. Rounds: up."""
    compartment = instrument.compartment
    fee_quantums = multiply_ppm_up(value_quantums, instrument.taker_fee_ppm)
    terms = compartment_terms(context.state, compartment)
    insured_quantums = multiply_ppm_up(fee_quantums, terms.insurance_fee_share_ppm)
    pay_out(
        context.state,
        debit=account,
        asset=instrument.quote,
        amounts=(
            (insurance_of(compartment), insured_quantums),
            (fees_of(compartment), fee_quantums - insured_quantums),
        ),
    )
    follow(context.state, account, compartment, instrument.quote, context.time_ms)
    return fee_quantums
