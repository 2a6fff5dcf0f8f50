"""What is always true of offers.

Source: docs/specs/block_trades.md, BLTR-050.
"""

from chain.kit import View, hold
from derivatives.accounts.state import ACCOUNTS
from derivatives.block_trades.state import OFFER_FLOORS, USED_OFFERS


def offers_are_of_open_accounts(view: View) -> None:
    """Hold that what was used or taken back is of an account, and that a floor takes back."""
    for key, _ in view.scan(USED_OFFERS):
        assert isinstance(key, tuple)
        hold(view.get(ACCOUNTS, str(key[1])) is not None, f"{key!r}: an offer of nobody")
    for key, floor in view.scan(OFFER_FLOORS):
        hold(view.get(ACCOUNTS, str(key)) is not None, f"{key!r}: offers of nobody")
        hold(floor.lowest_sequence > 0, f"{key!r}: a floor that takes nothing back")


INVARIANTS = (offers_are_of_open_accounts,)
