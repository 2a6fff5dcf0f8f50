"""SYN-011 to SYN-018, SYN-030 to SYN-032: requests meet their price, and who owes has a place."""

import pytest

from chain.kit import replace
from chain.state.overlay import Overlay
from derivatives.liquidation.transactions import Liquidate
from derivatives.oracle.state import PRICES
from derivatives.orders.state import SIDE_BUY, SIDE_SELL
from derivatives.solvency.confined import without
from derivatives.synthetics import hooks
from derivatives.synthetics.events import SyntheticBurned
from derivatives.synthetics.hooks import fill_requests
from derivatives.synthetics.state import DEBT_PLACES, REQUESTS
from tests import given_market
from tests.given_book import placing
from tests.given_market import BTC_PERP
from tests.given_synthetics import GOLD, OUNCE_LOTS, USD, Minting, gold


def test_a_price_of_less_than_two_seconds_on_fills_nothing() -> None:
    minting = gold()
    minting.mint("alice")

    minting.wait(3)
    assert 0 == minting.world.supply(GOLD)
    minting.wait(0)
    assert OUNCE_LOTS == minting.world.supply(GOLD)


def test_a_price_that_is_held_fills_nothing() -> None:
    minting = gold()
    minting.minted("alice")
    before = minting.world.holds("alice", "USD")
    minting.redeem("alice")
    minting.wait(3)
    minting.price(4_400)

    minting.wait(1)
    assert before == minting.world.holds("alice", "USD")
    minting.wait(0)
    assert 4_400 * USD == minting.world.holds("alice", "USD") - before


def test_what_is_not_owed_any_more_is_given_back() -> None:
    minting = gold()
    minting.minted("alice")
    minting.give("alice", "bob", 6_000)
    minting.redeem("bob", 6_000)
    minting.minted("bob", 6_000)
    minting.give("bob", "alice", 6_000)

    assert "synthetics.debt_short" == minting.burn("alice", OUNCE_LOTS).reason
    minting.redeem("alice", 2_000)
    assert "" == minting.burn("alice", 4_000).reason
    [told] = [one for one in minting.wait() if isinstance(one, SyntheticBurned)]

    assert (2_000, 2_000) == (told.size_lots, told.returned_lots)
    assert 6_000 == minting.world.holds("alice", GOLD)
    assert 0 == minting.lots("alice")


def test_a_block_looks_at_so_many_and_the_rest_comes_first_in_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hooks, "FILLS_MAX_COUNT", 2)
    minting = gold()
    for _ in range(5):
        minting.mint("alice", 100)

    supplies = []
    for _ in range(8):
        minting.world.close_block()
        supplies.append(minting.world.supply(GOLD))

    assert [0, 0, 0, 0, 200, 400, 500, 500] == supplies
    assert [] == list(minting.world.view.scan(REQUESTS))


def flagged(minting: Minting) -> None:
    """Let alice owe an ounce that has become too dear for what she has, and be flagged."""
    minting.deposit("carol", 4_900 * USD)
    minting.minted("carol")
    for price_usd in range(4_010, 4_340, 10):
        minting.price(price_usd)
        minting.world.close_block()
    minting.wait(3)


def test_whoever_takes_a_debt_over_has_a_place_and_is_paid_when_he_burns() -> None:
    minting = gold()
    flagged(minting)
    bob = minting.account("bob")

    answer = minting.ask("bob", Liquidate(bob, minting.account("carol"), 1))

    assert "" == answer.reason
    assert answer.view.get(DEBT_PLACES, (GOLD, bob)) is not None
    position = minting.position("bob")
    assert position is not None
    assert (-1_000, -433 * USD) == (position.size_lots, position.entry_value_quantums)
    cash = minting.world.holds("bob/0", "USD")
    minting.give("carol", "bob", 1_000)
    minting.burn("bob", 1_000)
    minting.wait()
    assert 433 * USD == minting.world.holds("bob/0", "USD") - cash
    assert 0 == minting.lots("bob")


def test_who_has_a_synthetic_takes_no_debt_over() -> None:
    minting = gold()
    flagged(minting)
    minting.give("carol", "bob", 1_000)
    minting.deposit("bob", 1_000, GOLD)

    answer = minting.ask("bob", Liquidate(minting.account("bob"), minting.account("carol"), 1))

    assert "synthetics.collateral_is_synthetic" == answer.reason
    assert 0 == minting.lots("bob")


def test_a_compartment_that_stands_still_fills_nothing() -> None:
    # SOLV-014
    minting = gold()
    minting.mint("alice")
    minting.wait(3)
    overlay = Overlay(minting.world.tables)
    price = overlay.get(PRICES, "GOLD")
    assert price is not None
    overlay.put(PRICES, "GOLD", replace(price, updated_ms=price.updated_ms + 500))
    context = given_market.Market().block_context()

    context.state = without(overlay, ["main"])
    fill_requests(context)
    assert [] == context.events
    context.state = overlay
    fill_requests(context)
    assert "SyntheticMinted" in [type(event).__name__ for event in context.events]


def test_who_has_gold_as_collateral_may_hold_anything_but_a_debt_of_it() -> None:
    # SYN-006
    minting = gold()
    minting.world.prices_e8["BTC"] = 64_000 * 10**8
    minting.minted("alice")
    minting.give("alice", "bob")
    assert "" == minting.deposit("bob", OUNCE_LOTS, GOLD).reason
    minting.wait()
    minting.deposit("carol", 10_000 * USD)
    orders = (("carol", SIDE_SELL), ("bob", SIDE_BUY))
    answers = [minting.ask(name, placing(name, side, 10, 128_000)).reason for name, side in orders]

    assert ["", ""] == answers
    assert minting.world.view.get(DEBT_PLACES, (BTC_PERP, minting.account("bob"))) is None
