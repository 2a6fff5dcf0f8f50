"""What is always true of liquidation, at the end of every block."""

from chain.kit import View, hold
from derivatives.accounts.state import ACCOUNTS, COMPARTMENTS
from derivatives.liquidation.state import CONVERTING, LIQUIDATION_TERMS, WAITING


def who_converts_is_open(view: View) -> None:
    """Hold that every account that converts is open.

    That it still owes is looked at when it is sold from: what insurance does after the last
    look of a block may have paid it.
    """
    for key, _ in view.scan(CONVERTING):
        hold(view.get(ACCOUNTS, str(key)) is not None, f"{key!r} converts and is not open")


def nobody_waits_twice(view: View) -> None:
    """Hold that whoever waits for the next block's turn is open and waits once."""
    waiting = [row.account_holder for _, row in view.scan(WAITING)]
    hold(len(waiting) == len({*waiting}), "an account waits twice")
    for account in waiting:
        hold(view.get(ACCOUNTS, account) is not None, f"{account} waits and is not open")


def an_allowance_is_a_share(view: View) -> None:
    """Hold that every compartment says how it closes accounts, and gives less than all."""
    for key, _ in view.scan(COMPARTMENTS):
        terms = view.get(LIQUIDATION_TERMS, str(key))
        hold(terms is not None, f"{key!r} does not say how it closes accounts")
        assert terms is not None
        ramped = 0 <= terms.ramp_start_ppm <= terms.ramp_limit_ppm <= 1_000_000
        hold(ramped and terms.ramp_second_ppm >= 0, f"{key!r}: the ramp gives more than all")
        shared = 0 <= terms.insurance_share_ppm <= 1_000_000
        hold(shared, f"{key!r}: insurance takes more than the allowance")


INVARIANTS = (who_converts_is_open, nobody_waits_twice, an_allowance_is_a_share)
