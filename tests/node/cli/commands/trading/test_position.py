"""Positions. Criteria: CLI-073 and CLI-077 of docs/specs/cli.md."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.node.cli.commands.trading.conftest import HEAD, MARKET

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


FUTURE = {**MARKET, "instrument": "BTC-26MAR27", "kind": "future"}


@pytest.mark.parametrize(
    ("size", "words", "sent"),
    [
        ("2500", (), ("2500", [2, 1], None)),
        ("2500", ("--size", "1", "--spread", "1_000.5"), ("1000", [2, 1], "1000500000")),
        ("-2500", ("--spread", "400"), ("2500", [1, 2], "-1000000000")),
        ("-2500", ("--spread", "-400"), ("2500", [1, 2], "1000000000")),
    ],
)
def test_a_roll_closes_here_and_opens_there_at_a_spread(
    novation: Run,
    traded: Run,
    size: str,
    words: tuple[str, ...],
    sent: tuple[str, list[int], str | None],
) -> None:
    """CLI-077."""
    lots, sides, limit = sent
    node = traded(
        market_list={"items": [MARKET, FUTURE], **HEAD},
        position_list={"items": [{**HELD, "size_lots": size}], **HEAD},
    )

    said = novation(
        "position", "roll", "BTC-PERP", "BTC-26MAR27", *words, "--from", "alice", "--rpc", node.url
    )

    assert 0 == said.code, said.err
    fields = node.asked("tx_build")[0]["fields"]
    assert sides == [leg["side"] for leg in fields["legs"]]
    assert [lots] * 2 == [leg["size_lots"] for leg in fields["legs"]]
    assert [True, False] == [leg["reduce_only"] for leg in fields["legs"]]
    assert (limit is not None, limit or "0") == (
        fields["net_limited"],
        fields["net_limit_quantums"],
    )


def test_rolling_nothing_is_not_found(novation: Run, traded: Run) -> None:
    node = traded(market_list={"items": [MARKET, FUTURE], **HEAD})
    words = ("position", "roll", "BTC-PERP", "BTC-26MAR27", "--from", "alice", "--rpc", node.url)

    assert 9 == novation(*words).code
