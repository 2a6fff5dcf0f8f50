"""ACCT-020 to ACCT-024: owners may do everything, delegates trade until they expire."""

import pytest

from chain.kit import Refusal
from derivatives.accounts.authority import (
    account_of,
    may_trade,
    require_may_trade,
    require_open,
    require_owner,
)
from derivatives.accounts.transactions import AddDelegate
from tests import given
from tests.given_market import USD, Market
from tests.given_market import account_of as named

ALICE = named("alice")


def delegated(until_ms: int = 2_000) -> Market:
    market = Market()
    market.deposit("alice", 5 * USD)
    market.send("alice", AddDelegate(ALICE, given.address("bob"), market.time_ms + until_ms))
    return market


def test_owner_and_delegate_may_trade_and_nobody_else() -> None:
    market = delegated()

    may = [
        may_trade(market.state, ALICE, given.address(name), market.time_ms)
        for name in ("alice", "bob", "carol")
    ]

    assert [True, True, False] == may
    assert require_may_trade(market.context("bob"), ALICE) == account_of(market.state, ALICE)


def test_delegate_may_trade_up_to_its_last_millisecond() -> None:
    market = delegated(until_ms=2_000)
    bob = given.address("bob")

    may = [may_trade(market.state, ALICE, bob, market.time_ms + after) for after in (2_000, 2_001)]

    assert [True, False] == may


def test_expired_delegate_is_refused() -> None:
    market = delegated(until_ms=2_000)
    market.block(2_001)

    with pytest.raises(Refusal) as refused:
        require_may_trade(market.context("bob"), ALICE)

    assert "accounts.not_delegate" == refused.value.reason.slug


def test_delegate_is_not_the_owner() -> None:
    with pytest.raises(Refusal) as refused:
        require_owner(delegated().context("bob"), ALICE)

    assert "accounts.not_owner" == refused.value.reason.slug


def test_account_that_was_never_opened_is_nobodys() -> None:
    market = Market()

    with pytest.raises(Refusal) as refused:
        require_open(market.state, ALICE)

    assert "accounts.account_unknown" == refused.value.reason.slug
    assert not may_trade(market.state, ALICE, given.address("alice"), 0)
