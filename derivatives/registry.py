"""Every module of the chain, in registry order, which is the order of a block's hooks.

A module is added by its folder and one line here.
"""

from chain.kit import Module
from chain.modules.registry import BASE_MODULES
from derivatives.accounts.module import MODULE as ACCOUNTS
from derivatives.block_trades.module import MODULE as BLOCK_TRADES
from derivatives.futures.module import MODULE as FUTURES
from derivatives.instruments.module import MODULE as INSTRUMENTS
from derivatives.insurance.module import MODULE as INSURANCE
from derivatives.kernel.known import teach
from derivatives.liquidation.module import MODULE as LIQUIDATION
from derivatives.margin.module import MODULE as MARGIN
from derivatives.marks.module import MODULE as MARKS
from derivatives.options.module import MODULE as OPTIONS
from derivatives.oracle.module import MODULE as ORACLE
from derivatives.orders.module import MODULE as ORDERS
from derivatives.perpetuals.module import MODULE as PERPETUALS
from derivatives.positions.module import MODULE as POSITIONS
from derivatives.solvency.module import MODULE as SOLVENCY
from derivatives.synthetics.module import MODULE as SYNTHETICS
from derivatives.trades.module import MODULE as TRADES

REGISTRY: tuple[Module, ...] = (
    *BASE_MODULES,
    ORACLE,
    INSTRUMENTS,
    MARKS,
    POSITIONS,
    ACCOUNTS,
    PERPETUALS,
    FUTURES,
    OPTIONS,
    MARGIN,
    TRADES,
    SYNTHETICS,
    ORDERS,
    BLOCK_TRADES,
    LIQUIDATION,
    INSURANCE,
    SOLVENCY,
)
"""Every module of this chain; its place is its place in a block's day."""

teach()
