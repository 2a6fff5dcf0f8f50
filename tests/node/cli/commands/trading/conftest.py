"""A node with one market and one account of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chain.crypto.addresses import text_of
from chain.crypto.signing import SigningKey
from node.devnet.seeds import development_seed
from node.keystore.store import Keystore
from tests.node.client.fake_chain import FakeChain
from tests.node.client.fake_node import FakeNode

ALICE = text_of(SigningKey.from_seed(development_seed("alice")).public_key)
HEAD = {"height": "9", "time_ms": 5, "finalized": True, "next_cursor": None}
MARKET = {
    "instrument": "BTC-PERP",
    "kind": "perpetual",
    "quote": "USD",
    "tick_size": "0.5",
    "lot_size": "0.001",
    "state": "open",
    "mark_price_ticks": "128000",
    "last_price_ticks": None,
    "open_interest_lots": "2500",
    "funding_rate_ppm": 100,
}
PLACED = [
    {
        "name": "orders.order_placed",
        "order_id": 7,
        "side": 1,
        "price_ticks": "128000",
        "size_lots": "2500",
        "trigger_ticks": "0",
    },
    {"name": "trades.traded", "size_lots": "1000", "price_ticks": "127999"},
    {"name": "orders.order_rested", "remaining_lots": "1500"},
]


@pytest.fixture(autouse=True)
def keys(novation: Callable[..., Any], tmp_path: Path) -> None:
    folder = tmp_path / "home/.novation/keys"
    Keystore([folder]).create("alice", None, seed=development_seed("alice"))


@pytest.fixture
def traded(serve: Callable[..., FakeNode]) -> Callable[..., FakeNode]:
    """Serve a chain with one market; `events` are what a transaction comes to."""

    def make(
        events: list[dict[str, Any]] | None = None,
        foreseen: dict[str, Any] | None = None,
        **answers: Any,
    ) -> FakeNode:
        chain = FakeChain(outcome={"events": events or []})
        chain.foreseen = foreseen or {}
        listed = {"items": [MARKET], **HEAD}
        status = {**chain.chain_status(), "time_ms": 1_000}
        return serve(
            **{
                **chain.answers(),
                "chain_getStatus": status,
                "market_list": listed,
                "order_list": {"items": [], **HEAD},
                "position_list": {"items": [], **HEAD},
                **answers,
            }
        )

    return make
