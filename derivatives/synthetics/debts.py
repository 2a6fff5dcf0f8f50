"""Who owes a synthetic, in the order in which they are redeemed.

    first   the default account
    then    accounts that are flagged for liquidation, by account
    then    by age of the debt

A debt is a short position and may change hands wherever positions do.  Every account that is
short has a place; who is found flat loses it when a redeem comes by.

Source: docs/specs/synthetics.md, SYN-050 to SYN-053.
"""

from collections.abc import Iterator

from chain.kit import BlockContext, Context, State, View, replace
from derivatives.accounts.debt import follow
from derivatives.accounts.state import ACCOUNTS
from derivatives.ids import AccountId, InstrumentId, default_account_of, issuer_of
from derivatives.instruments.state import Instrument
from derivatives.margin.state import WARNINGS
from derivatives.margin.withdrawal import hour_of
from derivatives.synthetics.state import (
    DEBT_PLACES,
    DEBTS,
    ISSUANCES,
    Debt,
    DebtPlace,
    Issuance,
)
from derivatives.synthetics.terms import owed_lots
from derivatives.trades.novate import fill_both


def issuance_of(view: View, instrument_id: InstrumentId) -> Issuance:
    """Return the running numbers of a synthetic."""
    return view.get(ISSUANCES, instrument_id) or Issuance(0, 0, 0, 0)


def hour_minted_lots(view: View, instrument_id: InstrumentId, time_ms: int) -> int:
    """Return what has been minted of a synthetic in this time's hour."""
    issuance = issuance_of(view, instrument_id)
    return issuance.hour_minted_lots if issuance.hour_start_ms == hour_of(time_ms) else 0


def add_debt(
    context: Context | BlockContext,
    instrument_id: InstrumentId,
    instrument: Instrument,
    account: AccountId,
    size_lots: int,
) -> None:
    """Let an account owe so many lots more, for nothing but what it is given beside.

    Refuses: trades.open_interest_full.
    """
    state = context.state
    if owed_lots(state, account, instrument_id) == 0:
        leave(state, instrument_id, account)
    fill_both(
        context,
        instrument_id,
        instrument,
        buyer=issuer_of(instrument_id),
        seller=account,
        size_lots=size_lots,
        value_quantums=0,
    )
    take_place(state, instrument_id, account)


def close_debt(
    context: Context | BlockContext,
    instrument_id: InstrumentId,
    instrument: Instrument,
    account: AccountId,
    size_lots: int,
) -> None:
    """Let an account owe so many lots less; what they were entered at is realised."""
    state = context.state
    fill_both(
        context,
        instrument_id,
        instrument,
        buyer=account,
        seller=issuer_of(instrument_id),
        size_lots=size_lots,
        value_quantums=0,
    )
    follow(state, account, instrument.compartment, instrument.quote, context.time_ms)
    if owed_lots(state, account, instrument_id) == 0:
        leave(state, instrument_id, account)


def take_place(state: State, instrument_id: InstrumentId, account: AccountId) -> None:
    """Put an account behind all that owe, where it has no place yet."""
    if state.get(DEBT_PLACES, (instrument_id, account)) is not None:
        return
    issuance = issuance_of(state, instrument_id)
    place = issuance.last_place + 1
    state.put(ISSUANCES, instrument_id, replace(issuance, last_place=place))
    state.put(DEBTS, (instrument_id, place), Debt(account))
    state.put(DEBT_PLACES, (instrument_id, account), DebtPlace(place))


def leave(state: State, instrument_id: InstrumentId, account: AccountId) -> None:
    """Take the place of an account away, where it has one."""
    held = state.get(DEBT_PLACES, (instrument_id, account))
    if held is not None:
        state.delete(DEBTS, (instrument_id, held.place))
        state.delete(DEBT_PLACES, (instrument_id, account))


def debtors_of(
    view: View, instrument_id: InstrumentId, instrument: Instrument
) -> Iterator[AccountId]:
    """Return who owes a synthetic, or did, in the order in which they are redeemed.

    Who is flagged comes once more by the age of the debt.
    """
    default = default_account_of(instrument.compartment)
    if owed_lots(view, default, instrument_id):
        yield default
    for key, _ in view.scan(WARNINGS):
        # Who is flagged is warned too, so nobody scans all accounts.
        record = view.get(ACCOUNTS, str(key))
        is_flagged = record is not None and record.flagged_ms > 0
        if is_flagged and owed_lots(view, str(key), instrument_id):
            yield str(key)
    for _, debt in view.scan(DEBTS, (instrument_id,)):
        yield debt.account_holder
