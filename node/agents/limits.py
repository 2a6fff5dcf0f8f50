"""What an agent is told in decimals, as the chain counts it, and the loss at which it stops."""

from node.agents.seen import OPENED_UNDER, AccountSeen, MarketSeen, Plan, deposit
from node.client.amounts import decimal_of, quantums_of
from node.client.instruments import steps_of

ONE_PPM = 1_000_000
E8_PLACES = 8
SETTLEMENT_ASSET = "USD"
USD_PLACES = 6


def lots_of(text: str, market: MarketSeen) -> int:
    """Return a size in lots. Refuses: one that is no number of lots, with the nearest."""
    return steps_in(text, market.lot_size_e8, f"size of {market.instrument}")


def steps_in(text: str, lot_size_e8: int, what: str) -> int:
    """Return a size in lots of so much. Refuses: one that is no number of lots, with the nearest.

    >>> steps_in("0.2", 100_000, "size")
    200
    """
    return steps_of(text, decimal_of(lot_size_e8, E8_PLACES), what)


def usd_quantums(text: str) -> int:
    """Return an amount of the settlement asset. Refuses: what is no amount of it.

    >>> usd_quantums("2.5")
    2500000
    """
    return quantums_of(text, USD_PLACES, SETTLEMENT_ASSET)


def opening(account: str, amount: str, schedule: str = OPENED_UNDER) -> Plan:
    """Return the plan that opens an account by a deposit, to be margined by a schedule."""
    return deposit(account, SETTLEMENT_ASSET, usd_quantums(amount), schedule)


class LossLimit:
    """How far equity may fall below what it was when first seen; once passed, for good."""

    def __init__(self, most: str) -> None:
        self._most_quantums = usd_quantums(most)
        self._began_quantums: int | None = None
        self._is_passed = False

    def is_passed(self, account: AccountSeen) -> bool:
        """Return whether the limit is passed now, or was before."""
        if self._began_quantums is None:
            self._began_quantums = account.equity_quantums
        lost_quantums = self._began_quantums - account.equity_quantums
        self._is_passed = self._is_passed or lost_quantums > self._most_quantums
        return self._is_passed
