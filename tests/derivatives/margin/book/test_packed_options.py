"""MARG-017, MARG-018: accounts with options stand in the pass as each of them does alone."""

import random

import pytest

from chain.kit import replace
from derivatives.accounts.state import ACCOUNTS
from derivatives.margin.account import health_of
from derivatives.margin.book import packed
from derivatives.margin.book.packed import standings
from derivatives.margin.kernel.level import kernel
from derivatives.margin.sweep import Maintenance
from tests.given_dated import FUTURE
from tests.given_market import BTC_PERP, ETH_PERP, UNIT_E8, USD, account_of
from tests.given_options import CALL, PUT, Optioned

pytestmark = pytest.mark.skipif(kernel is None, reason="no kernel of this revision is built")

NAMES = ("alice", "bob", "carol")
TRADED = ((CALL, 400), (PUT, 300), (FUTURE, 128_000), (BTC_PERP, 128_000), (ETH_PERP, 64_000))


def market_of(dice: random.Random) -> Optioned:
    """Return a market in which three accounts have traded everything."""
    packed._KEPT.clear()
    market = Optioned()
    for name in NAMES:
        market.deposit(name, 900_000 * USD)
        market.deposit(name, dice.randrange(1, 3 * UNIT_E8), "BTC")
        record = market.state.get(ACCOUNTS, account_of(name))
        assert record is not None
        schedule = "standard" if name == "carol" else "portfolio"
        market.state.put(ACCOUNTS, account_of(name), replace(record, schedule=schedule))
    for _ in range(8):
        buyer, seller = dice.sample(NAMES, 2)
        instrument, ticks = dice.choice(TRADED)
        market.trade(buyer, seller, dice.randrange(1, 900), ticks, instrument, taker="")
    return market


def figures() -> dict[str, Maintenance]:
    return {
        account: slab.figures_of(slot)
        for _, slab in packed._KEPT[-1]._markets.values()
        for account, slot in slab.slots.items()
    }


def agrees(market: Optioned) -> None:
    """Hold what the pass says of every account against what margin says of it alone."""
    standings(market.block_context())
    found = figures()
    assert [account_of(name) for name in NAMES] == sorted(found)
    for account, one in found.items():
        alone = health_of(market.state, account)
        assert (alone.risk_quantums, alone.maintenance_quantums, alone.equity_quantums) == (
            one.risk_quantums,
            one.maintenance_quantums,
            one.equity_quantums,
        )


@pytest.mark.parametrize("seed", range(12))
def test_pass_says_of_options_what_each_account_says_alone(seed: int) -> None:
    dice = random.Random(seed)
    market = market_of(dice)
    agrees(market)
    for _ in range(4):
        market.forward(64_000 * dice.randrange(93, 108) // 100)
        market.volatility(dice.randrange(30, 120))
        market.block()
        agrees(market)
    market.minutes(45)  # inside the window
    agrees(market)
