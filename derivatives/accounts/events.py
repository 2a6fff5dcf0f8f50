"""What happened to accounts."""

from chain.kit import U8, Address, record


@record
class AccountOpened:
    """A margin account exists from here on."""

    account_holder: str
    owner: Address
    compartment: str
    mode: U8
    schedule: str


@record
class CollateralDeposited:
    """An owner moved an amount from the wallet into an account."""

    account_holder: str
    asset: str
    amount_quantums: int


@record
class DelegateAdded:
    """A signer may trade for an account until it expires."""

    account_holder: str
    delegate: Address
    expires_ms: int


@record
class DelegateRemoved:
    """A signer may no longer trade for an account."""

    account_holder: str
    delegate: Address


@record
class DebtInterestCharged:
    """An account paid interest on its negative cash to the insurance fund."""

    account_holder: str
    debt_quantums: int
    interest_quantums: int
