"""A market as `make up` gives it: feeders, maker, arbitrageur and keeper, and somebody who trades.

AGT-023, AGT-061 to AGT-066, AGT-090 to AGT-093: what commands, numbers and stored records say
of one height is one thing on all four nodes, positions net to zero, keepers race, and an agent
that is killed disturbs nobody.
"""

import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from chain.crypto.addresses import text_of
from node.devnet import agents, processes
from node.devnet.layout import load_network
from tests import given
from tests.interop.conftest import Processes
from tests.interop.test_command_line import Desk
from tests.ports import NETWORK_PORTS

pytestmark = pytest.mark.interop

NAMES = ("auth0", "auth1", "auth2", "auth3")
TRADERS = ("maker", "arbitrageur", "keeper", "quoter")
BTC = "BTC-PERP"


@pytest.fixture
def novation(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk("devnet", "down")


@pytest.fixture
def four(novation: Desk) -> Processes:
    """Return a network that `devnet up` left running with everything around it."""
    up = novation("devnet", "up", "--detach", "--port", str(next(NETWORK_PORTS)))
    assert 0 == up.code, up.err
    return Processes(load_network(novation.folder / ".novation/devnet"))


def rows(four: Processes, node: str, table: str, height: int) -> list[dict[str, Any]]:
    """Return all of a table at a height, as one node has it stored."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = four.call(node, "state_scan", table=table, cursor=cursor, at=str(height))
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def lots_by_account(four: Processes, node: str, height: int) -> dict[str, int]:
    """Return who holds how much of the market, from the stored positions."""
    return {
        row["key"]["account_holder"]: int(row["value"]["size_lots"])
        for row in rows(four, node, "positions", height)
        if row["key"]["instrument"] == BTC
    }


def numbers(four: Processes, node: str) -> dict[tuple[str, str], int]:
    """Return what a node shows of the market at `/metrics`, with its height."""
    with urllib.request.urlopen(four.network.place(node).rpc + "/metrics", timeout=10) as page:
        text = page.read().decode()
    return {
        (sample.name, sample.labels.get("side", "")): int(sample.value)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "novation_chain_height" or sample.labels.get("instrument") == BTC
    }


def numbers_agree(four: Processes, node: str) -> bool:
    """Return whether the numbers are those of the book and the market at their own height."""
    shown = numbers(four, node)
    at = str(shown["novation_chain_height", ""])
    book = four.call(node, "market_getBook", instrument=BTC, at=at)
    (market,) = (
        row for row in four.call(node, "market_list", at=at)["items"] if row["instrument"] == BTC
    )
    best = [side[0][0] if side else "0" for side in (book["bids"], book["asks"])]
    return (
        best == [str(shown["novation_market_best_ticks", side]) for side in ("buy", "sell")]
        and market["mark_price_ticks"] == str(shown["novation_market_mark_ticks", ""])
        and market["open_interest_lots"] == str(shown["novation_market_open_interest_lots", ""])
    )


def trades_count(four: Processes, node: str = "auth0") -> int:
    answer = four.call(node, "state_get", table="trade_counts", key={"instrument": BTC})
    return int(answer["value"]["trades_count"]) if answer["value"] else 0


def must_agree(four: Processes, novation: Desk, height: int) -> None:
    """Hold that everything said of a height is one thing, on every node."""
    four.until(lambda: all(four.height(name) >= height for name in NAMES))
    lots = lots_by_account(four, "auth0", height)
    assert all(lots == lots_by_account(four, name, height) for name in NAMES)
    assert 0 == sum(lots.values())
    assert 1 == len(four.roots_at(height))
    for name in NAMES:
        (market,) = (
            row
            for row in four.call(name, "market_list", at=str(height))["items"]
            if row["instrument"] == BTC
        )
        assert sum(size for size in lots.values() if size > 0) == int(market["open_interest_lots"])
        four.until(lambda at=name: numbers_agree(four, at), f"numbers of {name}")
    for account, size in lots.items():
        told = four.call("auth1", "position_list", account=account, at=str(height))["items"]
        assert [size] == [int(one["size_lots"]) for one in told if one["instrument"] == BTC]
    # What the command line says of alice is what two nodes compute from those records.
    shown = novation("account", "margin", "alice", "--at", str(height)).data
    again = four.call("auth3", "account_getMargin", account=shown["account"], at=str(height))
    assert again == shown
    assert int(shown["initial_margin_quantums"]) == sum(
        int(part["initial_quantums"]) for part in shown["parts"]
    )
    listed = novation("position", "list", "alice").data
    (mine,) = listed["items"]
    seen_height = int(listed["height"])
    four.until(lambda: four.height("auth2") >= seen_height)
    stored = lots_by_account(four, "auth2", seen_height)
    assert stored[mine["account"]] == int(mine["size_lots"])


def test_a_market_is_traded_and_everybody_says_the_same_of_it(
    novation: Desk, four: Processes
) -> None:
    running = {one["name"] for one in novation("devnet", "status").data["agents"] if one["pid"]}
    assert {*TRADERS, *(f"{name}-feeder" for name in NAMES)} == running
    assert 0 == novation("account", "deposit", "50_000", "--from", "alice").code

    placed = novation("order", "place", BTC, "buy", "2.5", "--market", "--from", "alice").data
    filled = [event for event in placed["events"] if event["name"] == "trades.traded"]
    assert 2_500 == sum(int(event["size_lots"]) for event in filled)
    must_agree(four, novation, int(placed["height"]))

    # The index drifts from a ladder that is left alone: the arbitrageur trades the gap.
    before = trades_count(four)
    drifted = str(btc_e8(four) * 1_004 // 1_000 // 10**8)
    assert 0 == novation("dev", "price", "BTC", drifted, "--over", "25s").code
    four.until(lambda: trades_count(four) > before, "a trade that nobody asked for")
    must_agree(four, novation, four.height("auth0") - 1)
    four.must_be_safe()


def test_an_agent_that_is_killed_disturbs_nobody(novation: Desk, four: Processes) -> None:
    assert 0 == novation("account", "deposit", "50_000", "--from", "alice").code
    assert 0 == novation("order", "place", BTC, "sell", "1", "--market", "--from", "alice").code

    for name in TRADERS:
        assert 0 == novation("devnet", "kill", name).code

    # The dead man takes the maker's orders; the chain, its prices and alice's margin go on.
    four.until(lambda: not four.call("auth2", "market_getBook", instrument=BTC)["bids"])
    four.grow(2)
    status = novation("devnet", "status").data
    assert [None] * len(TRADERS) == [
        one["pid"] for one in status["agents"] if one["name"] in TRADERS
    ]
    assert not status["degraded"]
    must_agree(four, novation, four.height("auth0") - 1)

    for name in TRADERS:
        assert novation("devnet", "start", name).data["started"]
    four.until(lambda: four.call("auth2", "market_getBook", instrument=BTC)["asks"], "asks again")
    closed = novation("position", "close", BTC, "--from", "alice").data
    assert closed["ok"]
    assert [] == novation("position", "list", "alice").data["items"]

    assert 0 == novation("devnet", "down", "--keep").code
    assert not any(one.pids for one in agents.programs_of(four.network))
    assert not any(processes.running_pid(four.folder(name)) for name in NAMES)


def quoted_call(four: Processes) -> str:
    """Return a call of the next date with a bid and an ask, nothing where there is none."""
    strikes = four.call("auth1", "market_getChain", underlying="BTC")["strikes"]
    calls = [one["call"] for one in strikes if one["call"] is not None]
    quoted = [one for one in calls if one["bid_price_ticks"] and one["ask_price_ticks"]]
    return next((str(one["instrument"]) for one in quoted), "")


def test_an_option_is_bought_from_whoever_quotes_it(novation: Desk, four: Processes) -> None:
    name = four.until(lambda: quoted_call(four), "a call with a bid and an ask")
    opened = ("account", "open", "--schedule", "portfolio", "--deposit", "150_000")
    assert 0 == novation(*opened, "--from", "alice/1").code

    placed = novation("order", "place", name, "buy", "0.1", "--market", "--from", "alice/1").data

    filled = [event for event in placed["events"] if event["name"] == "trades.traded"]
    assert 100 == sum(int(event["size_lots"]) for event in filled)
    (mine,) = novation("position", "list", "alice/1").data["items"]
    (sold,) = novation("position", "list", "quoter").data["items"]
    assert [(name, 100), (name, -100)] == [
        (one["instrument"], int(one["size_lots"])) for one in (mine, sold)
    ]
    margin = novation("account", "margin", "alice/1").data
    assert "portfolio" == novation("account", "show", "alice/1").data["schedule"]
    assert 0 < int(margin["initial_margin_quantums"]) < int(margin["equity_quantums"])


def closing(four: Processes) -> list[dict[str, Any]]:
    asked = {"name": "liquidation.closing", "fields": {"compartment": "main"}}
    accounts: list[dict[str, Any]] = four.call("auth0", "query_call", **asked)["value"]["accounts"]
    return accounts


def btc_e8(four: Processes) -> int:
    (price,) = (
        row["value"]["price_e8"]
        for row in four.call("auth0", "state_scan", table="prices")["items"]
        if row["key"]["feed"] == "BTC"
    )
    return int(price)


def account_of(name: str) -> str:
    return f"{text_of(given.address(name))}/0"


def held(four: Processes, account: str) -> int:
    """Return how many lots of the market an account holds."""
    answer = four.call(
        "auth0", "state_get", table="positions", key={"account_holder": account, "instrument": BTC}
    )
    return int(answer["value"]["size_lots"]) if answer["value"] else 0


def slices_taken(four: Processes) -> list[dict[str, Any]]:
    """Return every slice that a keeper took, from the events that a node keeps."""
    found: list[dict[str, Any]] = []
    next_seq = 0
    while True:
        page = four.call("auth0", "events_list", from_seq=str(next_seq), limit=1_000)
        found += [
            event
            for event in (item["event"] for item in page["items"])
            if event["name"] == "liquidation.slice_taken" and event["keeper_holder"]
        ]
        if int(page["next_seq"]) == next_seq:
            return found
        next_seq = int(page["next_seq"])


def test_two_keepers_race_for_who_falls_below_and_both_go_on(
    novation: Desk, four: Processes
) -> None:
    assert 0 == novation("account", "deposit", "4_000", "--from", "alice").code
    assert 0 == novation("order", "place", BTC, "buy", "1", "--market", "--from", "alice").code
    keepers = [account_of(name) for name in ("keeper", "bob")]
    words = ("agent", "run", "keeper", "--from", "bob", "--set", "every_ms=300")
    with novation.start(*words) as rival:
        four.until(
            lambda: four.call("auth0", "ledger_getBalances", holder=keepers[1])["balances"],
            "bob's account, which his keeper opens",
        )

        down = str(btc_e8(four) * 96 // 100 // 10**8)
        assert 0 == novation("dev", "price", "BTC", down, "--over", "8s").code

        taken = four.until(lambda: slices_taken(four), "a slice that a keeper took")
        four.until(lambda: not closing(four), "alice is above again")
        four.until(lambda: not any(held(four, one) for one in keepers), "keepers closed theirs")
        rival.send_signal(signal.SIGINT)
        out, err = rival.communicate(timeout=30)

    assert 0 == rival.returncode, err
    assert "Traceback" not in out + err
    assert {event["keeper_holder"] for event in taken} <= {*keepers}
    assert all(int(event["allowance_quantums"]) > 0 for event in taken)
    assert 0 < held(four, account_of("alice")) < 1_000
    must_agree(four, novation, four.height("auth0") - 1)
    (keeper,) = (one for one in agents.programs_of(four.network) if one.name == "keeper")
    assert "Traceback" not in (keeper.folder / keeper.console_name).read_text()
