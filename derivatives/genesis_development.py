"""Write the genesis of a development chain with its clearinghouse.

What any chain has comes from `chain.machine.genesis_development`; here are the feeds, the
permissions and the markets, every parameter with its unit in its name.

Source: clearing parameters of the devnet, docs/specs/oracle.md.
"""

from typing import Any

from chain.machine import genesis_development as chain_genesis

# Row: state; columns: open, reduce, withdraw, liquidate, quote, settle (docs/specs/oracle.md).
PERMISSIONS = (
    (0, 0, 2, 2, 0, 0),
    (1, 1, 1, 1, 1, 1),
    (1, 1, 2, 1, 0, 0),
    (0, 1, 2, 2, 0, 0),
    (0, 1, 2, 2, 0, 0),
    (0, 1, 2, 2, 0, 0),
)
SIGMA_1S_PPM = {"BTC": 90, "ETH": 120}
UNIT_E8 = 10**8


def development_genesis(
    count: int,
    time_ms: int = chain_genesis.SHIPPED_TIME_MS,
    kind: str = "devnet",
    **how: Any,
) -> dict[str, Any]:
    """Return the JSON object of a development genesis, clearinghouse included.

    Takes what `chain.machine.genesis_development.development_genesis` takes.
    """
    genesis = chain_genesis.development_genesis(count, time_ms, kind, **how)
    genesis["tables"] |= clearing_tables()
    return genesis


def clearing_tables() -> dict[str, list[dict[str, Any]]]:
    """Return the rows that the clearinghouse's tables begin with."""
    return {
        "feeds": [
            {
                "feed": feed,
                "compartment": "main",
                "sigma_1s_ppm": sigma_1s_ppm,
                "sources_min_count": 1,
                "price_min_e8": str(UNIT_E8),
                "price_max_e8": str(10_000_000 * UNIT_E8),
            }
            for feed, sigma_1s_ppm in SIGMA_1S_PPM.items()
        ],
        "permissions": [
            {"state": state, "action": action, "allowed": allowed}
            for state, row in enumerate(PERMISSIONS)
            for action, allowed in enumerate(row, 1)
        ],
    }
