"""The accounts module's table of contents."""

from chain.kit import Module
from derivatives.accounts.debt import charge_interest
from derivatives.accounts.events import (
    AccountOpened,
    CollateralDeposited,
    DebtInterestCharged,
    DelegateAdded,
    DelegateRemoved,
)
from derivatives.accounts.invariants import INVARIANTS
from derivatives.accounts.queries import QUERIES
from derivatives.accounts.reasons import REASONS
from derivatives.accounts.state import (
    ACCOUNTS,
    COLLATERAL,
    COMPARTMENTS,
    CUSTODY,
    DEBTORS,
    DELEGATES,
)
from derivatives.accounts.transactions import AddDelegate, Deposit, Open, RemoveDelegate

MODULE = Module(
    id=24,
    name="accounts",
    tables=(COMPARTMENTS, COLLATERAL, ACCOUNTS, DELEGATES, CUSTODY, DEBTORS),
    genesis=(COMPARTMENTS, COLLATERAL, CUSTODY),
    transactions={1: Open, 2: Deposit, 3: AddDelegate, 4: RemoveDelegate},
    begin_block=(charge_interest,),
    queries=QUERIES,
    events={
        1: AccountOpened,
        2: CollateralDeposited,
        3: DelegateAdded,
        4: DelegateRemoved,
        5: DebtInterestCharged,
    },
    reasons=REASONS,
    invariants=INVARIANTS,
)
