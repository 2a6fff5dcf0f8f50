"""What can be asked of money that is not simply stored."""

from chain.kit import HolderId, Query, View, holder_key, record
from chain.modules.ledger.balances import balance_of
from chain.modules.ledger.state import ASSETS


@record
class HeldAmount:
    """What a holder has of one asset."""

    asset: str
    amount_quantums: int


@record
class Holdings:
    """Every balance of one holder that is not zero, by asset."""

    holder: str
    balances: tuple[HeldAmount, ...]


def holdings_of(view: View, holder: HolderId) -> Holdings:
    """Return every balance of a wallet, margin account or named holder."""
    amounts = [
        HeldAmount(asset=str(asset), amount_quantums=amount_quantums)
        for asset, _ in view.scan(ASSETS)
        if (amount_quantums := balance_of(view, holder, str(asset)))
    ]
    return Holdings(holder=holder, balances=tuple(amounts))


QUERIES = (Query("balances", holdings_of, {"holder": holder_key("holder")}),)
