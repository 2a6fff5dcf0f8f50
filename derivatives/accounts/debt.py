"""Who owes cash, since when, and what that costs.

    interest an hour = debt x debt_interest_ppm / (10^6 x 8,760), rounded up

It is charged at every whole hour of header time on what is owed then, and goes to the
insurance fund.  Whoever moves an account's cash calls `follow` afterwards.

Source: docs/specs/accounts.md, ACCT-050 to ACCT-055.
"""

from chain.kit import PPM, BlockContext, State, View, divide_down, divide_up
from chain.modules.ledger.balances import balance_of, post
from derivatives.accounts.collateral import compartment_terms
from derivatives.accounts.events import DebtInterestCharged
from derivatives.accounts.state import COMPARTMENTS, DEBTORS, Debtor
from derivatives.ids import AccountId, CompartmentId, insurance_of, is_account

HOUR_MS = 3_600_000
YEAR_HOURS = 8_760


def follow(
    state: State, account: AccountId, compartment: CompartmentId, asset: str, time_ms: int
) -> None:
    """Remember since when an account owes cash, or that it no longer does.

    The default account, which nobody owns, pays no interest and is not followed.
    """
    key = (compartment, account)
    owes = balance_of(state, account, asset) < 0
    if owes == (state.get(DEBTORS, key) is not None):
        return
    if not owes:
        state.delete(DEBTORS, key)
    elif is_account(account):
        state.put(DEBTORS, key, Debtor(time_ms))


def debt_of_compartment(view: View, compartment: CompartmentId) -> int:
    """Return what all accounts of a compartment owe together, in quantums."""
    asset = compartment_terms(view, compartment).settlement_asset
    owed_quantums = 0
    for key, _ in view.scan(DEBTORS, (compartment,)):
        assert isinstance(key, tuple)
        owed_quantums -= balance_of(view, str(key[1]), asset)
    return owed_quantums


def interest_quantums(debt_quantums: int, yearly_ppm: int, hours: int) -> int:
    """Return the interest on a debt for some hours. Rounds: up.

    >>> interest_quantums(876_000_000, 100_000, 1)
    10000
    """
    return divide_up(debt_quantums * yearly_ppm * hours, PPM * YEAR_HOURS)


def charge_interest(context: BlockContext) -> None:
    """Charge every debtor for the whole hours that ended since the parent block.

    Whoever owes now has owed since the parent or longer, since only blocks change cash.
    Bounded by the accounts that owe, which are among those with positions or debt.
    """
    hours = divide_down(context.time_ms, HOUR_MS) - divide_down(context.parent_time_ms, HOUR_MS)
    if hours == 0:
        return
    state = context.state
    for compartment_key, terms in tuple(state.scan(COMPARTMENTS)):
        compartment = str(compartment_key)
        for key, _ in tuple(state.scan(DEBTORS, (compartment,))):
            assert isinstance(key, tuple)
            account = str(key[1])
            debt_quantums = -balance_of(state, account, terms.settlement_asset)
            charged = interest_quantums(debt_quantums, terms.debt_interest_ppm, hours)
            post(
                state,
                debit=account,
                credit=insurance_of(compartment),
                asset=terms.settlement_asset,
                amount_quantums=charged,
            )
            context.touch(account)
            context.emit(DebtInterestCharged(account, debt_quantums, charged))
