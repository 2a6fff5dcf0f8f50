"""ACCT-046: accounts are found by owner, with what backs them."""

from derivatives.accounts.queries import (
    AccountCollateral,
    CollateralAmount,
    CompartmentFund,
    OwnedAccounts,
    account_collateral,
    accounts_of,
    compartment_fund,
)
from derivatives.accounts.transactions import Open
from tests import given
from tests.given_market import USD, Market, account_of

ALICE = account_of("alice")


def test_collateral_comes_with_its_haircut() -> None:
    market = Market()
    market.deposit("alice", 5 * USD)
    market.deposit("alice", 7, "ETH")

    assert AccountCollateral(
        ALICE, (CollateralAmount("ETH", 7, 150_000), CollateralAmount("USD", 5 * USD, 0))
    ) == account_collateral(market.state, ALICE)


def test_owner_finds_all_its_accounts_by_number_and_nobody_elses() -> None:
    market = Market()
    for name in ("alice", "bob", "carol"):
        for number in (10, 9, 0):
            market.send(name, Open(account_of(name, number), "main", 0, "standard"))

    for name in ("alice", "bob", "carol"):
        mine = tuple(account_of(name, number) for number in (0, 9, 10))
        assert OwnedAccounts(mine) == accounts_of(market.state, given.address(name))


def test_fund_says_what_stands_behind_a_compartment() -> None:
    market = Market()
    for name in ("alice", "bob"):
        market.deposit(name, 1_000 * USD)
    market.trade("alice", "bob", 10, 128_000)

    assert CompartmentFund("main", 32_000, 0, 0) == compartment_fund(market.state, "main")
    assert CompartmentFund("elsewhere", 0, 0, 0) == compartment_fund(market.state, "elsewhere")
