"""Who holds how much of what."""

from chain.kernel.level import kernel
from chain.kit import Module
from chain.modules.ledger.events import Issued, Retired, Transferred
from chain.modules.ledger.invariants import (
    assets_have_few_decimals,
    balances_are_positive,
    balances_sum_to_supplies,
    supplies_fit,
    the_refusal_fee_is_payable_in_an_asset,
)
from chain.modules.ledger.queries import QUERIES
from chain.modules.ledger.reasons import REASONS
from chain.modules.ledger.state import ASSETS, BALANCES, LEDGER_PARAMETERS, SUPPLIES
from chain.modules.ledger.transactions import Transfer

MODULE = Module(
    id=2,
    name="ledger",
    tables=(ASSETS, BALANCES, SUPPLIES, LEDGER_PARAMETERS),
    genesis=(ASSETS, BALANCES, SUPPLIES, LEDGER_PARAMETERS),
    transactions={1: Transfer},
    queries=QUERIES,
    events={1: Transferred, 2: Issued, 3: Retired},
    reasons=REASONS,
    invariants=(
        balances_sum_to_supplies,
        supplies_fit,
        balances_are_positive,
        the_refusal_fee_is_payable_in_an_asset,
        assets_have_few_decimals,
    ),
    quick={} if kernel is None else {Transfer: kernel.transfer},
)
