"""What backs an account, and what it has of the settlement asset.

Source: docs/specs/accounts.md, ACCT-045.
"""

from chain.kit import View
from chain.modules.ledger.balances import balance_of
from derivatives.accounts.state import ACCOUNTS, COLLATERAL, COMPARTMENTS, Compartment
from derivatives.ids import AccountId, CompartmentId


def compartment_terms(view: View, compartment: CompartmentId) -> Compartment:
    """Return the limits of a compartment that an account or an instrument names."""
    terms = view.get(COMPARTMENTS, compartment)
    assert terms is not None, f"no compartment {compartment}"
    return terms


def cash_of(view: View, account: AccountId) -> int:
    """Return an account's balance of its settlement asset, below zero where it owes."""
    record = view.get(ACCOUNTS, account)
    if record is None:
        return 0
    return balance_of(view, account, compartment_terms(view, record.compartment).settlement_asset)


def collateral_of(view: View, account: AccountId) -> tuple[tuple[str, int], ...]:
    """Return every asset that an account has of its compartment's collateral, cash included.

    By asset, ascending; an asset of which it has nothing is left out.
    """
    record = view.get(ACCOUNTS, account)
    if record is None:
        return ()
    held = []
    for key, _ in view.scan(COLLATERAL, (record.compartment,)):
        assert isinstance(key, tuple)
        asset = str(key[1])
        amount_quantums = balance_of(view, account, asset)
        if amount_quantums:
            held.append((asset, amount_quantums))
    return tuple(held)
