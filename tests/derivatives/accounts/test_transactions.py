"""ACCT-010 to ACCT-034: opening, depositing, delegating, and what each refuses."""

from typing import Any

import pytest

from chain.kit import Refusal, replace
from derivatives.accounts.custody import custody_of
from derivatives.accounts.events import (
    AccountOpened,
    CollateralDeposited,
    DelegateAdded,
    DelegateRemoved,
)
from derivatives.accounts.state import COLLATERAL, DELEGATES
from derivatives.accounts.transactions import (
    DELEGATES_MAX_COUNT,
    AddDelegate,
    Deposit,
    Open,
    RemoveDelegate,
)
from tests import given
from tests.given_market import UNIT_E8, USD, Market, account_of

ALICE, ALICE_1 = account_of("alice"), account_of("alice", 1)
BOB = given.address("bob")


def slug_of(market: Market, name: str, payload: Any) -> str:
    with pytest.raises(Refusal) as refused:
        market.send(name, payload)
    return refused.value.reason.slug


def test_deposit_moves_from_the_wallet_and_is_in_custody() -> None:
    market = Market()

    told = market.send("alice", Deposit(ALICE, "BTC", 3 * UNIT_E8))

    assert CollateralDeposited(ALICE, "BTC", 3 * UNIT_E8) == told[-1]
    assert 3 * UNIT_E8 == custody_of(market.state, "main", "BTC")
    market.settled()


def test_opened_account_takes_deposits() -> None:
    market = Market()

    told = market.send("alice", Open(ALICE_1, "main", 1, "standard"))
    market.deposit("alice", 5 * USD, number=1)

    assert [AccountOpened(ALICE_1, given.address("alice"), "main", 1, "standard")] == told
    assert 5 * USD == market.cash(ALICE_1)


@pytest.mark.parametrize(
    ("name", "payload", "slug"),
    [
        ("alice", Open(given.address("alice").hex(), "main", 0, "standard"), "account_unknown"),
        ("alice", Open("default/main", "main", 0, "standard"), "account_unknown"),
        ("alice", Open(ALICE_1, "main", 2, "standard"), "mode_unknown"),
        ("alice", Open(ALICE_1, "main", 0, "portfolio"), "schedule_not_enterable"),
        ("bob", Open(ALICE_1, "main", 0, "standard"), "not_owner"),
        ("alice", Open(ALICE, "main", 0, "standard"), "account_known"),
        ("alice", Open(ALICE_1, "elsewhere", 0, "standard"), "compartment_unknown"),
        ("alice", Deposit("fees", "USD", 1), "account_unknown"),
        ("bob", Deposit(ALICE, "USD", 1), "not_owner"),
        ("alice", Deposit(ALICE_1, "USD", 1), "account_unknown"),
        ("alice", Deposit(ALICE, "XAU", 1), "asset_not_collateral"),
        ("alice", AddDelegate("fees", BOB, 2**62), "account_unknown"),
        ("bob", AddDelegate(ALICE, BOB, 2**62), "not_owner"),
        ("alice", AddDelegate(ALICE, given.address("alice"), 2**62), "delegate_is_owner"),
        ("alice", AddDelegate(ALICE, BOB, 1), "delegate_expiry_past"),
        ("bob", RemoveDelegate(ALICE, BOB), "not_owner"),
        ("alice", RemoveDelegate(ALICE, BOB), "delegate_unknown"),
    ],
)
def test_what_is_refused(name: str, payload: Any, slug: str) -> None:
    market = Market()
    market.deposit("alice", 5 * USD)

    assert f"accounts.{slug}" == slug_of(market, name, payload)


@pytest.mark.parametrize("amount", [0, -1])
def test_amount_must_be_positive(amount: int) -> None:
    slug = slug_of(Market(), "alice", Deposit(ALICE, "USD", amount))

    assert "ledger.amount_not_positive" == slug


def test_wallet_must_have_what_is_deposited() -> None:
    slug = slug_of(Market(), "alice", Deposit(ALICE, "USD", 1_000_000 * USD + 1))

    assert "ledger.balance_short" == slug


def test_cap_is_over_the_whole_compartment() -> None:
    market = Market()
    terms = market.state.get(COLLATERAL, ("main", "BTC"))
    assert terms is not None
    market.state.put(COLLATERAL, ("main", "BTC"), replace(terms, cap_quantums=10))
    market.deposit("alice", 7, "BTC")

    slug = slug_of(market, "bob", Deposit(account_of("bob"), "BTC", 4))
    market.deposit("bob", 3, "BTC")

    assert "accounts.collateral_cap_exceeded" == slug
    assert 10 == custody_of(market.state, "main", "BTC")


def test_delegate_comes_stays_longer_and_goes() -> None:
    market = Market()
    market.deposit("alice", 5 * USD)

    came = market.send("alice", AddDelegate(ALICE, BOB, 2**60))
    stayed = market.send("alice", AddDelegate(ALICE, BOB, 2**61))
    went = market.send("alice", RemoveDelegate(ALICE, BOB))

    assert [
        [DelegateAdded(ALICE, BOB, 2**60)],
        [DelegateAdded(ALICE, BOB, 2**61)],
        [DelegateRemoved(ALICE, BOB)],
    ] == [came, stayed, went]
    assert [] == list(market.state.scan(DELEGATES))


def test_delegates_are_few() -> None:
    market = Market()
    market.deposit("alice", 5 * USD)
    for number in range(DELEGATES_MAX_COUNT):
        market.send("alice", AddDelegate(ALICE, bytes([number]) * 32, 2**60))

    assert "accounts.delegates_too_many" == slug_of(market, "alice", AddDelegate(ALICE, BOB, 2**60))
