"""A debt of the compartment: what nobody could pay, and how it is repaid.

    income      what insurance holds above what it held when it was last looked at
    repaid      income first, whole; then insurance within its hourly limit, as an older X
    withdrawal  floor((cash + taken) x (custody + all taken) / (positive cash + all taken)) in all

`taken` counts from when the debt arose: what one account takes changes nobody else's share,
so nobody is first and nobody is locked in.

Source: docs/specs/insurance.md, INS-050 to INS-059.
"""

from chain.kit import BlockContext, Context, State, View, divide_down, replace, require
from chain.modules.ledger.balances import balance_of, post
from derivatives.accounts.collateral import cash_of, compartment_terms
from derivatives.accounts.custody import custody_of
from derivatives.accounts.debt import debt_of_compartment
from derivatives.ids import AccountId, CompartmentId, default_account_of, insurance_of
from derivatives.insurance import reasons
from derivatives.insurance.events import DebtRepaid
from derivatives.insurance.history import count_paid, limit_quantums
from derivatives.insurance.state import SHORTFALLS, WITHDRAWN, Shortfall, Withdrawn
from derivatives.margin.gate import positive_cash_of


def debt_of(view: View, compartment: CompartmentId) -> int:
    """Return what a compartment owes that nobody could pay, in quantums."""
    shortfall = view.get(SHORTFALLS, compartment)
    return 0 if shortfall is None else shortfall.debt_quantums


def owe(context: BlockContext, compartment: CompartmentId, amount_quantums: int) -> None:
    """Add to what a compartment owes."""
    state = context.state
    known = state.get(SHORTFALLS, compartment) or Shortfall(context.time_ms, 0, 0, 0)
    debt = known.debt_quantums + amount_quantums
    state.put(SHORTFALLS, compartment, replace(known, debt_quantums=debt))


def repay(context: BlockContext, compartment: CompartmentId) -> None:
    """Repay what a compartment owes, from income and within insurance's limit."""
    state = context.state
    shortfall = state.get(SHORTFALLS, compartment)
    if shortfall is None:
        return
    asset = compartment_terms(state, compartment).settlement_asset
    held = balance_of(state, insurance_of(compartment), asset)
    income = min(shortfall.debt_quantums, max(0, held - shortfall.floor_quantums))
    limit = limit_quantums(state, compartment, context.time_ms)
    older = min(shortfall.debt_quantums - income, held - income, limit)
    count_paid(state, compartment, older, context.time_ms)
    repaid = income + older
    if repaid == 0:
        return
    post(
        state,
        debit=insurance_of(compartment),
        credit=default_account_of(compartment),
        asset=asset,
        amount_quantums=repaid,
    )
    left = shortfall.debt_quantums - repaid
    if left:
        state.put(SHORTFALLS, compartment, replace(shortfall, debt_quantums=left))
    else:
        _close(state, compartment)
    context.emit(DebtRepaid(compartment, repaid, left))


def look_at_floor(state: State, compartment: CompartmentId) -> None:
    """Remember what insurance holds now, so that what comes to it is known as income."""
    shortfall = state.get(SHORTFALLS, compartment)
    if shortfall is None:
        return
    asset = compartment_terms(state, compartment).settlement_asset
    held = balance_of(state, insurance_of(compartment), asset)
    if held != shortfall.floor_quantums:
        state.put(SHORTFALLS, compartment, replace(shortfall, floor_quantums=held))


def _close(state: State, compartment: CompartmentId) -> None:
    state.delete(SHORTFALLS, compartment)
    for key, _ in tuple(state.scan(WITHDRAWN, (compartment,))):
        state.delete(WITHDRAWN, key)


def share_of(view: View, account: AccountId, compartment: CompartmentId) -> int:
    """Return what an account may withdraw of cash in all while a shortfall is open.

    Rounds: down.
    """
    shortfall = view.get(SHORTFALLS, compartment)
    assert shortfall is not None
    asset = compartment_terms(view, compartment).settlement_asset
    taken_by_all = shortfall.withdrawn_quantums
    taken = view.get(WITHDRAWN, (compartment, account))
    claim = max(0, cash_of(view, account)) + (0 if taken is None else taken.amount_quantums)
    custody = custody_of(view, compartment, asset) + taken_by_all
    positive = positive_cash_of(view, compartment, debt_of_compartment(view, compartment))
    positive += taken_by_all
    return divide_down(claim * custody, positive) if positive > 0 else 0


def left_of_share(view: View, account: AccountId, compartment: CompartmentId) -> int:
    """Return what an account may still withdraw of cash while a shortfall is open."""
    taken = view.get(WITHDRAWN, (compartment, account))
    share_quantums = share_of(view, account, compartment)
    return max(0, share_quantums - (0 if taken is None else taken.amount_quantums))


def take_share(
    context: Context, account: AccountId, compartment: CompartmentId, amount_quantums: int
) -> None:
    """Count a withdrawal of cash against the account's share.

    Refuses: insurance.share_exceeded.
    """
    state, before = context.state, context.before()
    shortfall = state.get(SHORTFALLS, compartment)
    assert shortfall is not None
    limit = share_of(before, account, compartment)
    known = state.get(WITHDRAWN, (compartment, account))
    withdrawn = amount_quantums + (0 if known is None else known.amount_quantums)
    require(
        withdrawn <= limit,
        reasons.SHARE_EXCEEDED,
        compartment=compartment,
        limit_quantums=limit,
        withdrawn_quantums=withdrawn,
    )
    state.put(WITHDRAWN, (compartment, account), Withdrawn(withdrawn))
    total = shortfall.withdrawn_quantums + amount_quantums
    state.put(SHORTFALLS, compartment, replace(shortfall, withdrawn_quantums=total))
