"""ACCT-045: what backs an account."""

from derivatives.accounts.collateral import cash_of, collateral_of, compartment_terms
from tests.given_market import USD, Market, account_of

ALICE = account_of("alice")


def test_collateral_is_listed_by_asset_without_what_is_not_there() -> None:
    market = Market()
    market.deposit("alice", 5 * USD)
    market.deposit("alice", 7, "BTC")

    assert (("BTC", 7), ("USD", 5 * USD)) == collateral_of(market.state, ALICE)
    assert 5 * USD == cash_of(market.state, ALICE)


def test_account_that_was_never_opened_has_nothing() -> None:
    state = Market().state

    assert ((), 0) == (collateral_of(state, ALICE), cash_of(state, ALICE))


def test_compartment_settles_in_dollars() -> None:
    assert "USD" == compartment_terms(Market().state, "main").settlement_asset
