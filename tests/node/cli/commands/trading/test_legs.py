"""Legs and spreads in decimals. Criteria: CLI-075 to CLI-077 of docs/specs/cli.md."""

from collections.abc import Callable
from typing import Any

import pytest

from node.cli.commands.trading.legs import Leg, leg_lines, leg_of, spread_quantums
from node.client.failures import Failure
from node.client.instruments import Terms
from node.client.transport import Client
from tests.node.cli.commands.trading.conftest import MARKET

PERP = Terms("BTC-PERP", "USD", "0.5", "0.001", MARKET)


@pytest.mark.parametrize(
    ("text", "leg"),
    [
        ("btc-perp:0.5", Leg(PERP, 1, 500, 0)),
        ("BTC-PERP:+1", Leg(PERP, 1, 1_000, 0)),
        ("BTC-PERP:-0.5@64_000", Leg(PERP, 2, 500, 128_000)),
    ],
)
def test_a_leg_is_an_instrument_a_signed_size_and_maybe_a_limit(
    traded: Callable[..., Any], text: str, leg: Leg
) -> None:
    assert leg == leg_of(Client(traded().url, 2_000), text)


@pytest.mark.parametrize("text", ["BTC-PERP", "BTC-PERP:", "BTC-PERP:1@", "BTC-PERP:1@x", ":1"])
def test_what_is_no_leg_is_refused(traded: Callable[..., Any], text: str) -> None:
    with pytest.raises(Failure):
        leg_of(Client(traded().url, 2_000), text)


def test_where_a_price_is_asked_for_a_leg_without_one_is_none(traded: Callable[..., Any]) -> None:
    client = Client(traded().url, 2_000)

    with pytest.raises(Failure, match="is no leg"):
        leg_of(client, "BTC-PERP:1", priced=True)
    assert 128_000 == leg_of(client, "BTC-PERP:1@64000", priced=True).ticks


@pytest.mark.parametrize(
    ("spread", "lots", "quantums"),
    [
        ("400", 1_000, 400_000_000),
        ("-400.5", 2, -801_000),
        ("0.0000015", 1_000, 1),  # a limit of 1.5 quantums is one of 1
        ("-0.0000015", 1_000, -2),
    ],
)
def test_a_spread_is_never_looser_than_asked(spread: str, lots: int, quantums: int) -> None:
    assert quantums == spread_quantums(spread, PERP, lots, 6)


def test_each_leg_is_told_with_its_own_fills() -> None:
    def fill(instrument: str, lots: int, ticks: int) -> dict[str, Any]:
        name = "trades.traded"
        return {"name": name, "instrument": instrument, "size_lots": lots, "price_ticks": ticks}

    future = Terms("BTC-26MAR27", "USD", "0.5", "0.001", MARKET)
    told = [fill("BTC-PERP", 600, 127_990), fill("BTC-PERP", 400, 127_980)]
    told.append(fill("BTC-26MAR27", 1_000, 130_010))

    lines = leg_lines({"events": told}, [Leg(PERP, 2, 1_000, 0), Leg(future, 1, 1_000, 0)])

    assert [
        "sold 1 BTC-PERP: 0.6 at 63,995, 0.4 at 63,990",
        "bought 1 BTC-26MAR27: 1 at 65,005",
    ] == lines
