"""POSN-001 to POSN-006: books that do not balance are noticed."""

from typing import Any

import pytest

from chain.kit import AnyTable, Broken
from chain.modules.ledger.state import BALANCES, Balance
from derivatives.ids import house_of
from derivatives.positions.invariants import INVARIANTS
from derivatives.positions.state import (
    HOLDINGS,
    OPEN_INTEREST,
    POSITION_HOLDERS,
    POSITIONS,
    PREMIUMS,
    Holdings,
    OpenInterest,
    Position,
    PositionHolders,
    Premium,
)
from tests.given_market import BTC_PERP, USD, Market, account_of

ALICE, BOB = account_of("alice"), account_of("bob")


def look_at_all(market: Market) -> None:
    for invariant in INVARIANTS:
        invariant(market.state)


@pytest.mark.parametrize(
    ("table", "key", "record"),
    [
        (POSITIONS, (ALICE, BTC_PERP), Position(11, 640_000_000, 0)),
        (POSITIONS, (ALICE, BTC_PERP), Position(10, 640_000_001, 0)),
        (POSITIONS, (ALICE, "DOGE-PERP"), Position(0, 0, 0)),
        (HOLDINGS, ALICE, Holdings(())),
        (HOLDINGS, BOB, Holdings((BTC_PERP, "ETH-PERP"))),
        (OPEN_INTEREST, BTC_PERP, OpenInterest(9)),
        (OPEN_INTEREST, "ETH-PERP", OpenInterest(1)),
        (POSITION_HOLDERS, "main", PositionHolders(3)),
        (PREMIUMS, (ALICE, BTC_PERP), Premium(1)),
        (BALANCES, (house_of(BTC_PERP), "USD"), Balance(1)),
    ],
)
def test_one_wrong_record_breaks_an_equation(table: AnyTable, key: Any, record: Any) -> None:
    market = Market()
    for name in ("alice", "bob"):
        market.deposit(name, 1_000 * USD)
    market.trade("alice", "bob", 10, 128_000)
    look_at_all(market)

    market.state.put(table, key, record)

    with pytest.raises(Broken):
        look_at_all(market)
