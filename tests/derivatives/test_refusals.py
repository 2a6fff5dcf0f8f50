"""Bad input: each has its own reason with its numbers, costs a cent, and changes nothing else."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from chain.kit import wallet
from chain.modules.ledger.fees import FEES_HOLDER
from chain.modules.ledger.state import BALANCES
from chain.modules.signers.lanes import next_sequence
from chain.modules.signers.state import LANES
from chain.state.overlay import Overlay
from derivatives.accounts.transactions import Deposit
from derivatives.instruments.state import (
    TRADING,
    TRADING_AUCTION,
    TRADING_FROZEN,
    TRADING_HALTED,
    TRADING_REDUCE_ONLY,
    Trading,
)
from derivatives.liquidation.transactions import Liquidate
from derivatives.margin.transactions import WithdrawCollateral
from derivatives.orders.transactions import Amend, Cancel, Place
from tests import given
from tests.simulation.clearing.traders import E8, USD, USUAL, account_of, placing

CENT = 10_000


@dataclass
class Bad:
    """What alice asks, why it is refused, and with which numbers."""

    payload: Any
    reason: str
    facts: dict[str, Any] = field(default_factory=dict)


def order(side: int = 1, ticks: int = 128_000, lots: int = 1, **how: Any) -> Place:
    return placing("alice", how.pop("instrument", "BTC-PERP"), side, ticks, lots, **how)


def market() -> given.World:
    """Alice is long a bitcoin of bob's with 4,000 USD; carol asks for 5 lots at 128,010."""
    world = given.world(
        {"alice": {"USD": 10_000 * USD, "BTC": E8}, "bob": {"USD": 10**6 * USD},
         "carol": {"USD": 10**6 * USD}, "dave": {"USD": 10**6 * USD}}
    )  # fmt: skip
    world.prices_e8 = dict(USUAL)
    for name, usd in (("alice", 4_000), ("bob", 100_000), ("carol", 100_000)):
        assert "" == world.send(name, Deposit(account_of(name), "USD", usd * USD)).reason
    for after_ms in (500, 2_000, 500):
        world.close_block(after_ms)
    for name, side in (("bob", 2), ("alice", 1)):
        assert "" == world.send(name, placing(name, "BTC-PERP", side, 128_000, 1_000)).reason
    ask = placing("carol", "BTC-PERP", 2, 128_010, 5, client_id="ask")
    assert "" == world.send("carol", ask).reason
    mine = placing("alice", "BTC-PERP", 1, 100_000, 1, client_id="mine")
    assert "" == world.send("alice", mine).reason
    world.close_block()
    return world


@pytest.fixture(scope="module")
def market_of_three() -> given.World:
    """What is refused leaves the market as it was, so one serves all."""
    return market()


def hold(world: given.World, bad: Bad) -> None:
    """Hold that alice is refused for this, pays a cent, and that nothing else moves."""
    if world.view is world.tables:
        world.open_block()
    overlay = world.view
    assert isinstance(overlay, Overlay)
    mark = overlay.mark()
    signer = given.address("alice")
    purse, sequence = world.holds("alice"), next_sequence(overlay, signer, 0)

    answer = world.send("alice", bad.payload)

    assert bad.reason == answer.reason
    assert bad.facts == {name: answer.facts.get(name) for name in bad.facts}
    assert answer.receipt is not None
    assert (CENT, ()) == (answer.receipt.fee_quantums, answer.receipt.events)
    assert world.view is overlay, "it went into another block"
    changed = {
        (table.name, key)
        for (table, key), record in overlay.former_since(mark).items()
        if record != overlay.get(table, key)
    }
    assert changed == {
        (LANES.name, (signer, 0)),
        (BALANCES.name, (wallet(signer), "USD")),
        (BALANCES.name, (FEES_HOLDER, "USD")),
    }
    assert (purse - CENT, sequence + 1) == (world.holds("alice"), next_sequence(overlay, signer, 0))


