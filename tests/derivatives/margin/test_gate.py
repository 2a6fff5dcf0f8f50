"""MARG-050 to MARG-059: what may stand after a change, and what may not."""

import pytest

from chain.kit import Refusal, replace
from chain.kit.fields import Field, fields_of
from derivatives.accounts.debt import follow
from derivatives.accounts.state import COMPARTMENTS
from derivatives.margin.account import terms_of
from derivatives.margin.gate import (
    change_refusal,
    check_fill,
    fill_refusal,
    held_by,
    helps,
    is_idle,
    meets_initial,
    only_reduce_only_rests,
    positive_cash_of,
    reduces,
)
from derivatives.margin.risk import Health
from derivatives.orders.state import RESTING, SIDE_BUY, SIDE_SELL, Resting
from tests.given_margin import Margined
from tests.given_market import BTC_PERP, UNIT_E8, USD, account_of

ALICE = account_of("alice")
NEEDED = 3_651_202_500
"""Initial margin of one bitcoin at 64,000 USD, by hand in test_risk."""


def _market(alice: int, bob: int = 100_000 * USD) -> Margined:
    market = Margined()
    market.deposit("alice", alice)
    market.deposit("bob", bob)
    return market


def _refusal(market: Margined, mark: int) -> str:
    from chain.state.former import Former

    before = Former(market.state, mark)
    found = change_refusal(lambda: before, market.state, ALICE)
    return "" if found is None else found.reason.slug


@pytest.mark.parametrize(
    ("cash", "slug"), [(NEEDED, ""), (NEEDED - 1, "margin.initial_margin_short")]
)
def test_position_needs_initial_margin_and_not_a_quantum_less(cash: int, slug: str) -> None:
    market = _market(cash)
    mark = market.state.mark()
    market.trade("alice", "bob", 1_000, 128_000, taker="")

    assert slug == _refusal(market, mark)


def test_shortfall_is_told_in_numbers() -> None:
    market = _market(NEEDED - 7)
    before = market.health("alice")
    market.trade("alice", "bob", 1_000, 128_000, taker="")

    with pytest.raises(Refusal) as refused:
        check_fill(market.state, ALICE, lambda: before)

    facts = refused.value.facts
    assert (NEEDED, NEEDED - 7, 7) == (
        facts["required_quantums"],
        facts["available_quantums"],
        facts["short_by_quantums"],
    )


def test_trade_that_makes_insolvent_is_refused_first() -> None:
    market = _market(1_000 * USD)
    before = market.health("alice")
    market.trade("alice", "bob", 1_000, 134_000, taker="")

    found = fill_refusal(market.state, ALICE, lambda: before)

    assert found is not None
    assert "margin.insolvent" == found.reason.slug


def _short_of_margin(price_usd: int = 61_500) -> Margined:
    """Return a market in which alice, long one bitcoin from 64,000, is below initial margin."""
    market = _market(4_000 * USD)
    market.trade("alice", "bob", 1_000, 128_000, taker="")
    market.touch("alice", "bob")
    market.price("BTC", price_usd * UNIT_E8)
    market.block()
    return market


def test_below_initial_margin_a_position_may_shrink() -> None:
    market = _short_of_margin()
    mark, before = market.state.mark(), market.health("alice")
    market.trade("bob", "alice", 100, 123_000, taker="")

    assert None is fill_refusal(market.state, ALICE, lambda: before)
    assert "" == _refusal(market, mark)


def test_below_initial_margin_a_position_may_not_shrink_at_a_price_that_thins_the_ratio() -> None:
    market = _short_of_margin()
    mark, before = market.state.mark(), market.health("alice")
    market.trade("bob", "alice", 100, 119_000, taker="")

    assert None is not fill_refusal(market.state, ALICE, lambda: before)
    assert "margin.initial_margin_short" == _refusal(market, mark)


def test_below_initial_margin_a_position_may_not_grow() -> None:
    market = _short_of_margin()
    mark, before = market.state.mark(), market.health("alice")
    market.trade("alice", "bob", 1, 123_000, taker="")

    assert None is not fill_refusal(market.state, ALICE, lambda: before)
    assert "margin.initial_margin_short" == _refusal(market, mark)


def test_reducing_asks_that_nothing_that_opens_is_left_resting() -> None:
    market = _short_of_margin()
    market.rest("alice", SIDE_BUY, 1, 100)
    mark, before = market.state.mark(), market.health("alice")
    market.trade("bob", "alice", 100, 123_000, taker="")

    assert not only_reduce_only_rests(market.state, ALICE)
    assert None is not fill_refusal(market.state, ALICE, lambda: before)
    assert "margin.initial_margin_short" == _refusal(market, mark)


def test_reduce_only_orders_may_stay() -> None:
    market = _short_of_margin()
    market.rest("alice", SIDE_SELL, 100, 140_000, reduce_only=True)
    mark = market.state.mark()
    market.trade("bob", "alice", 100, 123_000, taker="")

    assert only_reduce_only_rests(market.state, ALICE)
    assert "" == _refusal(market, mark)


