"""A node whose markets are open: prices in every block, accounts backed, orders by name."""

from dataclasses import dataclass
from typing import Any

import pytest

from derivatives.accounts.transactions import Deposit
from derivatives.instruments.state import TRADING, TRADING_OPEN
from derivatives.liquidation.transactions import Liquidate
from derivatives.marks.state import MARKS
from derivatives.orders.transactions import Place
from tests import given
from tests.node.rpc.conftest import Rooms

E8 = 10**8
USD = 10**6
BTC_PERP = "BTC-PERP"
MARK_TICKS = 128_000
"""64,000 USD in ticks of half a dollar."""


@dataclass
class Market:
    """What tests do in an open market."""

    rooms: Rooms

    def send(self, name: str, *payloads: Any) -> None:
        """Send transactions of a signer and make the block with them final."""
        world = self.rooms.world
        self.rooms.finalise(*(world.bytes_of(name, payload) for payload in payloads))

    def deposit(self, name: str, amount: int, asset: str = "USD") -> None:
        self.send(name, Deposit(given.holder(f"{name}/0"), asset, amount))

    def placing(self, name: str, side: int, lots: int, ticks: int, **how: Any) -> Place:
        """Return the transaction that places an order."""
        terms = {
            "time_in_force": 1,
            "post_only": False,
            "reduce_only": False,
            "self_trade": 0,
            "client_id": "",
            "good_till_ms": 0,
            "trigger_kind": 0,
            "trigger_ticks": 0,
            **how,
        }
        return Place(given.holder(f"{name}/0"), BTC_PERP, side, ticks, lots, **terms)

    def order(self, name: str, side: int, lots: int, ticks: int, **how: Any) -> None:
        self.send(name, self.placing(name, side, lots, ticks, **how))

    def trade(self, buyer: str, seller: str, lots: int, ticks: int = MARK_TICKS) -> None:
        """Let one rest and the other meet it."""
        self.order(seller, 2, lots, ticks)
        self.order(buyer, 1, lots, ticks)

    def move(self, price: int) -> None:
        """Let bitcoin cost this in USD: blocks until a jump is confirmed and used."""
        self.rooms.world.prices_e8 = {**self.rooms.world.prices_e8, "BTC": price * E8}
        for _ in range(12):
            self.rooms.finalise()
            mark = self.rooms.world.tables.get(MARKS, BTC_PERP)
            assert mark is not None
            if mark.index_price_e8 == price * E8:
                return
        raise AssertionError(f"the index does not come to {price}")

    def take(self, keeper: str, target: str, slices_count: int) -> None:
        """Let a keeper take slices of an account that is below maintenance."""
        holders = (given.holder(f"{name}/0") for name in (keeper, target))
        self.send(keeper, Liquidate(*holders, slices_count))

    def receipt(self) -> Any:
        """Return the last block's first receipt of a transaction."""
        return self.rooms.world.outcomes[-1].receipts[0]


@pytest.fixture
def market(rooms: Rooms) -> Market:
    """A market at 64,000 USD, open, with alice and bob backed by 100,000 USD each."""
    rooms.world.prices_e8 = {"BTC": 64_000 * E8, "ETH": 3_200 * E8}
    made = Market(rooms)
    for _ in range(40):
        rooms.finalise()
        trading = rooms.world.tables.get(TRADING, BTC_PERP)
        assert trading is not None
        if trading.state == TRADING_OPEN:
            break
    for name in ("alice", "bob"):
        made.deposit(name, 100_000 * USD)
    return made
