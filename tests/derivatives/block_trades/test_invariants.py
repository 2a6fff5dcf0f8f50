"""BLTR-050: offers of nobody, and floors that take nothing back, are noticed."""

from typing import Any

import pytest

from chain.kit import AnyTable, Broken
from derivatives.block_trades.invariants import INVARIANTS
from derivatives.block_trades.state import OFFER_FLOORS, USED_OFFERS, OfferFloor, UsedOffer
from tests.given_market import USD, Market, account_of


def look_at_all(market: Market) -> None:
    for invariant in INVARIANTS:
        invariant(market.state)


ALICE, NOBODY = account_of("alice"), account_of("nobody")


@pytest.mark.parametrize(
    ("table", "key", "record"),
    [
        (USED_OFFERS, (9, NOBODY, 1), UsedOffer(1)),
        (OFFER_FLOORS, NOBODY, OfferFloor(1)),
        (OFFER_FLOORS, ALICE, OfferFloor(0)),
    ],
)
def test_one_wrong_record_is_noticed(table: AnyTable, key: Any, record: Any) -> None:
    market = Market()
    market.deposit("alice", USD)
    market.state.put(USED_OFFERS, (9, ALICE, 1), UsedOffer(1))
    look_at_all(market)

    market.state.put(table, key, record)

    with pytest.raises(Broken):
        look_at_all(market)
