"""What backs positions. Criteria: CLI-071 and CLI-099 of docs/specs/cli.md."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.node.cli.commands.trading.conftest import ALICE, HEAD
from tests.node.client.fake_node import Refuse

Run = Callable[..., Any]
ACCOUNT = {
    "state": "warning",
    "mode": "cross",
    "schedule": "standard",
    "compartment": "main",
    "settlement_asset": "USD",
    "collateral": [
        {
            "asset": "BTC",
            "amount_quantums": "150000000",
            "value_quantums": "96000000000",
            "haircut_ppm": 100_000,
        }
    ],
    "equity_quantums": "96000000000",
    "initial_margin_quantums": "9600000000",
    "maintenance_margin_quantums": "9600000000",
    "free_quantums": "0",
    **HEAD,
}
MARGIN = {
    "equity_quantums": "96000000000",
    "excess_quantums": "86400000000",
    "initial_margin_quantums": "9600000000",
    "maintenance_margin_quantums": "9600000000",
    "parts": [
        {
            "name": "haircut",
            "initial_quantums": "9600000000",
            "maintenance_quantums": "9600000000",
            "rule": "MARG-025",
        }
    ],
    "worst": {"underlying": "BTC", "price_move_ppm": -40_000, "loss_quantums": "3840000000"},
    **HEAD,
}


@pytest.mark.parametrize(
    ("verb", "kind"),
    [("deposit", "accounts.deposit"), ("withdraw", "margin.withdraw_collateral")],
)
def test_amounts_move_between_wallet_and_account(
    novation: Run, traded: Run, verb: str, kind: str
) -> None:
    node = traded()
    words = ("account", verb, "2.5", "--asset", "BTC", "--from", "alice/1")

    said = novation(*words, "--rpc", node.url)

    assert 0 == said.code, said.err
    (built,) = node.asked("tx_build")
    assert kind == built["kind"]
    expected = {"account_holder": ALICE + "/1", "asset": "BTC", "amount_quantums": "250000000"}
    assert expected == built["fields"]
    assert "alice/1" in said.out


def test_an_account_is_margined_by_another_schedule(novation: Run, traded: Run) -> None:
    node = traded()

    said = novation("account", "schedule", "portfolio", "--from", "alice/1", "--rpc", node.url)

    assert 0 == said.code, said.err
    (built,) = node.asked("tx_build")
    assert "margin.set_schedule" == built["kind"]
    assert {"account_holder": ALICE + "/1", "schedule": "portfolio"} == built["fields"]
    assert "alice/1 is margined by portfolio" in said.out


def test_an_account_is_opened_as_asked(novation: Run, traded: Run) -> None:
    node = traded()

    said = novation("account", "open", "--mode", "isolated", "--from", "alice/1", "--rpc", node.url)

    assert 0 == said.code, said.err
    fields = node.asked("tx_build")[0]["fields"]
    assert (1, "standard", "main") == tuple(
        fields[name] for name in ("mode", "schedule", "compartment")
    )


def test_an_account_is_opened_backed_and_margined_by_portfolio_in_one_list(
    novation: Run, traded: Run
) -> None:
    node = traded()
    words = ("account", "open", "--schedule", "portfolio", "--deposit", "150_000")

    said = novation(*words, "--from", "alice/1", "--rpc", node.url)

    assert 0 == said.code, said.err
    assert "alice/1 opened, cross, portfolio, with 150,000.00 USD" in said.out
    actions = node.asked("tx_build")[0]["fields"]["actions"]
    assert [
        ("accounts.open", "standard"),
        ("accounts.deposit", None),
        ("margin.set_schedule", "portfolio"),
    ] == [(one["kind"], one["fields"].get("schedule")) for one in actions]
    assert "150000000000" == actions[1]["fields"]["amount_quantums"]
    assert {ALICE + "/1"} == {one["fields"]["account_holder"] for one in actions}


def test_a_schedule_that_asks_for_equity_names_the_deposit(novation: Run, traded: Run) -> None:
    def simulated(**_: Any) -> Any:
        facts = {"schedule": "portfolio", "required_quantums": "100000000000"}
        raise Refuse(4107, "margin.entry_equity_short", "too little equity", facts)

    node = traded(tx_simulate=simulated)

    said = novation(
        "account", "open", "--schedule", "portfolio", "--from", "alice/1", "--rpc", node.url
    )

    assert 4 == said.code
    assert "--deposit AMOUNT, in USD" in said.err


def test_an_account_is_shown_in_whole_units(novation: Run, traded: Run) -> None:
    said = novation("account", "show", "alice", "--rpc", traded(account_get=ACCOUNT).url)

    assert "alice/0: warning, cross" in said.out
    assert "96,000.00 USD" in said.out
    assert "1.50" in said.out


def test_margin_is_shown_by_its_parts_with_their_rules(novation: Run, traded: Run) -> None:
    node = traded(account_get=ACCOUNT, account_getMargin=MARGIN)

    said = novation("account", "margin", "alice", "--rpc", node.url)

    assert "excess 86,400.00" in said.out
    assert "MARG-025" in said.out
    assert "worst: BTC -4 % loses 3,840.00 USD" in said.out


def test_an_account_of_nobody_exits_7(novation: Run, traded: Run) -> None:
    assert 7 == novation("account", "show", "--rpc", traded().url).code


def test_a_history_is_told_in_sentences(novation: Run, traded: Run) -> None:
    event = {
        "name": "accounts.collateral_deposited",
        "account_holder": ALICE + "/0",
        "asset": "USD",
        "amount_quantums": "5000000",
    }
    item = {"seq": "4", "height": "8", "time_ms": 1_000, "event": event}
    node = traded(
        account_getHistory={**HEAD, "items": [item], "next_cursor": "4"}, account_get=ACCOUNT
    )

    said = novation("account", "history", "alice", "--limit", "1", "--rpc", node.url)

    assert 0 == said.code, said.err
    assert "1970-01-01 00:00:01      8  deposited 5.00 USD" in said.out
    assert "older: --cursor 4" in said.out


def test_margin_is_explained_number_by_number(novation: Run, traded: Run) -> None:
    lines = [
        {"sum": total, "name": name, "of": of, "quantums": quantums, "rule": rule}
        for total, name, of, quantums, rule in (
            ("equity", "cash", "", "96000000000", "MARG-025"),
            ("risk", "scan", "BTC", "2560002000", "MARG-030"),
            ("risk", "basis", "BTC", "320000000", "MARG-031"),
        )
    ]
    node = traded(account_getMargin={**MARGIN, "lines": lines}, account_get=ACCOUNT)

    said = novation("account", "margin", "alice", "--explain", "--rpc", node.url)

    assert 0 == said.code, said.err
    assert "  risk = 2,880.002" in said.out
    assert "  equity = 96,000.00" in said.out
    rows = [line.split() for line in said.out.splitlines()]
    assert ["scan", "BTC", "2,560.002", "MARG-030"] in rows
