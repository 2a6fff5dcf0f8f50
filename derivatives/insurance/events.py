"""What happened to losses: who was taken over, who paid, what was left."""

from chain.kit import record
from derivatives.liquidation.events import CollateralTaken, LegTaken


@record
class DefaultGained:
    """A default account had more than nothing, and gave it to insurance."""

    compartment: str
    gained_quantums: int


@record
class AccountTakenOver:
    """An account's positions and collateral passed to the default account at the index.

    What it lacked, `shortfall_quantums`, is part of the block's X.
    """

    account_holder: str
    compartment: str
    positions_count: int
    shortfall_quantums: int


@record
class LossAllocated:
    """A block's X and who paid it.

    Insurance paid at most its limit, from what it held an hour before and had paid since;
    `gains_quantums` is G and `cut_quantums` the sum of all cuts, whose excess over the part
    of X that they paid went to insurance; `risk_quantums` is the sum of R, `shared_quantums`
    the sum of all shares.  What was carried stays in the default account; the rest is owed.
    """

    compartment: str
    loss_quantums: int
    insurance_limit_quantums: int
    insurance_quantums: int
    default_fund_quantums: int
    gains_quantums: int
    cut_quantums: int
    excess_quantums: int
    risk_quantums: int
    shared_quantums: int
    carried_quantums: int
    owed_quantums: int


@record
class GainCut:
    """An account's gain of this block, and what of it paid for the block's loss."""

    account_holder: str
    gain_quantums: int
    cut_quantums: int


@record
class LossShared:
    """An account's share of what gains could not pay, by its risk, at most what it had."""

    account_holder: str
    risk_quantums: int
    solvency_quantums: int
    share_quantums: int


@record
class DebtRepaid:
    """Insurance repaid what a compartment owed; nothing left means that it may open again."""

    compartment: str
    repaid_quantums: int
    left_quantums: int


@record
class DefaultSliced:
    """A slice of the default account found takers: a keeper, or the book where none is named.

        allowance = min(floor(release x ramp), budget and fund less what the legs lose)

    `paid_quantums` went to the keeper, or to the book as slippage and fees; `cost_quantums` is
    what S fell by, which insurance paid at once; `budget_quantums` is left of the budget.
    """

    compartment: str
    keeper_holder: str
    legs: tuple[LegTaken, ...]
    collateral: tuple[CollateralTaken, ...]
    release_quantums: int
    allowance_quantums: int
    paid_quantums: int
    cost_quantums: int
    budget_quantums: int


@record
class DefaultConverted:
    """A keeper bought collateral of the default account below its value.

        allowance = min(floor(release x ramp), budget and fund, value)

    `cost_quantums` is what S fell by, which insurance paid at once.
    """

    compartment: str
    keeper_holder: str
    asset: str
    amount_quantums: int
    value_quantums: int
    release_quantums: int
    ramp_ppm: int
    allowance_quantums: int
    paid_quantums: int
    cost_quantums: int
    budget_quantums: int


@record
class PositionTornUp:
    """Part of a position was closed at the index against the default account's."""

    account_holder: str
    instrument: str
    size_lots: int
    value_quantums: int


@record
class CollateralBought:
    """Insurance bought collateral from the default account at the index."""

    compartment: str
    asset: str
    amount_quantums: int
    value_quantums: int
    paid_quantums: int
