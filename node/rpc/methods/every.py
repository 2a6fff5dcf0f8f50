"""All methods, and which of them a chain of some kind has.

Source: docs/specs/rpc.md, RPC-040, RPC-042, RPC-105.
"""

from typing import Any

from node.rpc.clearing import chains, fund, liquidations, oracle, surface
from node.rpc.method import Call, Method, NoParameters, method
from node.rpc.methods import (
    chain,
    development,
    events,
    explain,
    operations,
    state,
    transactions,
)
from node.rpc.methods.trading import (
    accounts,
    book,
    candles,
    funding,
    history,
    markets,
    orders,
    positions,
    synthetics,
    trades,
)
from node.rpc.openrpc import document
from node.rpc.risk import payoff, scenarios, series, what_if


@method("rpc.discover", weight=5)
async def discover(call: Call, _asked: NoParameters) -> dict[str, Any]:
    """Return the OpenRPC document of every method served to you, as `GET /openrpc.json` does."""
    return document(call.methods)


ALWAYS: tuple[Method, ...] = (
    *chain.METHODS,
    *transactions.METHODS,
    *explain.METHODS,
    *state.METHODS,
    *accounts.METHODS,
    *positions.METHODS,
    *orders.METHODS,
    *markets.METHODS,
    *synthetics.METHODS,
    *book.METHODS,
    *trades.METHODS,
    *candles.METHODS,
    *funding.METHODS,
    *history.METHODS,
    *events.METHODS,
    *operations.METHODS,
    *oracle.METHODS,
    *surface.METHODS,
    *chains.METHODS,
    *fund.METHODS,
    *liquidations.METHODS,
    *what_if.METHODS,
    *scenarios.METHODS,
    *series.METHODS,
    *payoff.METHODS,
    discover,
)
ON_DEVELOPMENT_CHAINS: tuple[Method, ...] = (
    *development.ANY_KIND,
    *development.DEV_KIND,
    *development.DEVNET_KIND,
)


def methods_for(kind: str, *, has_controls: bool) -> tuple[Method, ...]:
    """Return the methods that a node on a chain of this genesis kind serves."""
    if not has_controls or kind not in {"dev", "devnet"}:
        return ALWAYS
    own = development.DEV_KIND if kind == "dev" else development.DEVNET_KIND
    return (*ALWAYS, *development.ANY_KIND, *own)
