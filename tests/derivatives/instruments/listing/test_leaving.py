"""LIST-030 to LIST-033: what is settled leaves when nobody needs it, and its price stays."""

from typing import Any

import pytest

from chain.kit import replace
from derivatives.accounts.transactions import Deposit
from derivatives.instruments.events import SeriesLeft
from derivatives.instruments.listing.leaving import LEFT_MAX_COUNT, OF_INSTRUMENT, is_used, let_go
from derivatives.instruments.state import (
    CHAINS,
    DELIVERIES,
    EXPIRIES,
    SETTLEMENTS,
    TRADING,
    TRADING_EXPIRED,
    Delivery,
    Settlement,
    Trading,
)
from derivatives.margin.state import FAMILIES, OPTION_TERMS
from derivatives.margin.transactions import SetSchedule
from derivatives.marks.state import MARKS
from derivatives.oracle.state import FEEDS, PRICES
from derivatives.orders.state import HITS as HIT_TRIGGERS
from derivatives.orders.state import ORDERS as PLACES
from derivatives.orders.state import SIDE_BUY, STAGE_HIT, TOPS, Place, Top, Trigger
from derivatives.orders.state import TRIGGERS as WAITING
from derivatives.positions.state import OPEN_INTEREST, POSITIONS, OpenInterest
from derivatives.registry import REGISTRY
from tests import given
from tests.given_chains import BEGIN_MS, DAILY, HOUR_MS, listing
from tests.given_market import USD
from tests.simulation.clearing.traders import placing

FIRST = "ETH-1JAN26"
CALL = "ETH-1JAN26-3200-C"
ENDS_MS = BEGIN_MS + 8 * HOUR_MS
KEPT_MS = 6 * HOUR_MS
STOP = Trigger(7, given.holder("alice/0"), 1, 1, 1, 0, 1, 2, False, 0, "", 0, 0, 0)


def settled() -> Any:
    """Return the world of a hook, a chain's settled instruments due to leave in it."""
    world = listing()
    world.pass_blocks(12)
    context = world.context(ENDS_MS + KEPT_MS - world.head.header.time_ms)
    state = context.state
    for key, _ in tuple(state.scan(EXPIRIES)):
        if str(key).startswith(FIRST):
            state.put(SETTLEMENTS, key, Settlement(ENDS_MS, 0, 1_800_000, 1, 0, 64_100))
            state.put(TRADING, key, Trading(TRADING_EXPIRED, ENDS_MS, 0))
    return context


def listed(context: Any) -> list[str]:
    return [str(key) for key, _ in context.state.scan(EXPIRIES) if str(key).startswith(FIRST)]


def test_a_settled_date_leaves_with_all_that_was_its_own() -> None:
    context = settled()
    names = listed(context)

    let_go(context)

    for table in OF_INSTRUMENT:
        assert [] == [n for n in names if context.state.get(table, n) is not None]
    assert context.state.get(FEEDS, FIRST) is context.state.get(PRICES, FIRST) is None
    for table in (FAMILIES, OPTION_TERMS):
        assert FIRST not in [key[2] for key, _ in context.state.scan(table)]
    assert context.state.get(CHAINS, ("ETH", ENDS_MS)) is None
    assert [SeriesLeft(name, ENDS_MS) for name in names] == context.events


def test_every_table_of_an_instrument_is_left_or_empty_by_then() -> None:
    keyed = [
        table
        for module in REGISTRY
        for table in module.tables
        if "instrument" in [part.name for part in table.key_parts]
    ]

    left = [table for table in keyed if table not in OF_INSTRUMENT]
    # Of who holds it or orders in it; of perpetuals; of synthetics, which have no date.
    held = {"positions", "premiums", "open_interest", "book", "resting", "triggers", "book_tops"}
    others = {"funding_terms", "funding", "premium_samples"}
    assert [] == [
        table.name
        for table in left
        if table.name not in held | others and not table.name.startswith("synthetic")
    ]


def test_its_price_stays() -> None:
    context = settled()

    let_go(context)

    # 64,100 ticks of 0.05 USD.
    delivered = context.state.get(DELIVERIES, ("ETH", ENDS_MS))
    assert Delivery(320_500_000_000, ENDS_MS) == delivered


def test_nothing_leaves_before_its_time_or_without_a_price() -> None:
    context = settled()
    context.time_ms -= 1
    unsettled = replace(context.state.get(SETTLEMENTS, CALL), price_ticks=0)
    before = listed(context)

    let_go(context)
    assert before == listed(context)
    context.time_ms += 1
    context.state.put(SETTLEMENTS, CALL, unsettled)
    let_go(context)

    assert [CALL] == listed(context)
    assert context.state.get(FEEDS, FIRST) is not None
    assert context.state.get(DELIVERIES, ("ETH", ENDS_MS)) is None


