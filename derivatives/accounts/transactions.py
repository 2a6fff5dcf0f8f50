"""What an owner may ask of accounts: open one, back it, let somebody trade for it.

Source: docs/specs/accounts.md, ACCT-010 to ACCT-034.
"""

from typing import ClassVar

from chain.kit import (
    CLASS_RELIEF,
    CLASS_REST,
    U8,
    Address,
    Context,
    address_of,
    record,
    require,
    wallet,
)
from chain.kit.holder import text_of_holder
from chain.modules.ledger import reasons as ledger_reasons
from chain.modules.ledger.balances import transfer
from derivatives.accounts import reasons
from derivatives.accounts.authority import require_owner
from derivatives.accounts.collateral import compartment_terms
from derivatives.accounts.custody import take_into_custody
from derivatives.accounts.debt import follow
from derivatives.accounts.events import CollateralDeposited, DelegateAdded, DelegateRemoved
from derivatives.accounts.opening import open_account, open_by_deposit
from derivatives.accounts.state import (
    ACCOUNTS,
    DELEGATES,
    MODE_CROSS,
    MODE_ISOLATED,
    SCHEDULE_STANDARD,
    Delegate,
)
from derivatives.ids import AccountId, is_account

DELEGATES_MAX_COUNT = 16


def _require_account(account: AccountId) -> None:
    require(is_account(account), reasons.ACCOUNT_UNKNOWN, account=text_of_holder(account))


def _require_mine(context: Context, account: AccountId) -> None:
    """Refuse an account, open or not, that is of another signer's numbers."""
    mine = address_of(account) == context.signer
    require(mine, reasons.NOT_OWNER, account=text_of_holder(account))


@record
class Open:
    """Open a margin account of the signer's, with a number that is not yet taken."""

    transaction_class: ClassVar[int] = CLASS_REST
    weight: ClassVar[int] = 400

    account_holder: str
    compartment: str
    mode: U8
    schedule: str

    def check(self) -> None:
        """Refuse what is no account, no mode, or a schedule that is entered later."""
        _require_account(self.account_holder)
        known = self.mode in {MODE_CROSS, MODE_ISOLATED}
        require(known, reasons.MODE_UNKNOWN, mode_number=self.mode)
        require(
            self.schedule == SCHEDULE_STANDARD,
            reasons.SCHEDULE_NOT_ENTERABLE,
            schedule=self.schedule,
        )

    def apply(self, context: Context) -> None:
        """Open the account."""
        account = self.account_holder
        _require_mine(context, account)
        require(
            context.state.get(ACCOUNTS, account) is None,
            reasons.ACCOUNT_KNOWN,
            account=text_of_holder(account),
        )
        open_account(context, account, self.compartment, self.mode)


@record
class Deposit:
    """Move an amount from the signer's wallet into an account of the signer's.

    The first deposit to number 0 opens it, cross and standard, in the compartment main.
    """

    transaction_class: ClassVar[int] = CLASS_RELIEF
    weight: ClassVar[int] = 500

    account_holder: str
    asset: str
    amount_quantums: int

    def check(self) -> None:
        """Refuse what is no account, and an amount that is not positive."""
        _require_account(self.account_holder)
        require(
            self.amount_quantums > 0,
            ledger_reasons.AMOUNT_NOT_POSITIVE,
            amount_quantums=self.amount_quantums,
        )

    def apply(self, context: Context) -> None:
        """Open the account where that is due, and move the amount."""
        account, state = self.account_holder, context.state
        _require_mine(context, account)
        compartment = open_by_deposit(context, account).compartment
        take_into_custody(state, compartment, self.asset, self.amount_quantums)
        transfer(
            context,
            debit=wallet(context.signer),
            credit=account,
            asset=self.asset,
            amount_quantums=self.amount_quantums,
        )
        if self.asset == compartment_terms(state, compartment).settlement_asset:
            follow(state, account, compartment, self.asset, context.time_ms)
        context.emit(CollateralDeposited(account, self.asset, self.amount_quantums))


@record
class AddDelegate:
    """Let a signer trade for an account until it expires; it can never withdraw.

    For one who may already, the expiry changes.
    """

    transaction_class: ClassVar[int] = CLASS_REST
    weight: ClassVar[int] = 400

    account_holder: str
    delegate: Address
    expires_ms: int

    def check(self) -> None:
        """Refuse what is no account."""
        _require_account(self.account_holder)

    def apply(self, context: Context) -> None:
        """Add the delegate."""
        state, account = context.state, self.account_holder
        owned = require_owner(context, account)
        require(self.delegate != owned.owner, reasons.DELEGATE_IS_OWNER)
        require(
            self.expires_ms > context.time_ms,
            reasons.DELEGATE_EXPIRY_PAST,
            expires_ms=self.expires_ms,
            time_ms=context.time_ms,
        )
        key = (account, self.delegate)
        if state.get(DELEGATES, key) is None:
            count = sum(1 for _ in state.scan(DELEGATES, (account,)))
            require(
                count < DELEGATES_MAX_COUNT,
                reasons.DELEGATES_TOO_MANY,
                limit_count=DELEGATES_MAX_COUNT,
            )
        state.put(DELEGATES, key, Delegate(self.expires_ms))
        context.emit(DelegateAdded(account, self.delegate, self.expires_ms))


@record
class RemoveDelegate:
    """End what a delegate may do for an account, at once."""

    transaction_class: ClassVar[int] = CLASS_RELIEF
    weight: ClassVar[int] = 300

    account_holder: str
    delegate: Address

    def check(self) -> None:
        """Refuse what is no account."""
        _require_account(self.account_holder)

    def apply(self, context: Context) -> None:
        """Remove the delegate."""
        account = self.account_holder
        require_owner(context, account)
        key = (account, self.delegate)
        require(
            context.state.get(DELEGATES, key) is not None,
            reasons.DELEGATE_UNKNOWN,
            account=text_of_holder(account),
        )
        context.state.delete(DELEGATES, key)
        context.emit(DelegateRemoved(account, self.delegate))
