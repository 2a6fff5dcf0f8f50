"""ACCT-050 to ACCT-055: who owes cash, since when, and what it costs."""

from derivatives.accounts.debt import debt_of_compartment, interest_quantums
from derivatives.accounts.events import DebtInterestCharged
from derivatives.accounts.state import DEBTORS, Debtor
from derivatives.ids import insurance_of
from tests.given_market import HOUR_MS, USD, Market, account_of

ALICE, BOB = account_of("alice"), account_of("bob")


def indebted() -> Market:
    """Alice has lost 1,000 USD more than the 200 she had; bob has won 1,200."""
    market = Market()
    for name in ("alice", "bob"):
        market.deposit(name, 200 * USD)
    market.trade("alice", "bob", 1_200, 128_000, taker="")
    market.trade("bob", "alice", 1_200, 126_000, taker="")
    return market


def interest_told(events: list[object]) -> list[object]:
    return [event for event in events if isinstance(event, DebtInterestCharged)]


def test_debtor_is_known_since_when_it_owes() -> None:
    market = indebted()
    since_ms = market.time_ms
    market.block(1_000)

    assert -1_000 * USD == market.cash("alice")
    assert [(("main", ALICE), Debtor(since_ms))] == list(market.state.scan(DEBTORS))
    assert 1_000 * USD == debt_of_compartment(market.state, "main")
    market.settled()


def test_debt_ends_with_the_deposit_that_pays_it() -> None:
    market = indebted()
    market.deposit("alice", 999 * USD)
    still = market.state.get(DEBTORS, ("main", ALICE))

    market.deposit("alice", 1 * USD)

    assert Debtor(market.time_ms) == still
    assert [] == list(market.state.scan(DEBTORS))


def test_interest_is_charged_on_the_hour_and_goes_to_insurance() -> None:
    market = indebted()
    before = interest_told(market.block(HOUR_MS - 1))

    told = interest_told(market.block(1))

    # 1,000 USD at 10 % a year for one of 8,760 hours: 11,415.5 quantums, up.
    assert ([], [DebtInterestCharged(ALICE, 1_000 * USD, 11_416)]) == (before, told)
    assert 11_416 == market.cash(insurance_of("main"))
    assert -1_000 * USD - 11_416 == market.cash("alice")
    market.settled()


def test_hours_without_a_block_are_charged_together() -> None:
    market = indebted()

    told = interest_told(market.block(3 * HOUR_MS + 5))

    assert [DebtInterestCharged(ALICE, 1_000 * USD, 34_247)] == told


def test_interest_rounds_up() -> None:
    assert (1, 10_000, 10_001) == (
        interest_quantums(1, 100_000, 1),
        interest_quantums(876_000_000, 100_000, 1),
        interest_quantums(876_000_001, 100_000, 1),
    )