@pytest.mark.parametrize(
    ("table", "key", "row"),
    [
        (OPEN_INTEREST, CALL, OpenInterest(1)),
        (TOPS, (CALL, SIDE_BUY), Top(1, 1)),
        (WAITING, (CALL, 1, 1, 7), STOP),
    ],
)
def test_what_somebody_holds_or_orders_stays(table: Any, key: Any, row: Any) -> None:
    context = settled()
    context.state.put(table, key, row)

    let_go(context)

    assert [CALL] == listed(context)
    context.state.delete(table, key)
    let_go(context)
    assert [] == listed(context)


def test_what_a_trigger_waits_its_turn_in_is_used() -> None:
    context = settled()
    context.state.put(HIT_TRIGGERS, (3, 7), STOP)
    context.state.put(PLACES, (STOP.account_holder, 7), Place(STAGE_HIT, CALL, 1, 3, 7))

    assert is_used(context.state, CALL)
    assert not is_used(context.state, FIRST)


def test_at_most_so_many_leave_in_a_block() -> None:
    context = settled()
    expiry, settlement = (context.state.get(table, CALL) for table in (EXPIRIES, SETTLEMENTS))
    instrument = context.state.get(OF_INSTRUMENT[0], CALL)
    for number in range(LEFT_MAX_COUNT):
        for table, row in zip(
            (EXPIRIES, SETTLEMENTS, OF_INSTRUMENT[0]), (expiry, settlement, instrument), strict=True
        ):
            context.state.put(table, f"{FIRST}-{number}", row)
    before = len(listed(context))

    let_go(context)
    assert before - LEFT_MAX_COUNT == len(listed(context))
    let_go(context)

    assert [] == listed(context)


def test_a_date_that_passes_in_blocks_settles_and_leaves_by_itself() -> None:
    world = listing(DAILY, kept_ms=60_000, extensions_max_count=0, coverage_ppm=1)
    world.pass_blocks(2)

    world.pass_blocks(1, ENDS_MS - 60_000 - world.head.header.time_ms)
    world.pass_blocks(3, 30_000)
    assert FIRST in world.listed()
    world.pass_blocks(3, 30_000)

    assert [] == [name for name in world.listed() if name.startswith(FIRST)]
    assert {"ETH-2JAN26"} == set(world.chains())
    delivered = world.tables.get(DELIVERIES, ("ETH", ENDS_MS))
    assert delivered is not None
    assert 3_200 * 10**8 == delivered.price_e8


@pytest.mark.parametrize("schedule", ["standard", "portfolio"])
def test_a_position_in_a_listed_option_lives_to_its_end_and_is_paid(schedule: str) -> None:
    world = listing(DAILY, kept_ms=60_000, extensions_max_count=0, coverage_ppm=1)
    for name in ("alice", "bob"):
        world.send(name, Deposit(given.holder(f"{name}/0"), "USD", 500_000 * USD))
    world.send("alice", SetSchedule(given.holder("alice/0"), schedule))
    world.close_block()
    world.pass_blocks(24)
    world.say(ETH=3_200)
    mark = world.tables.get(MARKS, CALL)
    assert mark is not None
    before = world.holds("alice/0"), world.holds("bob/0")

    for name, side in (("bob", 2), ("alice", 1)):
        answer = world.send(name, placing(name, CALL, side, mark.mark_price_ticks, 100))
        assert "" == answer.reason
    world.close_block()
    assert 100 == held(world, "alice")
    # Half a window at 3,200 and half at 3,300: 50 in the money.
    world.pass_blocks(1, ENDS_MS - 1_800_000 - world.head.header.time_ms)
    world.pass_blocks(100, 9_000)
    world.say(ETH=3_300)
    world.pass_blocks(101, 9_000)

    assert 0 == held(world, "alice") == held(world, "bob")
    paid = 100 * 1_000 * 500
    premium = 100 * mark.mark_price_ticks * 500
    fee = -(-premium * 3_000 // 10**6)
    gained = world.holds("alice/0") - before[0], world.holds("bob/0") - before[1]
    # A block more or less at either price is worth 0.5 USD an ether.
    assert abs(gained[0] - (paid - premium - fee)) < 100 * 500 * 21
    assert gained[0] + fee == -gained[1]
    world.pass_blocks(14, 5_000)
    assert [] == [name for name in world.listed() if name.startswith(FIRST)]


def held(world: Any, name: str) -> int:
    position = world.tables.get(POSITIONS, (given.holder(f"{name}/0"), CALL))
    return 0 if position is None else int(position.size_lots)
