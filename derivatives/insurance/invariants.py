"""What is always true of insurance.

Source: docs/specs/insurance.md.
"""

from chain.kit import View, hold
from chain.modules.ledger.balances import balance_of
from derivatives.accounts.state import COMPARTMENTS
from derivatives.ids import default_account_of
from derivatives.insurance.state import (
    DEFAULTS,
    INSURANCE_TERMS,
    INSURED,
    INSURED_BEFORE,
    SHORTFALLS,
    WITHDRAWN,
)
from derivatives.insurance.takeover import is_closed
from derivatives.margin.state import INSOLVENT


def nobody_is_left_insolvent(view: View) -> None:
    """Hold that whoever was found insolvent was taken over in the same block."""
    left = [key for key, _ in view.scan(INSOLVENT)]
    hold(not left, f"insolvent and not taken over: {left}")


def what_a_default_account_holds_is_being_closed(view: View) -> None:
    """Hold that a default account with anything in it is known to be closing."""
    for key, _ in view.scan(COMPARTMENTS):
        compartment = str(key)
        hold(view.get(INSURANCE_TERMS, compartment) is not None, f"{compartment}: no terms")
        closing = view.get(DEFAULTS, compartment) is not None
        hold(closing or is_closed(view, compartment), f"{compartment} holds and is not closed")


def what_is_owed_is_carried(view: View) -> None:
    """Hold that a debt is positive, stands in the default account, and that shares add up."""
    for key, shortfall in view.scan(SHORTFALLS):
        compartment = str(key)
        hold(shortfall.debt_quantums > 0, f"{compartment} owes {shortfall.debt_quantums}")
        taken = sum(row.amount_quantums for _, row in view.scan(WITHDRAWN, (compartment,)))
        hold(taken == shortfall.withdrawn_quantums, f"{compartment}: {taken} quantums taken")
        if view.get(DEFAULTS, compartment) is None:
            terms = view.get(COMPARTMENTS, compartment)
            assert terms is not None
            cash = balance_of(view, default_account_of(compartment), terms.settlement_asset)
            hold(cash <= -shortfall.debt_quantums, f"{compartment} carries {cash}")


def what_insurance_paid_only_grows(view: View) -> None:
    """Hold that what was paid before a time is at most what was paid by a later one."""
    earlier: dict[str, tuple[int, int]] = {}
    for key, row in view.scan(INSURED_BEFORE):
        compartment = str(key[0])  # type: ignore[index]
        paid, sliced = earlier.get(compartment, (0, 0))
        grows = paid <= row.paid_quantums and sliced <= row.sliced_quantums
        hold(grows, f"{key!r} paid less than before")
        earlier[compartment] = (row.paid_quantums, row.sliced_quantums)
    for key, insured in view.scan(INSURED):
        paid, sliced = earlier.get(str(key), (0, 0))
        grows = paid <= insured.paid_quantums and sliced <= insured.sliced_quantums
        hold(grows, f"{key!r} paid less than before")


INVARIANTS = (
    nobody_is_left_insolvent,
    what_a_default_account_holds_is_being_closed,
    what_is_owed_is_carried,
    what_insurance_paid_only_grows,
)
