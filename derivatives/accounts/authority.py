"""Who may act for an account: its owner, and in trading its delegates.

Source: docs/specs/accounts.md, ACCT-020 to ACCT-024.
"""

from chain.kit import Context, Refusal, View, require
from chain.kit.holder import text_of_holder
from derivatives.accounts import reasons
from derivatives.accounts.state import ACCOUNTS, DELEGATES, Account
from derivatives.ids import AccountId


def account_of(view: View, account: AccountId) -> Account | None:
    """Return an account's record, None for one that was never opened."""
    return view.get(ACCOUNTS, account)


def may_trade(view: View, account: AccountId, signer: bytes, time_ms: int) -> bool:
    """Return whether a signer may trade for an account at this time."""
    record = view.get(ACCOUNTS, account)
    if record is None:
        return False
    if record.owner == signer:
        return True
    delegate = view.get(DELEGATES, (account, signer))
    return delegate is not None and time_ms <= delegate.expires_ms


def require_open(view: View, account: AccountId) -> Account:
    """Return an account's record. Refuses: accounts.account_unknown."""
    record = view.get(ACCOUNTS, account)
    if record is None:
        # The text is made for a refusal alone: its checksum costs more than all the rest.
        raise Refusal(reasons.ACCOUNT_UNKNOWN, account=text_of_holder(account))
    return record


def require_may_trade(context: Context, account: AccountId) -> Account:
    """Return the account's record where the signer may trade for it.

    Refuses: accounts.account_unknown, .not_delegate.
    """
    record = require_open(context.state, account)
    if record.owner != context.signer:
        delegate = context.state.get(DELEGATES, (account, context.signer))
        require(
            delegate is not None and context.time_ms <= delegate.expires_ms,
            reasons.NOT_DELEGATE,
            account=text_of_holder(account),
        )
    return record


def require_owner(context: Context, account: AccountId) -> Account:
    """Return the account's record where the signer owns it.

    Refuses: accounts.account_unknown, .not_owner.
    """
    record = require_open(context.state, account)
    if record.owner != context.signer:
        raise Refusal(reasons.NOT_OWNER, account=text_of_holder(account))
    return record
