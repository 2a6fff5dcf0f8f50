"""What can be asked of insurance that is not simply stored.

Source: docs/specs/insurance.md, INS-090.
"""

from chain.kit import Query, View, record
from chain.modules.ledger.balances import balance_of
from chain.modules.system.standing import progress_of
from derivatives.accounts.state import COMPARTMENTS
from derivatives.ids import COMPARTMENT, default_fund_of, insurance_of
from derivatives.insurance.history import limit_quantums
from derivatives.insurance.shortfall import debt_of


@record
class Waterfall:
    """What would pay a compartment's next loss before anybody's gain does, and what it owes."""

    compartment: str
    insurance_quantums: int
    insurance_limit_quantums: int
    default_fund_quantums: int
    debt_quantums: int


def waterfall(view: View, compartment: str) -> Waterfall:
    """Return a compartment's funds, in the order in which they pay."""
    terms = view.get(COMPARTMENTS, compartment)
    if terms is None:
        return Waterfall(compartment, 0, 0, 0, 0)
    asset = terms.settlement_asset
    return Waterfall(
        compartment,
        balance_of(view, insurance_of(compartment), asset),
        limit_quantums(view, compartment, progress_of(view).time_ms),
        balance_of(view, default_fund_of(compartment), asset),
        debt_of(view, compartment),
    )


QUERIES = (Query("waterfall", waterfall, {"compartment": COMPARTMENT}),)
