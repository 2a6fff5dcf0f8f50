"""What cannot be true of accounts is noticed."""

from typing import Any

import pytest

from chain.kit import AnyTable, Broken
from chain.modules.ledger.state import BALANCES, Balance
from derivatives.accounts.invariants import INVARIANTS
from derivatives.accounts.state import (
    ACCOUNTS,
    COLLATERAL,
    CUSTODY,
    DEBTORS,
    Account,
    CollateralTerms,
    Custody,
    Debtor,
)
from tests import given
from tests.given_market import USD, Market, account_of

ALICE = account_of("alice")


def look_at_all(market: Market) -> None:
    for invariant in INVARIANTS:
        invariant(market.state)


@pytest.mark.parametrize(
    ("table", "key", "record"),
    [
        (CUSTODY, ("main", "USD"), Custody(7)),
        (CUSTODY, ("main", "ETH"), Custody(1)),
        (BALANCES, (ALICE, "USD"), Balance(6)),
        (BALANCES, (account_of("bob"), "USD"), Balance(6)),
        (BALANCES, (ALICE, "BTC"), Balance(-1)),
        (BALANCES, (ALICE, "USD"), Balance(-1)),
        (DEBTORS, ("main", ALICE), Debtor(1)),
        (ACCOUNTS, ALICE, Account(given.address("bob"), 0, "main", 0, "standard", 1, 0, 0)),
        (ACCOUNTS, ALICE, Account(given.address("alice"), 1, "main", 0, "standard", 1, 0, 0)),
        (COLLATERAL, ("main", "USD"), CollateralTerms("BTC", 0, 10**15)),
        (COLLATERAL, ("main", "USD"), CollateralTerms("", 1, 10**15)),
    ],
)
def test_one_wrong_record_is_noticed(table: AnyTable, key: Any, record: Any) -> None:
    market = Market()
    market.deposit("alice", 5 * USD)
    look_at_all(market)

    market.state.put(table, key, record)

    with pytest.raises(Broken):
        look_at_all(market)
