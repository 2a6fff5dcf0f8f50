"""Mint: the debt, the fee, the asset, and the tests that all of it passes.

    owes       so many lots more; fee = ceil(lots x index value x taker_fee_ppm / 10^6)
    must have  what a withdrawal asks for: initial margin with unrealised gains counted 0
    is given   as many quantums of the asset, in the owner's wallet

Source: docs/specs/synthetics.md, SYN-020 to SYN-029.
"""

from typing import NamedTuple

from chain.kit import (
    Address,
    BlockContext,
    Context,
    multiply_ppm_up,
    replace,
    require,
    wallet,
)
from chain.kit.holder import text_of_holder
from chain.modules.ledger.balances import issue, pay_out
from derivatives.accounts.collateral import compartment_terms
from derivatives.accounts.debt import follow
from derivatives.ids import AccountId, InstrumentId, fees_of, insurance_of
from derivatives.instruments.state import Instrument
from derivatives.margin.account import health_later
from derivatives.margin.gate import check_fill
from derivatives.margin.withdrawal import hour_of, require_backed
from derivatives.marks.state import MARKS
from derivatives.synthetics import reasons
from derivatives.synthetics.debts import add_debt, hour_minted_lots, issuance_of
from derivatives.synthetics.events import SyntheticMinted
from derivatives.synthetics.state import ISSUANCES
from derivatives.synthetics.terms import (
    quantums_of,
    require_synthetic,
    synthetic_collateral_of,
)
from derivatives.trades.limits import fit_refusal


class Mint(NamedTuple):
    """Who is to owe how much of what, and who is given it; 0 is a request not yet numbered."""

    request_id: int
    instrument_id: InstrumentId
    account: AccountId
    owner: Address
    size_lots: int


def mint(context: Context | BlockContext, asked: Mint) -> None:
    """Let an account owe lots and its owner have as much of the asset, at the index now.

    Refuses: synthetics.collateral_is_synthetic, .hour_cap_exceeded, trades.* of a fill,
    margin.insolvent, .initial_margin_short, .debt_too_deep, .debt_of_compartment_full,
    .equity_too_thin, ledger.supply_exceeded.
    """
    state, account, instrument_id = context.state, asked.account, asked.instrument_id
    _, instrument = require_synthetic(state, instrument_id)
    require_no_synthetic(context, account)
    _count_in_hour(context, instrument_id, asked.size_lots)
    refusal = fit_refusal(state, account, instrument_id, instrument, -asked.size_lots)
    if refusal is not None:
        raise refusal
    before = health_later(state, account)
    add_debt(context, instrument_id, instrument, account, asked.size_lots)
    mark = state.get(MARKS, instrument_id)
    assert mark is not None, f"{instrument_id} may be opened and has no mark"
    value_quantums = asked.size_lots * mark.index_value_quantums
    fee_quantums = multiply_ppm_up(value_quantums, instrument.taker_fee_ppm)
    _pay_fee(context, instrument, account, fee_quantums)
    check_fill(state, account, before)
    require_backed(state, account)
    issue(
        context,
        credit=wallet(asked.owner),
        asset=instrument_id,
        amount_quantums=quantums_of(asked.size_lots),
    )
    context.emit(
        SyntheticMinted(
            asked.request_id,
            instrument_id,
            account,
            asked.size_lots,
            mark.index_value_quantums,
            fee_quantums,
        )
    )


def require_no_synthetic(context: Context | BlockContext, account: AccountId) -> None:
    """Refuse an account that has a synthetic asset. Refuses: .collateral_is_synthetic."""
    asset = synthetic_collateral_of(context.state, account)
    require(
        asset is None,
        reasons.COLLATERAL_IS_SYNTHETIC,
        account=text_of_holder(account),
        asset=asset or "",
    )


def _count_in_hour(
    context: Context | BlockContext, instrument_id: InstrumentId, size_lots: int
) -> None:
    """Count a mint in its hour. Refuses: synthetics.hour_cap_exceeded."""
    state = context.state
    terms, _ = require_synthetic(state, instrument_id)
    minted_lots = hour_minted_lots(state, instrument_id, context.time_ms) + size_lots
    require(
        minted_lots <= terms.mint_hour_cap_lots,
        reasons.HOUR_CAP_EXCEEDED,
        size_lots=minted_lots,
        limit_lots=terms.mint_hour_cap_lots,
    )
    counted = replace(
        issuance_of(state, instrument_id),
        hour_start_ms=hour_of(context.time_ms),
        hour_minted_lots=minted_lots,
    )
    state.put(ISSUANCES, instrument_id, counted)


def _pay_fee(
    context: Context | BlockContext, instrument: Instrument, account: AccountId, fee_quantums: int
) -> None:
    """Move a fee to the insurance fund, by its share, and to the fee account."""
    state, compartment = context.state, instrument.compartment
    share_ppm = compartment_terms(state, compartment).insurance_fee_share_ppm
    insurance_quantums = multiply_ppm_up(fee_quantums, share_ppm)
    pay_out(
        state,
        debit=account,
        asset=instrument.quote,
        amounts=(
            (insurance_of(compartment), insurance_quantums),
            (fees_of(compartment), fee_quantums - insurance_quantums),
        ),
    )
    follow(state, account, compartment, instrument.quote, context.time_ms)
