"""PERP-001 to PERP-005: what is owed, paid and left as dust."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from chain.kit import replace
from derivatives.ids import funding_house_of
from derivatives.perpetuals.events import FundingPaid
from derivatives.perpetuals.funding import index_of, owed_by, owed_quantums, settle
from derivatives.perpetuals.state import FUNDING
from derivatives.positions.state import POSITIONS, Position
from tests.given_market import BTC_PERP, USD, Market, account_of

ALICE, BOB = account_of("alice"), account_of("bob")
THIRD_E18 = 10**18 // 3


def moved(index_e18: int, lots: int = 10) -> Market:
    """Alice is long and bob short, and the index has moved since."""
    market = Market()
    for name in ("alice", "bob"):
        market.deposit(name, 1_000 * USD)
    market.trade("alice", "bob", lots, 128_000, taker="")
    funding = market.state.get(FUNDING, BTC_PERP)
    assert funding is not None
    market.state.put(FUNDING, BTC_PERP, replace(funding, index_e18=index_e18))
    return market


def dust_of(market: Market) -> int:
    funding = market.state.get(FUNDING, BTC_PERP)
    assert funding is not None
    return funding.dust_e18


def test_payer_pays_up_and_receiver_receives_down() -> None:
    market = moved(THIRD_E18)

    owed = [owed_quantums(market.state, account, BTC_PERP) for account in (ALICE, BOB)]

    # Ten lots at a third of a quantum: 3.33.
    assert [4, -3] == owed


def test_settling_pays_once_and_leaves_the_position_at_the_index() -> None:
    market = moved(THIRD_E18)
    context = market.context()

    paid = [settle(context, ALICE, market.terms(), BTC_PERP) for _ in range(2)]

    assert [4, 0] == paid
    assert [FundingPaid(ALICE, BTC_PERP, 4)] == context.events
    assert [ALICE] == list(context.touched)
    assert Position(10, 640 * USD, THIRD_E18) == market.state.get(POSITIONS, (ALICE, BTC_PERP))
    market.settled()


def test_what_was_settled_is_not_paid_again_when_the_index_moves_on() -> None:
    # PERP-001: ten lots from an index of 3 to one of 5
    market = moved(3 * 10**18)
    settle(market.context(), ALICE, market.terms(), BTC_PERP)
    funding = market.state.get(FUNDING, BTC_PERP)
    assert funding is not None
    market.state.put(FUNDING, BTC_PERP, replace(funding, index_e18=5 * 10**18))

    assert 20 == owed_quantums(market.state, ALICE, BTC_PERP)
    assert 20 == settle(market.context(), ALICE, market.terms(), BTC_PERP)
    market.settled()


def test_what_rounding_leaves_is_dust_of_the_funding_house() -> None:
    market = moved(THIRD_E18)
    context = market.context()

    settle(context, ALICE, market.terms(), BTC_PERP)
    settle(context, BOB, market.terms(), BTC_PERP)

    assert (1, 10**18) == (market.cash(funding_house_of(BTC_PERP)), dust_of(market))
    market.settled()


def test_flat_account_owes_nothing() -> None:
    market = moved(THIRD_E18)

    carol = account_of("carol")

    assert 0 == owed_quantums(market.state, carol, BTC_PERP)
    assert 0 == settle(market.context(), carol, market.terms(), BTC_PERP)


def test_what_pays_no_funding_has_index_zero() -> None:
    assert 0 == index_of(Market().state, "sGOLD")


@pytest.mark.parametrize(("size", "owed"), [(1, 1), (-1, 0), (3, 1), (-3, 0), (4, 2), (-4, -1)])
def test_owed_rounds_against_the_account(size: int, owed: int) -> None:
    assert owed == owed_by(Position(size, 0, 0), THIRD_E18)


@given(
    some.integers(-(10**26), 10**26),
    some.integers(1, 10**6),
    some.sampled_from([(ALICE, BOB), (BOB, ALICE), (ALICE, ALICE), (BOB,)]),
)
def test_books_are_exact_in_whatever_order_accounts_settle(
    index_e18: int, lots: int, order: tuple[str, ...]
) -> None:
    market = moved(index_e18, lots)

    for account in order:
        settle(market.context(), account, market.terms(), BTC_PERP)
        market.settled()

    assert 0 <= dust_of(market) < 2 * 10**18