BAD = {
    "unknown instrument": Bad(
        order(instrument="DOGE-PERP"), "orders.instrument_unknown", {"instrument": "DOGE-PERP"}
    ),
    "no lots": Bad(order(lots=0), "orders.size_not_positive", {"size_lots": 0}),
    "negative lots": Bad(order(lots=-5), "orders.size_not_positive", {"size_lots": -5}),
    "no side": Bad(order(side=3), "orders.side_unknown", {"side_number": 3}),
    "no time in force": Bad(
        order(time_in_force=9), "orders.time_in_force_unknown", {"given_number": 9}
    ),
    "post-only and immediate": Bad(order(post_only=True, time_in_force=2), "orders.flags_conflict"),
    "a space in a client id": Bad(
        order(client_id="a b"), "orders.client_id_malformed", {"limit_bytes": 36}
    ),
    "a client id twice": Bad(
        order(client_id="mine"), "orders.client_id_taken", {"client_id": "mine"}
    ),
    "beyond the band": Bad(
        order(ticks=192_001),
        "orders.price_too_far",
        {"price_ticks": 192_001, "lowest_ticks": 64_000, "highest_ticks": 192_000},
    ),
    "below the band": Bad(
        order(ticks=63_999), "orders.price_too_far", {"price_ticks": 63_999, "lowest_ticks": 64_000}
    ),
    "too large for arithmetic": Bad(
        order(lots=2**40), "orders.too_large", {"size_lots": 2**40 + 1, "limit_lots": 1_125_899_906}
    ),
    "the largest integer": Bad(order(lots=2**63 - 1), "orders.too_large"),
    "crossing post-only": Bad(
        order(ticks=128_010, post_only=True),
        "orders.post_only_crosses",
        {"price_ticks": 128_010, "best_price_ticks": 128_010},
    ),
    "not fillable": Bad(
        order(ticks=128_010, lots=6, time_in_force=3),
        "orders.not_fillable",
        {"size_lots": 6, "fillable_lots": 5},
    ),
    "already expired": Bad(order(good_till_ms=1), "orders.expired", {"good_till_ms": 1}),
    "nothing to reduce": Bad(
        order(reduce_only=True),
        "orders.nothing_to_reduce",
        {"held_lots": 1_000, "resting_lots": 0},
    ),
    "a stop that is reached": Bad(
        order(ticks=128_000, trigger_kind=1, trigger_ticks=127_000),
        "orders.trigger_reached",
        {"trigger_ticks": 127_000, "mark_price_ticks": 128_000},
    ),
    "insufficient margin": Bad(
        order(lots=10_000, ticks=128_000),
        "margin.initial_margin_short",
        # 11 bitcoin, 1,000 lots held, 10,000 bought and one that rests.
        {"available_quantums": 3_980_800_000},
    ),
    "an unknown order": Bad(
        Cancel(account_of("alice"), 999, ""), "orders.order_unknown", {"order_id": 999}
    ),
    "an unknown client id": Bad(
        Cancel(account_of("alice"), 0, "none"), "orders.client_id_unknown", {"client_id": "none"}
    ),
    "somebody else's order": Bad(
        Cancel(account_of("alice"), 3, ""), "orders.order_unknown", {"order_id": 3}
    ),
    "an amendment of nothing": Bad(
        Amend(account_of("alice"), 4, 100_000, 1), "orders.nothing_amended", {"order_id": 4}
    ),
    "somebody else's account": Bad(
        Cancel(account_of("carol"), 3, ""),
        "accounts.not_delegate",
    ),
    "an account that was never opened": Bad(
        Cancel(account_of("dave"), 1, ""),
        "accounts.account_unknown",
    ),
    "somebody else's money": Bad(
        WithdrawCollateral(account_of("bob"), "USD", 1), "accounts.not_owner"
    ),
    "withdrawal of nothing": Bad(
        WithdrawCollateral(account_of("alice"), "USD", 0),
        "margin.amount_not_positive",
        {"amount_quantums": 0},
    ),
    "negative withdrawal": Bad(
        WithdrawCollateral(account_of("alice"), "USD", -1),
        "margin.amount_not_positive",
        {"amount_quantums": -1},
    ),
    "withdrawal beyond what is there": Bad(
        WithdrawCollateral(account_of("alice"), "USD", 5_000 * USD),
        "ledger.balance_short",
        {"balance_quantums": 3_980_800_000, "short_by_quantums": 1_019_200_000},
    ),
    "withdrawal beyond margin": Bad(
        WithdrawCollateral(account_of("alice"), "USD", 1_000 * USD), "margin.initial_margin_short"
    ),
    "withdrawal of what is no collateral": Bad(
        WithdrawCollateral(account_of("alice"), "DOGE", 1),
        "accounts.asset_not_collateral",
        {"asset": "DOGE", "compartment": "main"},
    ),
    "negative deposit": Bad(Deposit(account_of("alice"), "USD", -1), "ledger.amount_not_positive"),
    "deposit beyond the wallet": Bad(
        Deposit(account_of("alice"), "USD", 10**15), "ledger.balance_short"
    ),
    "deposit for somebody else": Bad(Deposit(account_of("bob"), "USD", 1), "accounts.not_owner"),
    "liquidation of the sound": Bad(
        Liquidate(account_of("alice"), account_of("bob"), 1), "liquidation.not_flagged"
    ),
    "liquidation of oneself": Bad(
        Liquidate(account_of("alice"), account_of("alice"), 1), "liquidation.own_account"
    ),
    "liquidation by too many slices": Bad(
        Liquidate(account_of("alice"), account_of("bob"), 5),
        "liquidation.slices_out_of_range",
        {"slices_count": 5, "limit_count": 4},
    ),
}


