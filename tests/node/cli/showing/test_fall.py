"""CLI-087: the story of an account over blocks."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from node.cli.session import Session
from node.cli.showing.fall import Fall, Happening, fall_data, fall_lines, fall_of
from node.client.failures import Failure
from tests.node.client.fake_node import FakeNode

ME = "nov1me/0"
Serve = Callable[..., FakeNode]


def happened(name: str, height: int, **fields: Any) -> dict[str, Any]:
    amounts = {"equity_quantums": "5000000", "maintenance_quantums": "6000000"}
    event = {"name": name, "account_holder": ME, **amounts, **fields}
    return {"seq": str(height), "height": str(height), "time_ms": 0, "event": event}


def points(from_height: str | int, to_height: str | int, **_: Any) -> dict[str, Any]:
    items = [
        {
            "height": str(height),
            "time_ms": 0,
            "equity_quantums": str(10_000_000 - height * 10_000),
            "initial_margin_quantums": "7000000",
            "maintenance_margin_quantums": "6000000",
        }
        for height in range(int(from_height), int(to_height) + 1)
    ]
    return {"items": items}


@pytest.fixture
def session(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setenv("HOME", str(tmp_path))

    def make(*past: dict[str, Any], height: int = 900, series: Any = points) -> Session:
        made = Session()
        made.rpc = serve(
            account_get={"settlement_asset": "USD"},
            account_getHistory={"items": list(past), "next_cursor": None, "height": str(height)},
            risk_getSeries=series,
            state_get={"value": {"decimals": 6}},
        ).url
        return made

    return make


def test_it_is_around_what_was_marked_last(session: Callable[..., Session]) -> None:
    flagged, warned = "margin.account_flagged", "margin.margin_warned"
    past = [happened(flagged, 510), happened(warned, 500), happened(warned, 100)]

    found = fall_of(session(*past), ME, "alice/0", None, None)

    assert (488, 522) == (found.heights[0], found.heights[-1])
    assert [(500, "warned"), (510, "flagged")] == [
        (one.height, one.word) for one in found.happenings
    ]


def test_without_marks_it_is_the_newest_hundred_blocks(session: Callable[..., Session]) -> None:
    deposited = happened("accounts.collateral_deposited", 850, amount_quantums="1", asset="USD")

    found = fall_of(session(deposited), ME, "alice/0", None, None)

    assert (800, 900, []) == (found.heights[0], found.heights[-1], found.happenings)


def test_blocks_that_are_named_are_those(session: Callable[..., Session]) -> None:
    found = fall_of(session(), ME, "alice/0", 3, 7)

    assert [3, 4, 5, 6, 7] == found.heights


def test_what_it_did_as_a_keeper_is_not_its_fall(session: Callable[..., Session]) -> None:
    taken = happened("margin.account_flagged", 500, account_holder="nov1other/0")

    assert [] == fall_of(session(taken), ME, "alice/0", None, None).happenings


def test_an_account_that_was_not_open_then_is_not_found(session: Callable[..., Session]) -> None:
    with pytest.raises(Failure) as refused:
        fall_of(session(series={"items": []}), ME, "alice/0", 1, 2)

    assert 9 == refused.value.exit_code


FALL = Fall(
    who="alice/0",
    asset="USD",
    decimals=6,
    heights=[7, 8, 9],
    equity=[9_000_000, 5_000_000, 1_000_000],
    maintenance=[2_000_000, 2_000_000, 2_000_000],
    initial=[3_000_000, 3_000_000, 3_000_000],
    happenings=[Happening(9, "flagged", "flagged: it may be liquidated")],
)


def test_the_terminal_shows_both_curves_and_what_happened() -> None:
    lines = fall_lines(FALL)

    assert "alice/0, blocks 7 to 9: ● equity, ─ maintenance, in USD" == lines[0]
    assert lines[1].split()[0] == "9.00"
    assert any("●" in line for line in lines)
    assert any("─" in line[12:] for line in lines[1:])
    assert "  block 9  flagged: it may be liquidated" == lines[-1]


def test_as_json_it_has_every_point_and_happening() -> None:
    data = fall_data(FALL)

    assert ["7", "8", "9"] == [point["height"] for point in data["points"]]
    assert "5000000" == data["points"][1]["equity_quantums"]
    assert ["flagged"] == [one["what"] for one in data["happenings"]]
