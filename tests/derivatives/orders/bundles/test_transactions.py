"""ORDR-100 to ORDR-109: what is asked, who may ask it, what is told, and margin once."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from derivatives.accounts.transactions import AddDelegate, Deposit
from derivatives.instruments.queries import instrument_standing
from derivatives.instruments.state import TRADING, TRADING_AUCTION, TRADING_HALTED, Trading
from derivatives.orders.bundles.transactions import Bundle
from derivatives.positions.fill import position_of
from tests import given as chains
from tests.given_book import BUY, SELL, TICKS, Book, placing
from tests.given_legs import bundling
from tests.given_market import BTC_PERP, ETH_PERP, UNIT_E8, USD, account_of

ETH_TICKS = 64_000
SPREAD = ((BUY, 5, BTC_PERP, TICKS), (SELL, 4, ETH_PERP, ETH_TICKS))


def quoted(patch: pytest.MonkeyPatch) -> Book:
    book = Book(patch)
    book.place("alice", SELL, 5, TICKS)
    book.place("bob", BUY, 4, ETH_TICKS, instrument=ETH_PERP)
    return book


def test_each_leg_is_told_as_an_order_and_the_bundle_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book = quoted(monkeypatch)

    told = book.send("carol", bundling("carol", *SPREAD))

    names = [type(event).__name__ for event in told]
    assert ["OrderPlaced"] * 2 + ["Traded", "OrderFilled"] * 2 + ["BundleFilled"] == names
    assert [3, 4] == [event.order_id for event in told[:2]]
    assert (3, 2, 5 * TICKS * 500 - 4 * ETH_TICKS * 500) == (
        told[-1].first_order_id,
        told[-1].legs_count,
        told[-1].net_quantums,
    )


def test_a_market_leg_goes_to_the_edge_of_the_band(monkeypatch: pytest.MonkeyPatch) -> None:
    book = quoted(monkeypatch)

    book.send("carol", bundling("carol", (BUY, 5, BTC_PERP, 0), (SELL, 4, ETH_PERP, 0)))

    assert (5, -4) == (book.lots("carol"), book.lots("carol", ETH_PERP))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"self_trade": 2}, "self_trade_unknown"),
        ({"net_limit_quantums": 1}, "flags_conflict"),
        ({"legs": ()}, "legs_count_wrong"),
    ],
)
def test_what_is_no_bundle_is_refused(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], reason: str
) -> None:
    book = quoted(monkeypatch)

    assert reason == book.refused("carol", bundling("carol", *SPREAD, **change))


@pytest.mark.parametrize(
    ("leg", "reason"),
    [
        ((BUY, 1, "DOGE-PERP", 5), "instrument_unknown"),
        ((BUY, 1, ETH_PERP, 10 * ETH_TICKS), "price_too_far"),
        ((BUY, 2**50, ETH_PERP, ETH_TICKS), "too_large"),
    ],
)
def test_a_leg_is_refused_for_what_its_order_would_be(
    monkeypatch: pytest.MonkeyPatch, leg: tuple[int, int, str, int], reason: str
) -> None:
    book = quoted(monkeypatch)

    assert reason == book.refused("carol", bundling("carol", SPREAD[0], leg))
    assert 1 == book.facts["leg_index"]


@pytest.mark.parametrize(
    ("state", "reason"), [(TRADING_HALTED, "halted"), (TRADING_AUCTION, "auction_rests")]
)
def test_every_leg_trades_continuously(
    monkeypatch: pytest.MonkeyPatch, state: int, reason: str
) -> None:
    book = quoted(monkeypatch)
    book.state.put(TRADING, BTC_PERP, Trading(state, 0, 0))

    assert reason == book.refused("carol", bundling("carol", *SPREAD))
    assert {"instrument": BTC_PERP, "leg_index": 0} == book.facts


def test_a_reduce_only_leg_closes_no_more_than_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    book = quoted(monkeypatch)
    roll = bundling("carol", *SPREAD, reduce=ETH_PERP)

    assert "nothing_to_reduce" == book.refused("carol", roll)
    book.send("carol", placing("carol", BUY, 3, ETH_TICKS, instrument=ETH_PERP))
    book.send("dave", placing("dave", SELL, 3, ETH_TICKS, instrument=ETH_PERP))
    assert "nothing_to_reduce" == book.refused("carol", roll)


def test_a_signer_meets_itself_in_no_leg(monkeypatch: pytest.MonkeyPatch) -> None:
    book = quoted(monkeypatch)
    own = book.place("carol", SELL, 5, TICKS - 1)

    kept = book.refused("carol", bundling("carol", *SPREAD, self_trade=1))
    told = book.send("carol", bundling("carol", *SPREAD))

    assert "leg_not_fillable" == kept
    assert [own] == [e.order_id for e in told if type(e).__name__ == "OrderCancelled"]
    assert 5 == book.lots("carol")


def test_work_is_that_of_its_orders() -> None:
    assert 10_000 == bundling("carol", *SPREAD).weight


def opened() -> chains.World:
    """Return a chain on which both perpetuals trade, quoted by bob; alice has 1,000 USD."""
    world = chains.world({name: {"USD": 900_000 * USD} for name in ("alice", "bob", "carol")})
    world.prices_e8 = {"BTC": 64_000 * UNIT_E8, "ETH": 3_200 * UNIT_E8}
    for name, usd in (("alice", 10_000), ("bob", 500_000)):
        assert "" == world.send(name, Deposit(account_of(name), "USD", usd * USD)).reason
    for _ in range(6):
        world.close_block()
    assert "open" == instrument_standing(world.view, ETH_PERP).state
    for side, off in ((BUY, -10), (SELL, 10)):
        for instrument, centre in ((BTC_PERP, TICKS), (ETH_PERP, ETH_TICKS)):
            order = placing("bob", side, 4_000, centre + off, instrument=instrument)
            assert "" == world.send("bob", order).reason
    return world


def held(world: chains.World, name: str) -> tuple[int, ...]:
    found = [position_of(world.view, account_of(name), one) for one in (BTC_PERP, ETH_PERP)]
    return tuple(0 if one is None else one.size_lots for one in found)


def test_the_second_leg_may_pay_for_the_first() -> None:
    """ORDR-105: out of two bitcoin and into as much ether, never backed by both at once."""
    world = opened()
    assert "" == world.send("alice", placing("alice", BUY, 2_000, TICKS + 10)).reason
    ether_first = bundling(
        "alice", (BUY, 4_000, ETH_PERP, ETH_TICKS + 10), (SELL, 2_000, BTC_PERP, TICKS - 10)
    )

    alone = world.send("alice", placing("alice", BUY, 4_000, ETH_TICKS + 10, instrument=ETH_PERP))
    together = world.send("alice", ether_first)

    assert ("margin.initial_margin_short", "") == (alone.reason, together.reason)
    assert (0, 4_000) == held(world, "alice")
    world.close_block()


def test_what_margin_refuses_at_the_end_costs_a_cent_and_changes_nothing_else() -> None:
    world = opened()
    too_much = bundling(
        "alice", (BUY, 3_000, BTC_PERP, TICKS + 10), (BUY, 4_000, ETH_PERP, ETH_TICKS + 10)
    )
    books = world.holds("alice/0"), world.holds("bob/0"), held(world, "bob")

    answer = world.send("alice", too_much)

    assert "margin.initial_margin_short" == answer.reason
    assert books == (world.holds("alice/0"), world.holds("bob/0"), held(world, "bob"))
    assert (0, 0) == held(world, "alice")
    world.close_block()


def test_a_delegate_bundles_for_the_account_and_a_stranger_does_not() -> None:
    world = opened()
    asked: Bundle = bundling("alice", *((s, n, i, 0) for s, n, i, _ in SPREAD))

    assert "accounts.not_delegate" == world.send("carol", asked).reason
    added = AddDelegate(account_of("alice"), chains.address("carol"), 2**62)
    assert "" == world.send("alice", added).reason
    assert "" == world.send("carol", asked).reason
    assert (5, -4) == held(world, "alice")
    world.close_block()


def rows_of(world: chains.World) -> dict[tuple[str, Any], Any]:
    """Return every row of the state that can be walked in order."""
    return {
        (table.name, key): row
        for module in world.application.modules
        for table in module.tables
        if table.ordered
        for key, row in world.view.scan(table)
    }


BUNDLED = some.tuples(
    some.sampled_from((BUY, SELL)),
    some.integers(1, 5_000),
    some.sampled_from((BUY, SELL)),
    some.integers(1, 5_000),
    some.one_of(some.none(), some.integers(-(10**11), 10**11)),
)


@settings(deadline=None, max_examples=15)
@given(some.lists(BUNDLED, min_size=1, max_size=6))
def test_a_refused_bundle_changes_its_sequence_and_its_fee_alone(
    bundles: list[tuple[int, int, int, int, int | None]],
) -> None:
    """ORDR-107, with margin, in whole blocks whose invariants are all looked at."""
    world = opened()
    for first_side, first_lots, second_side, second_lots, net in bundles:
        legs = (
            (first_side, first_lots, BTC_PERP, 0),
            (second_side, second_lots, ETH_PERP, 0),
        )
        before = rows_of(world)

        answer = world.send("alice", bundling("alice", *legs, net_quantums=net))

        after = rows_of(world)
        changed = {
            table
            for table, key in before.keys() | after.keys()
            if before.get((table, key)) != after.get((table, key))
        }
        assert not answer.reason or changed <= {"balances", "lanes"}
        assert answer.reason or "positions" in changed
    world.close_block()
