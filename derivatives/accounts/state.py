"""Margin accounts, what backs them, and the compartments they live in."""

from chain.kit import U8, Address, Table, address_key, record
from derivatives.ids import ACCOUNT, ASSET, COMPARTMENT

MODE_CROSS = 0
MODE_ISOLATED = 1
SCHEDULE_STANDARD = "standard"


@record
class Compartment:
    """A settlement asset with its limits: what happens in one never costs another.

    `debt_*` limit negative cash, `outflow_*` withdrawals in an hour, `insurance_*` what
    feeds the insurance fund and what it pays; the counts bound what every block looks at.
    """

    settlement_asset: str
    debt_limit_ppm: int
    debt_interest_ppm: int
    debt_convert_after_ms: int
    debt_total_limit_ppm: int
    outflow_floor_quantums: int
    outflow_limit_ppm: int
    insurance_fee_share_ppm: int
    insurance_hourly_limit_ppm: int
    accounts_max_count: int
    account_positions_max_count: int
    account_orders_max_count: int


@record
class CollateralTerms:
    """What an asset counts for: its feed (empty: the settlement asset, at par), haircut, cap."""

    feed: str
    haircut_ppm: int
    cap_quantums: int


@record
class Account:
    """One margin account: whose it is, where it lives, how it is margined, how it stands.

    `mode` is 0 cross or 1 isolated; `flagged_*` are zero while it is not flagged for
    liquidation.
    """

    owner: Address
    number: int
    compartment: str
    mode: U8
    schedule: str
    opened_height: int
    flagged_ms: int
    flagged_height: int


@record
class Delegate:
    """A signer who may trade for an account but never withdraw, until it expires."""

    expires_ms: int


@record
class Custody:
    """What all holders of a compartment have of an asset together; deleted at zero."""

    amount_quantums: int


@record
class Debtor:
    """An account whose cash is below zero, since when without a break."""

    since_ms: int


COMPARTMENTS = Table(1, "compartments", key=(COMPARTMENT,), value=Compartment, ordered=True)
COLLATERAL = Table(2, "collateral", key=(COMPARTMENT, ASSET), value=CollateralTerms, ordered=True)
ACCOUNTS = Table(3, "accounts", key=(ACCOUNT,), value=Account, ordered=True)
DELEGATES = Table(
    4, "delegates", key=(ACCOUNT, address_key("delegate")), value=Delegate, ordered=True
)
CUSTODY = Table(5, "custody", key=(COMPARTMENT, ASSET), value=Custody, ordered=True)
DEBTORS = Table(6, "debtors", key=(COMPARTMENT, ACCOUNT), value=Debtor, ordered=True)
