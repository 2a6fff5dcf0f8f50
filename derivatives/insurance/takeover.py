"""Take an insolvent account over: all it holds passes at the index, what it lacks is paid.

    positions    trade with the default account at index value, funding settled first
    collateral   is bought by the default account at the index, rounded as S counts it
    cash         is then S exactly, below zero; the default account pays it up to zero

So the account ends with nothing and owes nothing, and the default account's S falls by
exactly what was missing.

Source: docs/specs/insurance.md, INS-001 to INS-010.
"""

from chain.kit import BlockContext, replace
from chain.modules.ledger.balances import balance_of, post
from derivatives.accounts.collateral import collateral_of, compartment_terms
from derivatives.accounts.debt import follow
from derivatives.accounts.state import ACCOUNTS, COLLATERAL
from derivatives.ids import AccountId, CompartmentId, default_account_of
from derivatives.instruments.state import INSTRUMENTS
from derivatives.insurance.events import AccountTakenOver
from derivatives.margin.account import value_of
from derivatives.margin.state import INSOLVENT, WARNINGS
from derivatives.marks.state import MARKS
from derivatives.oracle.state import PRICES
from derivatives.orders.book import cancel_all
from derivatives.positions.fill import instruments_held
from derivatives.positions.state import POSITIONS
from derivatives.trades.novate import fill_both

WHY_TAKEN_OVER = "taken_over"


def take_over_all(context: BlockContext, compartment: CompartmentId) -> int:
    """Take over every insolvent account of a compartment; return how many positions passed."""
    state = context.state
    positions_count = 0
    for key, _ in tuple(state.scan(INSOLVENT, (compartment,))):
        state.delete(INSOLVENT, key)
        positions_count += take_over(context, str(key[1]), compartment)  # type: ignore[index]
    return positions_count


def take_over(context: BlockContext, account: AccountId, compartment: CompartmentId) -> int:
    """Leave an account with nothing, and owing nothing; return how many positions passed."""
    state = context.state
    default = default_account_of(compartment)
    settlement = compartment_terms(state, compartment).settlement_asset
    cancel_all(context, account, "", WHY_TAKEN_OVER)
    held = instruments_held(state, account)
    for instrument_id in held:
        _pass_position(context, account, default, instrument_id)
    for asset, amount_quantums in collateral_of(state, account):
        if asset != settlement:
            _pass_collateral(context, (account, default), compartment, asset, amount_quantums)
    missing_quantums = -balance_of(state, account, settlement)
    post(state, debit=default, credit=account, asset=settlement, amount_quantums=missing_quantums)
    follow(state, account, compartment, settlement, context.time_ms)
    record = state.get(ACCOUNTS, account)
    assert record is not None
    if record.flagged_ms:
        state.put(ACCOUNTS, account, replace(record, flagged_ms=0, flagged_height=0))
    state.delete(WARNINGS, account)
    context.touch(account)
    context.emit(AccountTakenOver(account, compartment, len(held), missing_quantums))
    return len(held)


def _pass_position(
    context: BlockContext, account: AccountId, default: AccountId, instrument_id: str
) -> None:
    """Trade an account's whole position with the default account at index value."""
    state = context.state
    position = state.get(POSITIONS, (account, instrument_id))
    instrument = state.get(INSTRUMENTS, instrument_id)
    mark = state.get(MARKS, instrument_id)
    assert position is not None
    assert instrument is not None
    assert mark is not None, f"{instrument_id} is held and has no mark"
    lots = abs(position.size_lots)
    long = position.size_lots > 0
    fill_both(
        context,
        instrument_id,
        instrument,
        buyer=default if long else account,
        seller=account if long else default,
        size_lots=lots,
        value_quantums=lots * mark.index_value_quantums,
    )


def _pass_collateral(
    context: BlockContext,
    sides: tuple[AccountId, AccountId],
    compartment: CompartmentId,
    asset: str,
    amount_quantums: int,
) -> None:
    """Move collateral to the default account, which pays what S counts it for."""
    account, default = sides
    state = context.state
    settlement = compartment_terms(state, compartment).settlement_asset
    post(state, debit=account, credit=default, asset=asset, amount_quantums=amount_quantums)
    terms = state.get(COLLATERAL, (compartment, asset))
    price = None if terms is None else state.get(PRICES, terms.feed)
    if price is not None:
        value = value_of(state, asset, amount_quantums, price.price_e8, settlement)
        post(state, debit=default, credit=account, asset=settlement, amount_quantums=value)
