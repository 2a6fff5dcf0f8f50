"""ACCT-010 to ACCT-016: how accounts come into being."""

import pytest

from chain.kit import Refusal
from derivatives.accounts.events import AccountOpened
from derivatives.accounts.opening import open_account, open_by_deposit
from derivatives.accounts.state import ACCOUNTS, Account
from tests import given
from tests.given_market import Market, account_of

ALICE = account_of("alice")


def test_first_deposit_opens_number_zero() -> None:
    market = Market()
    context = market.context("alice")

    opened = open_by_deposit(context, ALICE)

    expected = Account(given.address("alice"), 0, "main", 0, "standard", market.height, 0, 0)
    assert expected == opened == market.state.get(ACCOUNTS, ALICE)
    assert [AccountOpened(ALICE, given.address("alice"), "main", 0, "standard")] == context.events


def test_second_deposit_opens_nothing() -> None:
    market = Market()
    opened = open_by_deposit(market.context("alice"), ALICE)
    context = market.context("alice")

    again = open_by_deposit(context, ALICE)

    assert (opened, []) == (again, context.events)


def test_other_numbers_are_opened_by_asking_only() -> None:
    with pytest.raises(Refusal) as refused:
        open_by_deposit(Market().context("alice"), account_of("alice", 1))

    assert "accounts.account_unknown" == refused.value.reason.slug


def test_compartment_must_be_there() -> None:
    with pytest.raises(Refusal) as refused:
        open_account(Market().context("alice"), ALICE, "elsewhere", 0)

    assert "accounts.compartment_unknown" == refused.value.reason.slug
