"""How an account would stand. Criterion: CLI-086 of docs/specs/cli.md."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from node.devnet.seeds import development_seed
from node.keystore.store import Keystore
from tests.node.cli.showing.test_fall import points
from tests.node.cli.showing.test_standing import MARKETS, stand
from tests.node.client.fake_node import FakeNode

Run = Callable[..., Any]
Serve = Callable[..., FakeNode]
HEAD = {"height": "9", "time_ms": 5, "finalized": True}
USD = {"value": {"decimals": 6}}
ACCOUNT = {"settlement_asset": "USD"}


@pytest.fixture(autouse=True)
def keys(novation: Run, tmp_path: Path) -> None:
    folder = tmp_path / "home/.novation/keys"
    Keystore([folder]).create("alice", None, seed=development_seed("alice"))


def test_legs_and_moves_are_turned_into_integers(novation: Run, serve: Serve) -> None:
    answer = {"before": stand(1), "after": stand(2), "fee_quantums": "9600000", **HEAD}
    node = serve(risk_whatIf=answer, state_get=USD, market_list=MARKETS)

    said = novation(
        *("risk", "what-if", "--account", "alice", "--rpc", node.url),
        *("--leg", "btc-perp:0.5", "--leg", "BTC-PERP:-2", "--price", "btc=-2.5%"),
    )

    assert 0 == said.code, said.err
    (asked,) = node.asked("risk_whatIf")
    assert ["500", "-2000"] == [leg["size_lots"] for leg in asked["legs"]]
    assert [{"underlying": "BTC", "price_move_ppm": -25_000}] == asked["moves"]
    assert "fee 9.60 USD" in said.out


def test_volatility_is_a_move_of_its_own(novation: Run, serve: Serve) -> None:
    answer = {"before": stand(1), "after": stand(2), "fee_quantums": "0", **HEAD}
    node = serve(risk_whatIf=answer, state_get=USD, market_list=MARKETS)

    said = novation(
        *("risk", "what-if", "--account", "alice", "--rpc", node.url),
        *("--price", "btc=+5%", "--vol", "btc=-12.5%"),
    )

    assert 0 == said.code, said.err
    assert [
        {"underlying": "BTC", "price_move_ppm": 50_000},
        {"underlying": "BTC", "volatility_move_ppm": -125_000},
    ] == node.asked("risk_whatIf")[0]["moves"]


def test_a_payoff_is_drawn_for_legs_and_a_date(novation: Run, serve: Serve) -> None:
    point = {"price_e8": "6400000000000", "now_quantums": "0", "expiry_quantums": "5000000"}
    answer = {
        "underlying": "BTC",
        "price_e8": "6400000000000",
        "expiry_ms": 1_806_048_000_000,
        "items": [point] * 30,
        "zeros_e8": [],
        **HEAD,
    }
    node = serve(risk_getPayoff=answer, account_get=ACCOUNT, state_get=USD, market_list=MARKETS)

    said = novation(
        *("risk", "payoff", "btc", "--account", "alice", "--rpc", node.url),
        *("--leg", "BTC-PERP:-0.5", "--date", "26mar27", "--reach", "50%"),
    )

    assert 0 == said.code, said.err
    (asked,) = node.asked("risk_getPayoff")
    assert ("BTC", 1_806_048_000_000, 500_000) == (
        asked["underlying"],
        asked["expiry_ms"],
        asked["reach_ppm"],
    )
    assert ["-500"] == [leg["size_lots"] for leg in asked["legs"]]
    assert "alice" in said.out
    assert "5 USD" in said.out.replace("5.00", "5")


def test_what_is_no_date_has_no_payoff(novation: Run, serve: Serve) -> None:
    node = serve(state_get=USD, market_list=MARKETS)

    said = novation(
        *("risk", "payoff", "BTC", "--account", "alice", "--rpc", node.url, "--date", "tomorrow")
    )

    assert 2 == said.code
    assert "25DEC26" in said.err


@pytest.mark.parametrize(
    "words",
    [
        ("--vol", "BTC=5"),
        ("--leg", "BTC-PERP"),
        ("--price", "BTC=5"),
        ("--price", "5%"),
        ("--price", "BTC=x%"),
        ("--price", "BTC=-100%"),
        ("--price", "BTC=1001%"),
        ("--leg", ":1"),
        ("--leg", "BTC-PERP:0.0001"),
    ],
)
def test_what_is_no_leg_and_no_move_is_refused(
    novation: Run, serve: Serve, words: tuple[str, str]
) -> None:
    node = serve(state_get=USD, market_list=MARKETS)

    said = novation("risk", "what-if", "--account", "alice", *words, "--rpc", node.url)

    assert 2 == said.code
    assert [] == node.asked("risk_whatIf")


def test_scenarios_name_the_worst(novation: Run, serve: Serve) -> None:
    losses = [
        {
            "price_move_ppm": move,
            "volatility": 0,
            "weight_ppm": 1_000_000,
            "loss_quantums": loss,
            "worst": worst,
        }
        for move, loss, worst in ((-40_000, "1280001000", True), (40_000, "-1280000000", False))
    ]
    item = {"underlying": "BTC", "scan_quantums": "1280001000", "scenarios": losses}
    node = serve(risk_getScenarios={"items": [item], **HEAD}, account_get=ACCOUNT, state_get=USD)

    said = novation("risk", "scenarios", "--account", "alice", "--rpc", node.url)

    assert ["-4", "%", "100", "%", "1,280.001", "USD", "worst"] == said.out.splitlines()[3].split()
    assert "BTC: at worst 1,280.001 USD (MARG-030)" in said.out


def test_greeks_are_shown_by_underlying(novation: Run, serve: Serve) -> None:
    item = {
        "underlying": "BTC",
        "delta_quantums": "32000000000",
        "positions_delta_quantums": "32000000000",
        "gamma_quantums": "0",
        "vega_quantums": "-12000000",
        "theta_quantums": "250000",
        "funding_8h_quantums": "0",
    }
    node = serve(risk_getGreeks={"items": [item], **HEAD}, account_get=ACCOUNT, state_get=USD)

    said = novation("risk", "greeks", "--account", "alice", "--rpc", node.url)

    assert "320.00 USD" in said.out
    assert "-12.00 USD" in said.out
    assert (
        item
        == novation("risk", "greeks", "--account", "alice", "--json", "--rpc", node.url).document[
            "data"
        ]["items"][0]
    )


def test_an_account_with_nothing_says_so(novation: Run, serve: Serve) -> None:
    node = serve(
        risk_getScenarios={"items": [], **HEAD},
        risk_getGreeks={"items": [], **HEAD},
        account_get=ACCOUNT,
        state_get=USD,
    )

    for verb, words in (("scenarios", "nothing that could lose"), ("greeks", "nothing that moves")):
        assert words in novation("risk", verb, "--account", "alice", "--rpc", node.url).out


def plotted(serve: Serve) -> FakeNode:
    return serve(
        account_get=ACCOUNT,
        account_getHistory={"items": [], "next_cursor": None, "height": "9"},
        risk_getSeries=points,
        state_get=USD,
    )


def test_a_fall_is_drawn_on_the_terminal(novation: Run, serve: Serve) -> None:
    said = novation("risk", "plot", "alice", "--rpc", plotted(serve).url)

    assert 0 == said.code, said.err
    assert said.out.startswith("alice/0, blocks 0 to 9: ● equity")


def test_a_fall_is_written_as_a_picture(novation: Run, serve: Serve, tmp_path: Path) -> None:
    file = tmp_path / "fall.png"

    said = novation(
        *("risk", "plot", "alice", "--from-block", "2", "--out", str(file), "--json"),
        *("--rpc", plotted(serve).url),
    )

    assert 0 == said.code, said.err
    assert str(file) == said.document["data"]["file"]
    assert "2" == said.document["data"]["points"][0]["height"]
    assert file.exists()
