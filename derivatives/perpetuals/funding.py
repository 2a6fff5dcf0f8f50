"""What a position owes of funding, and how it is paid.

    exact owed in 10^-18 quantums = size x (index now - index when last settled)
    paid                          = owed / 10^18, rounded up: payer up, receiver down

What rounding leaves stays with the funding house and is counted as dust, so its balance
is exactly the negated sum of what is still owed, plus the dust.

Source: docs/specs/perpetuals.md, PERP-001 to PERP-005.
"""

from chain.kit import BlockContext, Context, View, divide_up, replace
from chain.modules.ledger.balances import post
from derivatives.accounts.debt import follow
from derivatives.ids import AccountId, InstrumentId, funding_house_of
from derivatives.instruments.state import Instrument
from derivatives.perpetuals.events import FundingPaid
from derivatives.perpetuals.state import FUNDING
from derivatives.positions.state import POSITIONS, Position

E18 = 10**18


def index_of(view: View, instrument_id: InstrumentId) -> int:
    """Return an instrument's funding index; 0 for what pays no funding."""
    funding = view.get(FUNDING, instrument_id)
    return 0 if funding is None else funding.index_e18


def owed_by(position: Position, index_e18: int) -> int:
    """Return the quantums a position owes at an index, below zero where it is owed.

    Rounds: up, as it would be paid.
    """
    return divide_up(position.size_lots * (index_e18 - position.funding_index_e18), E18)


def owed_quantums(view: View, account: AccountId, instrument_id: InstrumentId) -> int:
    """Return the funding an account owes now on an instrument. Rounds: up."""
    position = view.get(POSITIONS, (account, instrument_id))
    return 0 if position is None else owed_by(position, index_of(view, instrument_id))


def settle(
    context: Context | BlockContext,
    account: AccountId,
    instrument: Instrument,
    instrument_id: InstrumentId,
) -> int:
    """Pay what an account owes of funding on an instrument, and return it in quantums.

    Afterwards its position, if it has one, stands at the instrument's index.
    """
    state = context.state
    key = (account, instrument_id)
    position = state.get(POSITIONS, key)
    if position is None:
        return 0
    funding = state.get(FUNDING, instrument_id)
    if funding is None or funding.index_e18 == position.funding_index_e18:
        return 0
    owed_e18 = position.size_lots * (funding.index_e18 - position.funding_index_e18)
    paid_quantums = divide_up(owed_e18, E18)
    state.put(POSITIONS, key, replace(position, funding_index_e18=funding.index_e18))
    dust_e18 = paid_quantums * E18 - owed_e18
    if dust_e18:
        state.put(FUNDING, instrument_id, replace(funding, dust_e18=funding.dust_e18 + dust_e18))
    if paid_quantums:
        post(
            state,
            debit=account,
            credit=funding_house_of(instrument_id),
            asset=instrument.quote,
            amount_quantums=paid_quantums,
        )
        follow(state, account, instrument.compartment, instrument.quote, context.time_ms)
        context.touch(account)
        context.emit(FundingPaid(account, instrument_id, paid_quantums))
    return paid_quantums
