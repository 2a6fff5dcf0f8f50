"""Positions. Criterion: CLI-073 of docs/specs/cli.md."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.node.cli.commands.trading.conftest import HEAD

Run = Callable[..., Any]
HELD = {
    "instrument": "BTC-PERP",
    "size_lots": "2500",
    "entry_price_ticks": "127000",
    "mark_price_ticks": "128000",
    "unrealised_profit_quantums": "1250000000",
    "funding_owed_quantums": "-1",
    "liquidation_price_ticks": None,
}


def test_positions_are_listed_in_decimals(novation: Run, traded: Run) -> None:
    node = traded(position_list={"items": [HELD], **HEAD})

    said = novation("position", "list", "alice", "--rpc", node.url)

    assert "alice/0: 1 held" in said.out
    assert "1,250.00 USD" in said.out
    assert "63,500" in said.out


@pytest.mark.parametrize(("size", "side"), [("2500", 2), ("-2500", 1)])
def test_closing_sends_the_other_side_of_all_of_it_reduce_only(
    novation: Run, traded: Run, size: str, side: int
) -> None:
    node = traded(position_list={"items": [{**HELD, "size_lots": size}], **HEAD})

    said = novation("position", "close", "BTC-PERP", "--from", "alice", "--rpc", node.url)

    assert 0 == said.code, said.err
    fields = node.asked("tx_build")[0]["fields"]
    assert (side, "2500", "0", 2, True) == tuple(
        fields[name]
        for name in ("side", "size_lots", "price_ticks", "time_in_force", "reduce_only")
    )


def test_closing_nothing_is_not_found(novation: Run, traded: Run) -> None:
    said = novation("position", "close", "BTC-PERP", "--from", "alice", "--rpc", traded().url)

    assert 9 == said.code
