"""PERP-001 to PERP-003: funding that does not add up is noticed."""

from typing import Any

import pytest

from chain.kit import AnyTable, Broken
from chain.modules.ledger.state import BALANCES, Balance
from derivatives.ids import funding_house_of
from derivatives.perpetuals.invariants import INVARIANTS
from derivatives.perpetuals.state import FUNDING, FUNDING_TERMS, Funding, FundingTerms
from derivatives.positions.state import POSITIONS, Position
from tests.given_market import BTC_PERP, USD, Market, account_of

ALICE = account_of("alice")


def look_at_all(market: Market) -> None:
    for invariant in INVARIANTS:
        invariant(market.state)


@pytest.mark.parametrize(
    ("table", "key", "record"),
    [
        (POSITIONS, (ALICE, BTC_PERP), Position(10, 640_000_000, 1)),
        (FUNDING, BTC_PERP, Funding(0, 0, 0, 1)),
        (FUNDING, BTC_PERP, Funding(0, 0, 0, -1)),
        (FUNDING, "sGOLD", Funding(0, 0, 0, 0)),
        (BALANCES, (funding_house_of(BTC_PERP), "USD"), Balance(1)),
        (FUNDING_TERMS, "sGOLD", FundingTerms(32_000, 100_000, 500_000)),
        (FUNDING_TERMS, BTC_PERP, FundingTerms(0, 100_000, 500_000)),
    ],
)
def test_one_wrong_record_is_noticed(table: AnyTable, key: Any, record: Any) -> None:
    market = Market()
    for name in ("alice", "bob"):
        market.deposit(name, 1_000 * USD)
    market.trade("alice", "bob", 10, 128_000)
    look_at_all(market)

    market.state.put(table, key, record)

    with pytest.raises(Broken):
        look_at_all(market)
