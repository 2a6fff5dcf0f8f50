"""How an account comes into being: asked for, or as number 0 by its first deposit.

Source: docs/specs/accounts.md, ACCT-010 to ACCT-016.
"""

from chain.kit import Context, require
from chain.kit.holder import text_of_holder
from derivatives.accounts import reasons
from derivatives.accounts.events import AccountOpened
from derivatives.accounts.state import (
    ACCOUNTS,
    COMPARTMENTS,
    MODE_CROSS,
    SCHEDULE_STANDARD,
    Account,
)
from derivatives.ids import AccountId, CompartmentId, number_of

FIRST_NUMBER = 0
FIRST_COMPARTMENT = "main"


def open_account(
    context: Context, account: AccountId, compartment: CompartmentId, mode: int
) -> Account:
    """Return the signer's new account, and tell it. Refuses: accounts.compartment_unknown."""
    require(
        context.state.get(COMPARTMENTS, compartment) is not None,
        reasons.COMPARTMENT_UNKNOWN,
        compartment=compartment,
    )
    opened = Account(
        owner=context.signer,
        number=number_of(account),
        compartment=compartment,
        mode=mode,
        schedule=SCHEDULE_STANDARD,
        opened_height=context.height,
        flagged_ms=0,
        flagged_height=0,
    )
    context.state.put(ACCOUNTS, account, opened)
    context.emit(AccountOpened(account, opened.owner, compartment, opened.mode, opened.schedule))
    return opened


def open_by_deposit(context: Context, account: AccountId) -> Account:
    """Return the account that a deposit goes to, opened where it is the signer's number 0.

    Refuses: accounts.account_unknown.
    """
    record = context.state.get(ACCOUNTS, account)
    if record is not None:
        return record
    require(
        number_of(account) == FIRST_NUMBER,
        reasons.ACCOUNT_UNKNOWN,
        account=text_of_holder(account),
    )
    return open_account(context, account, FIRST_COMPARTMENT, MODE_CROSS)