def test_below_initial_margin_a_deposit_helps() -> None:
    market = _short_of_margin()

    market.deposit("alice", 1)

    assert 4_000 * USD + 1 == market.cash("alice")


def test_below_initial_margin_no_order_may_be_added() -> None:
    market = _short_of_margin()
    mark = market.state.mark()
    market.rest("alice", SIDE_SELL, 100, 140_000, reduce_only=True)
    added = _refusal(market, mark)
    held = held_by(market.state, ALICE)
    market.state.rollback(mark)

    assert "margin.initial_margin_short" == added
    assert {"BTC-PERP"} == held.orders.keys() == held.sizes.keys()


@pytest.mark.parametrize("field", fields_of(Resting), ids=lambda field: field.name)
def test_below_initial_margin_no_sum_of_resting_orders_may_grow_and_any_may_fall(
    field: Field,
) -> None:
    market = _short_of_margin()
    key = (ALICE, BTC_PERP)
    rested = Resting(*[100] * 8)
    market.state.put(RESTING, key, rested)
    mark = market.state.mark()
    found = []
    for changed in (100, 99, 101):
        market.state.put(RESTING, key, replace(rested, **{field.name: changed}))
        found.append(_refusal(market, mark))

    assert ["", "", "margin.initial_margin_short"] == found


def test_debt_is_allowed_up_to_a_tenth_of_the_collateral_after_haircut() -> None:
    market = _market(10_000 * USD)
    market.deposit("alice", UNIT_E8, "BTC")
    limit = (64_000 * USD - 6_400 * USD) // 10
    terms = market.state.get(COMPARTMENTS, "main")
    assert terms is not None
    found = []
    for price_ticks in (_price_losing(10_000 * USD + limit), _price_losing(10_001 * USD + limit)):
        mark = market.state.mark()
        market.trade("alice", "bob", 1_000, price_ticks, taker="")
        market.trade("bob", "alice", 1_000, 128_000, taker="")
        for name in ("alice", "bob"):
            follow(market.state, account_of(name), "main", "USD", market.time_ms)
        found.append(_refusal(market, mark))
        market.state.rollback(mark)

    assert ["", "margin.debt_too_deep"] == found


def _price_losing(amount_quantums: int) -> int:
    """Return the ticks at which buying one bitcoin and selling it at 128,000 loses this."""
    return 128_000 + amount_quantums // (1_000 * 500)


def test_debt_of_all_accounts_is_bounded_by_their_cash() -> None:
    market = _market(10_000 * USD)
    market.deposit("alice", UNIT_E8, "BTC")
    terms = market.state.get(COMPARTMENTS, "main")
    assert terms is not None
    market.state.put(COMPARTMENTS, "main", replace(terms, debt_total_limit_ppm=10_000))
    mark = market.state.mark()
    market.trade("alice", "bob", 1_000, _price_losing(12_000 * USD), taker="")
    market.trade("bob", "alice", 1_000, 128_000, taker="")
    for name in ("alice", "bob"):
        follow(market.state, account_of(name), "main", "USD", market.time_ms)

    assert 112_000 * USD == positive_cash_of(market.state, "main", 2_000 * USD)
    assert "margin.debt_of_compartment_full" == _refusal(market, mark)


def test_account_without_anything_at_stake_is_idle() -> None:
    market = _market(5 * USD)

    assert is_idle(market.state, ALICE)
    market.rest("alice", SIDE_BUY, 1, 100)
    assert not is_idle(market.state, ALICE)


def _health(equity: int, risk: int = 0, solvency: int = 0, maintenance: int = 0) -> Health:
    return Health(0, equity, equity, solvency, equity, 0, risk, risk, 0, risk, maintenance, 0)


def test_reducing_never_lets_the_ratio_fall_and_leaves_equity() -> None:
    before = _health(30, risk=100)

    assert reduces(before, _health(15, risk=50))
    assert not reduces(before, _health(14, risk=50))
    assert not reduces(before, _health(30, risk=100))
    assert not reduces(_health(-30, risk=100), _health(0, risk=50))
    assert not reduces(_health(0, risk=100), _health(1, risk=50))
    assert reduces(_health(1, risk=100), _health(0, risk=0))


def test_helping_lets_neither_solvency_nor_spare_equity_fall() -> None:
    before = _health(30, solvency=30, maintenance=20)

    assert helps(before, before)
    assert not helps(before, _health(30, solvency=29, maintenance=20))
    assert not helps(before, _health(29, solvency=30, maintenance=20))


def test_initial_margin_is_met_to_the_quantum() -> None:
    market = _market(5 * USD)
    terms = terms_of(market.state, ALICE)

    assert meets_initial(_health(5, risk=5), terms)
    assert not meets_initial(_health(4, risk=5), terms)
