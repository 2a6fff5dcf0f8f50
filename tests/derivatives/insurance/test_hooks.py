import pytest

from chain.kit import Refusal
from derivatives.instruments.terms import may_open
from derivatives.insurance.events import DefaultGained
from derivatives.insurance.hooks import share_withdrawals
from derivatives.insurance.shortfall import look_at_floor, owe
from derivatives.margin.events import CollateralWithdrawn
from derivatives.orders.transactions import Place
from tests.given_insurance import DEFAULT, MAIN, Insured
from tests.given_market import BTC_PERP, account_of

USD = 10**6
E8 = 10**8


def _defaulted() -> Insured:
    market = Insured()
    for name in ("alice", "bob"):
        market.deposit(name, 10_000 * USD)
    market.trade("alice", "bob", 1_000, 128_000, taker="")
    market.gap(BTC=50_000 * E8)
    return market


def test_what_the_default_account_gains_goes_to_insurance() -> None:
    # INS-011
    market = _defaulted()
    before = market.cash("insurance/main")

    events = market.gap(BTC=50_100 * E8)

    gained = next(event for event in events if isinstance(event, DefaultGained))
    assert before + gained.gained_quantums == market.cash("insurance/main")
    assert 99 * USD < gained.gained_quantums <= 100 * USD
    assert 0 == market.solvency(DEFAULT)


def test_what_the_default_account_loses_is_part_of_the_loss() -> None:
    # INS-012: insurance is asked for it, and here the winner of this block.
    market = _defaulted()
    bob = market.solvency("bob")

    market.gap(BTC=49_900 * E8)

    assert 0 == market.solvency(DEFAULT)
    assert 0 <= market.solvency("bob") - bob < USD


def test_nothing_opens_while_a_shortfall_is_open() -> None:
    # INS-051
    market = Insured()
    market.deposit("alice", 10_000 * USD)
    owe(market.block_context(), MAIN, 3)
    order = Place(account_of("alice"), BTC_PERP, 1, 127_000, 10, 1, False, False, 0, "", 0, 0, 0)

    with pytest.raises(Refusal) as refused:
        market.send("alice", order)

    assert "insurance.shortfall_open" == refused.value.reason.slug
    assert {"compartment": MAIN, "debt_quantums": 3} == refused.value.facts
    assert not may_open(market.state, BTC_PERP)


def test_cash_is_shared_only_while_a_shortfall_is_open() -> None:
    # INS-055
    market = Insured()
    market.deposit("alice", 1_000)
    context = market.context("alice")
    context.emit(CollateralWithdrawn(account_of("alice"), "USD", 2_000))

    share_withdrawals(context, ())
    owe(market.block_context(), MAIN, 1)
    look_at_floor(market.state, MAIN)
    context.start_mark = market.state.mark()

    with pytest.raises(Refusal) as refused:
        share_withdrawals(context, ())

    assert "insurance.share_exceeded" == refused.value.reason.slug
