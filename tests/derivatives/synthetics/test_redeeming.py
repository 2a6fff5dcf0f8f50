"""SYN-040 to SYN-047: who redeems is paid at the index, and who pays is not worse off."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chain.kit import Refusal, replace
from chain.modules.ledger.balances import post
from derivatives.insurance.state import SHORTFALLS, Shortfall
from derivatives.margin.account import health_of
from derivatives.oracle.ladder import FeedState
from derivatives.oracle.state import PRICES
from derivatives.synthetics.events import CollateralPaid, SyntheticRedeemed
from derivatives.synthetics.redeeming import Payment, amount_of, payment_of
from tests import given_market
from tests.given_market import UNIT_E8, USD, account_of
from tests.given_synthetics import GOLD, OUNCE_LOTS, gold


def _holding(**amounts: int) -> given_market.Market:
    """Return a market in which alice's account has these amounts, cash below zero included."""
    market = given_market.Market()
    market.deposit("alice", 1)
    for asset, amount in {"USD": 0, **amounts}.items():
        less = amount - (1 if asset == "USD" else 0)
        post(
            market.state,
            debit="house/BTC-PERP",
            credit=account_of("alice"),
            asset=asset,
            amount_quantums=less,
        )
    return market


def _paid(market: given_market.Market, value_quantums: int) -> Payment:
    return payment_of(market.state, account_of("alice"), "main", value_quantums)


def test_cash_that_suffices_is_all_that_is_paid() -> None:
    assert Payment(100, (), 0) == _paid(_holding(USD=100, BTC=1_000), 100)


def test_collateral_of_the_least_haircut_comes_next() -> None:
    # 0.01 bitcoin at 64,000 is 640 USD, and an ether is 3,200.
    market = _holding(USD=100 * USD, BTC=1_000_000, ETH=UNIT_E8)

    found = _paid(market, 900 * USD)

    bitcoin = CollateralPaid("BTC", 1_000_000, 640 * USD)
    ether = CollateralPaid("ETH", 5_000_000, 160 * USD)
    assert Payment(100 * USD, (bitcoin, ether), 0) == found


def test_what_is_worth_less_than_a_quantum_of_the_asset_is_dust() -> None:
    # A satoshi is 640 micro-dollars.
    found = _paid(_holding(BTC=1_000), 1_300)

    assert Payment(0, (CollateralPaid("BTC", 2, 1_280),), 20) == found


def test_with_nothing_left_cash_goes_below_zero() -> None:
    found = _paid(_holding(USD=10, BTC=1), 1_000)

    assert Payment(360, (CollateralPaid("BTC", 1, 640),), 0) == found
    assert Payment(50, (), 0) == _paid(_holding(USD=-5), 50)


def test_collateral_without_a_price_is_waited_for_only_when_it_is_needed() -> None:
    market = _holding(USD=100, BTC=1_000_000)
    price = market.state.get(PRICES, "BTC")
    assert price is not None
    market.state.put(PRICES, "BTC", replace(price, state=FeedState.STALE))

    assert Payment(100, (), 0) == _paid(market, 100)
    with pytest.raises(Refusal) as refused:
        _paid(market, 101)
    assert "margin.feed_not_normal" == refused.value.reason.slug


def test_during_a_shortfall_cash_stays() -> None:
    market = _holding(USD=100, BTC=1_000_000)
    market.state.put(SHORTFALLS, "main", Shortfall(1, 1, 0, 0))

    assert Payment(0, (CollateralPaid("BTC", 1, 640),), 10) == _paid(market, 650)
    with pytest.raises(Refusal) as refused:
        _paid(market, 641 * USD)
    assert "insurance.shortfall_open" == refused.value.reason.slug


def test_the_most_that_a_value_buys_is_bought() -> None:
    state = given_market.Market().state

    assert 2 == amount_of(state, "BTC", 1_919, 64_000 * UNIT_E8, "USD")
    assert 3 == amount_of(state, "BTC", 1_920, 64_000 * UNIT_E8, "USD")


def test_who_pays_owes_less_and_is_worth_as_much() -> None:
    minting = gold()
    minting.minted("alice")
    minting.give("alice", "carol")
    before = minting.health("alice")
    minting.redeem("carol", 2_500)

    [told] = [one for one in minting.wait() if isinstance(one, SyntheticRedeemed)]

    after = minting.health("alice")
    assert before.solvency_quantums == after.solvency_quantums
    assert before.equity_quantums == after.equity_quantums
    assert before.maintenance_quantums > after.maintenance_quantums
    assert (2_500, 1_000 * USD, 1_000 * USD) == (
        told.size_lots,
        told.index_value_quantums,
        told.cash_quantums,
    )


def test_several_who_owe_pay_one_after_the_other() -> None:
    minting = gold()
    minting.minted("alice", 3_000)
    minting.minted("bob", 7_000)
    minting.give("alice", "carol", 3_000)
    minting.give("bob", "carol", 7_000)
    minting.redeem("carol", 9_000)

    told = [one for one in minting.wait() if isinstance(one, SyntheticRedeemed)]

    assert [3_000, 6_000] == [one.size_lots for one in told]
    assert [minting.account("alice"), minting.account("bob")] == [
        one.account_holder for one in told
    ]
    assert (0, -1_000) == (minting.lots("alice"), minting.lots("bob"))
    assert OUNCE_LOTS - 9_000 == minting.world.supply(GOLD)


@settings(deadline=None, max_examples=60)
@given(
    cash=st.integers(-1_000, 1_000 * USD),
    bitcoin=st.integers(0, UNIT_E8),
    ether=st.integers(0, UNIT_E8),
    prices_e8=st.tuples(*(st.integers(UNIT_E8, 90_000 * UNIT_E8),) * 2),
    value_quantums=st.integers(1, 100_000 * USD),
)
def test_a_payment_is_exact_and_leaves_solvency_as_it_was(
    cash: int, bitcoin: int, ether: int, prices_e8: tuple[int, int], value_quantums: int
) -> None:
    market = _holding(USD=cash, BTC=bitcoin, ETH=ether)
    for feed, price_e8 in zip(("BTC", "ETH"), prices_e8, strict=True):
        market.price(feed, price_e8)
    before = _worth(market)

    paid = _paid(market, value_quantums)

    values = sum(one.value_quantums for one in paid.collateral)
    assert value_quantums == paid.cash_quantums + values + paid.dust_quantums
    for asset, amount in (
        ("USD", paid.cash_quantums),
        *((one.asset, one.amount_quantums) for one in paid.collateral),
    ):
        post(
            market.state,
            debit=account_of("alice"),
            credit="house/BTC-PERP",
            asset=asset,
            amount_quantums=amount,
        )
    assert before - value_quantums <= _worth(market)
    assert 0 <= paid.dust_quantums * UNIT_E8 <= max(prices_e8) * USD // UNIT_E8 + UNIT_E8


def _worth(market: given_market.Market) -> int:
    """Return what alice's account is worth at the index, as S counts it."""
    return health_of(market.state, account_of("alice")).solvency_quantums
