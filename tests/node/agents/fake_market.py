"""A node of one market that an agent looks at: what it answers, and what was handed in."""

from typing import Any

from chain.block.transaction import parse_transaction
from node.client.declarations import application
from tests.node.client.fake_chain import CHAIN_ID, FakeChain
from tests.node.client.fake_node import Refuse

TIME_MS = 1_800_000_000_000
ROW = {
    "instrument": "BTC-PERP",
    "tick_size": "0.5",
    "lot_size": "0.001",
    "tick_value_quantums": "500",
    "taker_fee_ppm": 300,
    "state": "open",
    "index_price_e8": str(64_000 * 10**8),
    "mark_price_ticks": "128000",
}


class FakeMarket:
    """What a node shows of one market and of the account that asks."""

    def __init__(self) -> None:
        self.chain = FakeChain()
        self.has_account = True
        self.heights: list[int] = []
        """What the next answers of `market_list` say; the others stay at the chain's."""
        self.orders: list[dict[str, Any]] = []
        self.positions: list[dict[str, Any]] = []
        self.dead_man_ms = 0
        self.may_open = True
        self.is_syncing = False

    def answers(self) -> dict[str, Any]:
        return {
            **self.chain.answers(),
            "chain_getStatus": self.status,
            "market_list": lambda **_: self.at(items=[ROW], height=self.next_height()),
            "account_get": self.account,
            "order_list": lambda **_: self.at(items=self.orders),
            "query_call": self.query,
            "state_get": self.state,
            "market_getBook": self.book,
        }

    def status(self) -> dict[str, Any]:
        return {
            **self.chain.chain_status(),
            "syncing": self.is_syncing,
            "time_ms": TIME_MS,
        }

    def next_height(self) -> str:
        return str(self.heights.pop(0) if self.heights else self.chain.height)

    def at(self, **told: Any) -> dict[str, Any]:
        return {"height": str(self.chain.height), "time_ms": TIME_MS, **told}

    def account(self, account: str) -> dict[str, Any]:
        if not self.has_account:
            raise Refuse(1204, "lookup.account_unknown", "no such account", {"account": account})
        collateral = [
            {"asset": "USD", "value_quantums": "90000000", "haircut_ppm": 0},
            {"asset": "BTC", "value_quantums": "5000000", "haircut_ppm": 100_000},
        ]
        return self.at(
            equity_quantums="95000000",
            initial_margin_quantums="10000000",
            settlement_asset="USD",
            collateral=collateral,
        )

    def query(self, name: str, fields: dict[str, str]) -> dict[str, Any]:
        if name == "positions.of_account":
            return self.at(value={"positions": self.positions})
        if name == "instruments.standing":
            return self.at(value={"may_open": self.may_open, "may_reduce": True})
        raise Refuse(1206, "lookup.query_unknown", f"no query {name}", dict(fields))

    def state(self, table: str, key: dict[str, str], at: str = "finalized") -> dict[str, Any]:
        assert ("dead_men", "finalized") == (table, at)
        assert ["account_holder"] == list(key)
        return self.at(value={"deadline_ms": self.dead_man_ms} if self.dead_man_ms else None)

    def book(self, instrument: str, depth_count: int) -> dict[str, Any]:
        if instrument != ROW["instrument"]:
            raise Refuse(1205, "lookup.instrument_unknown", "no such instrument", {})
        levels = [["128010", "7"], ["128020", "1"]]
        return self.at(bids=[["127990", "5"]], asks=levels[:depth_count])

    def submitted(self) -> list[tuple[str, int, Any]]:
        """Return kind, lane and payload of each transaction that was handed in."""
        parsed = [parse_transaction(application(), CHAIN_ID, data) for data in self.chain.submitted]
        return [
            (application().kind_name(one.body.kind), one.body.lane, one.payload) for one in parsed
        ]
