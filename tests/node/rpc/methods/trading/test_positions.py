"""What is held. Criterion: RPC-117 of docs/specs/rpc.md."""

from chain.crypto.addresses import text_of
from derivatives.margin.account import portfolio_of, schedule_terms, standing_of
from derivatives.margin.risk import health
from node.rpc.methods.trading.positions import below_maintenance, moved_portfolio
from tests import given
from tests.node.rpc.conftest import Caller
from tests.node.rpc.methods.conftest import BTC_PERP, MARK_TICKS, USD, Market

ALICE, BOB = (text_of(given.address(name)) for name in ("alice", "bob"))


async def test_a_position_is_shown_at_entry_and_mark(market: Market, call: Caller) -> None:
    market.trade("alice", "bob", 2_000, MARK_TICKS + 10)

    (item,) = (await call("position_list", account=ALICE))["items"]
    (other,) = (await call("position_list", account=BOB))["items"]

    assert (ALICE + "/0", BTC_PERP, "2000", "128010", "128000") == tuple(
        item[name]
        for name in (
            "account",
            "instrument",
            "size_lots",
            "entry_price_ticks",
            "mark_price_ticks",
        )
    )
    # Ten ticks of 500 quantums on 2,000 lots.
    assert str(-10 * USD) == item["unrealised_profit_quantums"]
    assert ("-2000", str(10 * USD)) == (other["size_lots"], other["unrealised_profit_quantums"])


async def test_liquidation_price_is_the_first_at_which_equity_is_short(
    market: Market, call: Caller
) -> None:
    market.trade("alice", "bob", 10_000)

    for name, address, step in (("alice", ALICE, 1), ("bob", BOB, -1)):
        (item,) = (await call("position_list", account=address))["items"]
        ticks = int(item["liquidation_price_ticks"])

        assert (ticks < MARK_TICKS) == (step == 1)
        assert is_below(market, name, ticks)
        assert not is_below(market, name, ticks + step)


def is_below(market: Market, name: str, ticks: int) -> bool:
    view, account = market.rooms.world.tables, given.holder(f"{name}/0")
    standing = standing_of(view, account)
    assert standing is not None
    portfolio = portfolio_of(view, account, standing, with_orders=False)
    moved = moved_portfolio(portfolio, "BTC", ticks, MARK_TICKS)
    return below_maintenance(health(moved, schedule_terms(view, "main", "standard")))


async def test_a_long_that_is_paid_for_is_liquidated_nowhere(market: Market, call: Caller) -> None:
    market.trade("alice", "bob", 1_000)

    (item,) = (await call("position_list", account=ALICE))["items"]

    assert None is item["liquidation_price_ticks"]


async def test_an_account_without_positions_has_an_empty_list(market: Market, call: Caller) -> None:
    answer = await call("position_list", account=ALICE)

    assert ([], None) == (answer["items"], answer["next_cursor"])
