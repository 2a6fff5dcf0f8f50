import pytest

from chain.kit import Broken
from derivatives.insurance.invariants import (
    nobody_is_left_insolvent,
    what_a_default_account_holds_is_being_closed,
    what_insurance_paid_only_grows,
    what_is_owed_is_carried,
)
from derivatives.insurance.state import (
    DEFAULTS,
    INSURED,
    INSURED_BEFORE,
    SHORTFALLS,
    InsuredBefore,
    Shortfall,
)
from derivatives.insurance.state import (
    Insured as Held,
)
from derivatives.margin.state import INSOLVENT, Insolvent
from tests.given_insurance import MAIN, Insured
from tests.given_market import account_of

USD = 10**6


def test_insolvent_account_that_is_left_is_a_breach() -> None:
    market = Insured()
    market.state.put(INSOLVENT, (MAIN, account_of("alice")), Insolvent(-1))

    with pytest.raises(Broken, match="not taken over"):
        nobody_is_left_insolvent(market.state)


def test_default_account_that_nobody_closes_is_a_breach() -> None:
    market = Insured()
    for name in ("alice", "bob"):
        market.deposit(name, 10_000 * USD)
    market.trade("alice", "bob", 1_000, 128_000, taker="")
    market.gap(BTC=50_000 * 10**8)
    what_a_default_account_holds_is_being_closed(market.state)

    market.state.delete(DEFAULTS, MAIN)

    with pytest.raises(Broken, match="is not closed"):
        what_a_default_account_holds_is_being_closed(market.state)


def test_debt_that_nobody_carries_is_a_breach() -> None:
    market = Insured()
    market.state.put(SHORTFALLS, MAIN, Shortfall(1, 5, 0, 0))

    with pytest.raises(Broken, match="carries 0"):
        what_is_owed_is_carried(market.state)


@pytest.mark.parametrize(("paid", "sliced"), [(6, 3), (7, 2)])
def test_fund_that_paid_less_than_before_is_a_breach(paid: int, sliced: int) -> None:
    market = Insured()
    market.state.put(INSURED_BEFORE, (MAIN, 1), InsuredBefore(10, 7, 3))
    market.state.put(INSURED, MAIN, Held(10, paid, sliced))

    with pytest.raises(Broken, match="paid less"):
        what_insurance_paid_only_grows(market.state)
