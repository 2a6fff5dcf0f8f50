"""What nobody could pay is owed, repaid from income, and shared by whoever wants to leave."""

import pytest

from chain.kit import Refusal, wallet
from chain.modules.ledger.balances import post
from derivatives.accounts.custody import release_from_custody
from derivatives.insurance.shortfall import (
    debt_of,
    left_of_share,
    look_at_floor,
    owe,
    repay,
    share_of,
    take_share,
)
from derivatives.insurance.state import SHORTFALLS, WITHDRAWN
from tests import given
from tests.given_insurance import DEFAULT, MAIN, Insured
from tests.given_market import account_of


def _short(insurance_quantums: int = 0) -> Insured:
    """Two accounts of 600 and 400, of which 250 are lost to the world outside."""
    market = Insured(insurance_quantums)
    market.deposit("alice", 600)
    market.deposit("bob", 400)
    _leave(market, DEFAULT, 250)
    owe(market.block_context(), MAIN, 250)
    look_at_floor(market.state, MAIN)
    return market


def _leave(market: Insured, holder: str, amount_quantums: int) -> None:
    post(
        market.state,
        debit=holder,
        credit=wallet(given.address("carol")),
        asset="USD",
        amount_quantums=amount_quantums,
    )
    release_from_custody(market.state, MAIN, "USD", amount_quantums)


def _withdraw(market: Insured, name: str, amount_quantums: int) -> None:
    context = market.context(name)
    context.start_mark = market.state.mark()
    _leave(market, account_of(name), amount_quantums)
    take_share(context, account_of(name), MAIN, amount_quantums)


def test_everybody_may_take_the_same_part_whoever_comes_first() -> None:
    # INS-056: 750 of 1,000 are there: three quarters of 600 and of 400.
    market = _short()

    before = share_of(market.state, account_of("bob"), MAIN)
    _withdraw(market, "alice", 450)
    after = share_of(market.state, account_of("bob"), MAIN)
    _withdraw(market, "bob", 300)

    assert (300, 300) == (before, after)
    assert 750 == market.state.get(SHORTFALLS, MAIN).withdrawn_quantums  # type: ignore[union-attr]


def test_what_is_left_of_a_share_is_what_it_has_not_taken() -> None:
    # INS-056
    market = _short()
    _withdraw(market, "alice", 200)

    left = [left_of_share(market.state, account_of(name), MAIN) for name in ("alice", "bob")]

    assert [250, 300] == left


def test_nobody_takes_more_than_its_share_in_all() -> None:
    # INS-056
    market = _short()
    _withdraw(market, "alice", 200)

    with pytest.raises(Refusal) as refused:
        _withdraw(market, "alice", 251)

    assert "insurance.share_exceeded" == refused.value.reason.slug
    assert (450, 451) == (
        refused.value.facts["limit_quantums"],
        refused.value.facts["withdrawn_quantums"],
    )


def test_income_repays_before_all_else_and_whole() -> None:
    # INS-052
    market = _short()
    market.give_away("alice", 100)

    repay(market.block_context(), MAIN)

    assert 150 == debt_of(market.state, MAIN)
    assert 0 == market.cash("insurance/main")


def test_what_insurance_held_repays_within_its_limit_alone() -> None:
    # INS-053: a quarter of 400 in an hour.
    market = _short(400)

    repay(market.block_context(), MAIN)

    assert 150 == debt_of(market.state, MAIN)
    assert 300 == market.cash("insurance/main")


def test_repaid_debt_ends_the_shortfall_and_its_shares() -> None:
    # INS-054
    market = _short()
    _withdraw(market, "alice", 10)
    market.give_away("alice", 300)

    repay(market.block_context(), MAIN)

    assert market.state.get(SHORTFALLS, MAIN) is None
    assert [] == list(market.state.scan(WITHDRAWN, (MAIN,)))
    assert 50 == market.cash("insurance/main")


def test_nobody_takes_anything_where_nobody_has_cash() -> None:
    # INS-056
    market = Insured()
    market.deposit("alice", 600)
    _leave(market, account_of("alice"), 600)
    owe(market.block_context(), MAIN, 250)

    assert 0 == share_of(market.state, account_of("alice"), MAIN)
