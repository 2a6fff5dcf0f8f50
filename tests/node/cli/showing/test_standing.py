"""CLI-085: how an account stands beside how it would."""

from collections.abc import Callable
from typing import Any

import pytest

from node.cli.session import Session
from node.cli.showing.standing import change_lines, fees_of, leverage, stand_lines
from tests.node.client.fake_node import FakeNode

MARKETS = {
    "items": [{"instrument": "BTC-PERP", "quote": "USD", "tick_size": "0.5", "lot_size": "0.001"}],
    "next_cursor": None,
}


def stand(equity: int, *positions: tuple[str, str | None], **more: str) -> dict[str, Any]:
    return {
        "state": "healthy",
        "settlement_asset": "USD",
        "equity_quantums": str(equity),
        "initial_margin_quantums": "2000000",
        "maintenance_margin_quantums": "1000000",
        "excess_quantums": str(equity - 2_000_000),
        "delta_quantums": "32000000000",
        "positions": [
            {
                "instrument": "BTC-PERP",
                "size_lots": lots,
                "mark_price_ticks": "128000",
                "liquidation_price_ticks": ticks,
            }
            for lots, ticks in positions
        ],
        **more,
    }


@pytest.fixture
def session(serve: Callable[..., FakeNode]) -> Session:
    made = Session()
    made.rpc = serve(state_get={"value": {"decimals": 6}}, market_list=MARKETS).url
    return made


def test_both_standings_are_side_by_side_with_fee_and_liquidation(session: Session) -> None:
    before, after = stand(6_000_000_000), stand(5_990_400_000, ("500", "107957"))

    lines = stand_lines(session, before, after, 9_600_000)

    assert ["equity", "6,000.00", "USD", "5,990.40", "USD"] == lines[1].split()
    assert "fee 9.60 USD" in lines
    assert "BTC-PERP 0 -> 0.5, liquidation price 53,978.5 (-15.7 %)" == lines[-1]


def test_what_was_held_and_is_no_more_is_said_too(session: Session) -> None:
    lines = stand_lines(session, stand(1, ("-500", None)), stand(1), -5)

    assert "BTC-PERP -0.5 -> 0" == lines[-1]
    assert "rebate 0.000005 USD" in lines


def test_a_position_that_nothing_liquidates_says_so(session: Session) -> None:
    lines = stand_lines(session, None, stand(1, ("500", None)), 0)

    assert "BTC-PERP 0 -> 0.5, no liquidation price" == lines[-1]
    assert ["equity", "-", "0.000001", "USD"] == lines[1].split()


def test_the_fee_of_a_block_is_paid_by_who_accepts_it() -> None:
    block = {
        "name": "block_trades.block_traded",
        "offering_holder": "a/0",
        "accepting_holder": "b/0",
        "fee_quantums": "7",
    }

    assert (0, 7) == tuple(fees_of({"events": [block]}, who) for who in ("a/0", "b/0"))


def test_fees_are_those_of_the_account_on_both_sides() -> None:
    trade = {"name": "trades.traded", "buyer_holder": "a/0", "seller_holder": "b/0"}
    fees = {"buyer_fee_quantums": "7", "seller_fee_quantums": "-2"}
    other = {"name": "orders.order_placed"}

    receipt = {"events": [{**trade, **fees}, other, {**trade, **fees}]}

    assert (14, -4, 0) == tuple(fees_of(receipt, name) for name in ("a/0", "b/0", "c/0"))


@pytest.mark.parametrize("change", [None, {"account": "a/0", "before": None, "after": None}])
def test_an_account_that_is_not_there_has_nothing_to_show(session: Session, change: Any) -> None:
    assert [] == change_lines(session, {"events": [], "change": change})


def test_an_account_without_equity_has_no_leverage() -> None:
    assert ("-", "-") == (leverage(None), leverage(stand(0)))
