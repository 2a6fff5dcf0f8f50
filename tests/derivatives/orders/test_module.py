"""Orders through whole blocks, margined: whoever executes them agrees, and the books hold."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as some

from derivatives.accounts.transactions import Deposit
from derivatives.instruments.queries import instrument_standing
from derivatives.orders.queries import open_orders
from derivatives.orders.transactions import Amend, Cancel, CancelAll
from tests import given as chains
from tests.given_book import BUY, SELL, TICKS, placing
from tests.given_market import BTC_PERP, UNIT_E8, USD, account_of

RICH, POOR = 100_000 * USD, 400 * USD
NAMES = ("alice", "bob", "carol")


def opened() -> chains.World:
    """Return a chain on which BTC-PERP trades and three accounts are funded."""
    world = chains.world({name: {"USD": 200_000 * USD} for name in NAMES})
    world.prices_e8 = {"BTC": 64_000 * UNIT_E8, "ETH": 3_200 * UNIT_E8}
    for name, amount in zip(NAMES, (RICH, POOR, POOR), strict=True):
        assert "" == world.send(name, Deposit(account_of(name), "USD", amount)).reason
    for _ in range(6):
        world.close_block()
    assert "open" == instrument_standing(world.view, BTC_PERP).state
    return world


def test_signed_list_is_margined_once_at_its_end() -> None:
    """ORDR-046."""
    world = opened()
    too_much = placing("bob", BUY, 200, TICKS)
    off_again = Cancel(account_of("bob"), 1, "")

    alone = world.send("bob", too_much)
    together = world.send("bob", too_much, off_again, placing("bob", BUY, 1, TICKS))

    assert ("margin.initial_margin_short", "") == (alone.reason, together.reason)
    left = open_orders(world.view, account_of("bob")).orders
    assert [(2, 1)] == [(order.order_id, order.remaining_lots) for order in left]
    world.close_block()


def test_refused_action_of_a_list_undoes_the_whole_list() -> None:
    world = opened()

    answer = world.send("bob", placing("bob", BUY, 1, TICKS), placing("bob", BUY, 0, TICKS))

    assert ("orders.size_not_positive", 1) == (answer.reason, answer.facts["action_index"])
    assert () == open_orders(world.view, account_of("bob")).orders


ASKED = some.lists(
    some.tuples(
        some.sampled_from(NAMES),
        some.sampled_from(("order", "order", "order", "stop", "cancel", "amend", "block", "price")),
        some.sampled_from((BUY, SELL)),
        some.integers(1, 60),
        some.integers(-8, 8),
    ),
    min_size=5,
    max_size=25,
)


def payload_of(world: chains.World, ask: tuple[str, str, int, int, int]) -> Any:
    """Return what an ask means in this state."""
    name, verb, side, lots, off = ask
    account = account_of(name)
    orders = open_orders(world.view, account).orders
    if verb == "stop":
        mark = TICKS + 40 * (1 if side == BUY else -1)
        return placing(name, side, lots, 0, trigger_kind=1, trigger_ticks=mark)
    if verb == "cancel":
        return Cancel(account, orders[0].order_id, "") if orders else CancelAll(account, "")
    if verb == "amend" and orders:
        return Amend(account, orders[-1].order_id, TICKS + off, lots)
    return placing(name, side, lots, TICKS + off, reduce_only=lots % 7 == 0)


@settings(max_examples=12)
@given(asked=ASKED)
def test_any_orders_in_any_blocks_keep_every_equation(
    asked: list[tuple[str, str, int, int, int]],
) -> None:
    world = opened()

    for ask in asked:
        if ask[1] == "block":
            world.close_block()
        elif ask[1] == "price":
            world.prices_e8["BTC"] = (64_000 + 20 * ask[4]) * UNIT_E8
            world.close_block()
        else:
            world.send(ask[0], payload_of(world, ask))
    for _ in range(3):
        world.close_block()
