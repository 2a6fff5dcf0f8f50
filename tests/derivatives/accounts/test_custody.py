"""ACCT-040 to ACCT-044: custody changes only where an asset enters or leaves."""

import pytest

from chain.kit import Refusal, wallet
from derivatives.accounts.custody import (
    compartment_of,
    custody_of,
    release_from_custody,
    take_into_custody,
)
from derivatives.accounts.state import CUSTODY
from tests import given
from tests.given_market import BTC_PERP, USD, Market, account_of


def test_custody_counts_what_comes_and_goes() -> None:
    state = Market().state

    take_into_custody(state, "main", "ETH", 10)
    release_from_custody(state, "main", "ETH", 4)

    assert 6 == custody_of(state, "main", "ETH")


def test_nothing_is_stored_at_zero() -> None:
    state = Market().state
    take_into_custody(state, "main", "ETH", 10)

    release_from_custody(state, "main", "ETH", 10)

    assert [] == list(state.scan(CUSTODY))


def test_more_than_there_is_does_not_leave() -> None:
    state = Market().state
    take_into_custody(state, "main", "ETH", 10)

    with pytest.raises(Refusal) as refused:
        release_from_custody(state, "main", "ETH", 11)

    assert "accounts.custody_short" == refused.value.reason.slug
    assert {"asset": "ETH", "custody_quantums": 10, "short_by_quantums": 1} == refused.value.facts


def test_every_holder_of_a_compartment_is_known_as_one() -> None:
    market = Market()
    market.deposit("alice", USD)
    holders = [account_of("alice"), f"house/{BTC_PERP}", f"house-funding/{BTC_PERP}"]
    holders += ["insurance/main", "default-fund/main", "default/main", "fees/main"]

    assert ["main"] * 7 == [compartment_of(market.state, holder) for holder in holders]


def test_other_holders_are_in_no_compartment() -> None:
    market = Market()
    outside = ["fees", "house/DOGE-PERP", "insurance/elsewhere", account_of("bob")]
    outside.append(wallet(given.address("alice")))

    assert [None] * 5 == [compartment_of(market.state, holder) for holder in outside]


def test_trading_does_not_change_custody() -> None:
    market = Market()
    for name in ("alice", "bob"):
        market.deposit(name, 1_000 * USD)
    market.trade("alice", "bob", 10, 128_000)

    market.trade("bob", "alice", 10, 129_000)

    assert 2_000 * USD == custody_of(market.state, "main", "USD")
    market.settled()