@pytest.mark.parametrize("name", list(BAD))
def test_bad_input_costs_a_cent_and_changes_nothing_else(
    market_of_three: given.World, name: str
) -> None:
    hold(market_of_three, BAD[name])
    market_of_three.close_block()


NOW = {
    "halted": (TRADING_HALTED, order(), "orders.halted"),
    "frozen": (TRADING_FROZEN, order(reduce_only=True, side=2), "orders.halted"),
    "reducing alone is allowed": (TRADING_REDUCE_ONLY, order(), "orders.reduce_only_now"),
    "an auction takes what rests": (
        TRADING_AUCTION,
        order(time_in_force=2),
        "orders.auction_rests",
    ),
}


@pytest.mark.parametrize("name", list(NOW))
def test_what_a_market_does_not_take_now_changes_nothing_else(name: str) -> None:
    state, payload, reason = NOW[name]
    world = market()
    world.open_block()
    world.view.put(TRADING, "BTC-PERP", Trading(state, 0, 0))  # type: ignore[attr-defined]

    hold(world, Bad(payload, reason, {"instrument": "BTC-PERP"}))


def test_stale_price_takes_no_order_and_lets_nothing_out_that_needs_it() -> None:
    world = market()
    world.prices_e8["BTC"] = 70_000 * E8
    world.close_block()

    hold(world, Bad(order(), "orders.price_stale", {"instrument": "BTC-PERP"}))
    out = WithdrawCollateral(account_of("alice"), "USD", 1)
    hold(world, Bad(out, "margin.feed_not_normal", {"feed": "BTC"}))


def test_withdrawal_beyond_what_may_leave_in_an_hour_changes_nothing_else() -> None:
    world = given.world({"alice": {"USD": 10**8 * USD}})
    world.send("alice", Deposit(account_of("alice"), "USD", 10**7 * USD))
    world.close_block()
    world.close_block(3_600_000)

    limits = {"outflow_quantums": 10**6 * USD + 1, "limit_quantums": 10**6 * USD}
    out = WithdrawCollateral(account_of("alice"), "USD", 10**6 * USD + 1)
    hold(world, Bad(out, "margin.outflow_limit", limits))


def test_shortage_of_margin_is_told_in_three_numbers_that_add_up() -> None:
    world = market()

    facts = world.send("alice", order(lots=10_000)).facts

    assert facts["short_by_quantums"] == facts["required_quantums"] - facts["available_quantums"]
    assert 3_980_800_000 == facts["available_quantums"]
    # Of 11.001 bitcoin at 64,000: 4.5 % x 1.25, 0.1 % of dispersion, 0.03 % of fees; brackets.
    share = 11_001 * 64 * USD * 57_550 // 10**6
    assert share < facts["required_quantums"] < share + 10**5


@pytest.mark.parametrize(
    ("reason", "payloads"),
    [
        ("transaction.malformed", (order(ticks=-1),)),
        ("transaction.list_empty", ()),
        ("transaction.list_too_long", (Cancel(account_of("alice"), 1, ""),) * 65),
    ],
)
def test_what_is_no_transaction_stands_in_no_block(reason: str, payloads: tuple[Any, ...]) -> None:
    world = market()
    world.open_block()
    overlay = world.view
    assert isinstance(overlay, Overlay)
    mark = overlay.mark()

    answer = world.send("alice", *payloads, as_list=len(payloads) != 1)

    assert (reason, None) == (answer.reason, answer.receipt)
    assert {} == overlay.former_since(mark)
