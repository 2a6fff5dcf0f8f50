"""Orders in decimals. Criteria: CLI-070, CLI-072 of docs/specs/cli.md."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.node.cli.commands.trading.conftest import ALICE, HEAD, MARKET, PLACED

Run = Callable[..., Any]


def place(novation: Run, node: Any, *words: str) -> Any:
    return novation("order", "place", *words, "--from", "alice", "--rpc", node.url, "--json")


def test_decimals_become_lots_and_ticks(novation: Run, traded: Run) -> None:
    node = traded()

    said = place(novation, node, "btc-perp", "buy", "2.5", "--price", "64_000")

    assert 0 == said.code, said.err
    fields = node.asked("tx_build")[0]["fields"]
    assert {
        "account_holder": ALICE + "/0",
        "instrument": "BTC-PERP",
        "side": 1,
        "price_ticks": "128000",
        "size_lots": "2500",
        "time_in_force": 1,
    }.items() <= fields.items()


@pytest.mark.parametrize(
    ("size", "price", "nearest"),
    [("2.5", "64000.3", ["64000", "64000.5"]), ("0.0015", "64000", ["0.001", "0.002"])],
)
def test_what_is_between_two_values_is_refused_with_both_and_nothing_is_built(
    novation: Run, traded: Run, size: str, price: str, nearest: list[str]
) -> None:
    node = traded()

    said = place(novation, node, "BTC-PERP", "sell", size, "--price", price)

    assert 2 == said.code
    assert nearest == said.document["error"]["details"]["nearest"]
    assert [] == node.asked("tx_build")


def test_a_market_order_is_immediate_and_may_be_protected(novation: Run, traded: Run) -> None:
    node = traded()

    place(novation, node, "BTC-PERP", "sell", "1", "--market", "--protect", "63_000")

    fields = node.asked("tx_build")[0]["fields"]
    assert (2, "126000", 2) == tuple(
        fields[name] for name in ("side", "price_ticks", "time_in_force")
    )


@pytest.mark.parametrize(
    "text", ["2027-01-31T08:00", "2027-01-31 08:00Z", "2027-01-31T09:00+01:00"]
)
def test_an_order_may_end_at_a_time(novation: Run, traded: Run, text: str) -> None:
    node = traded()

    place(novation, node, "BTC-PERP", "buy", "1", "--price", "60000", "--good-till", text)

    assert 1_801_382_400_000 == node.asked("tx_build")[0]["fields"]["good_till_ms"]


def test_what_is_neither_a_span_nor_a_time_is_refused(novation: Run, traded: Run) -> None:
    said = place(novation, traded(), "BTC-PERP", "buy", "1", "--price", "1", "--good-till", "soon")

    assert (2, "client.usage") == (said.code, said.document["error"]["reason"])


def test_a_stop_has_its_trigger_and_an_end(novation: Run, traded: Run) -> None:
    node = traded()

    place(
        novation, node, "BTC-PERP", "sell", "1", "--price", "60000", "--stop", "61000",
        "--good-till", "1h",
    )  # fmt: skip

    fields = node.asked("tx_build")[0]["fields"]
    assert (1, "122000", 3_601_000) == tuple(
        fields[name] for name in ("trigger_kind", "trigger_ticks", "good_till_ms")
    )


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--price", "1", "--market"),
        ("--price", "1", "--protect", "1"),
        ("--price", "1", "--stop", "2", "--take-profit", "3"),
    ],
)
def test_wishes_that_exclude_each_other_are_a_fault_of_usage(
    novation: Run, traded: Run, words: tuple[str, ...]
) -> None:
    assert 2 == place(novation, traded(), "BTC-PERP", "buy", "1", *words).code


def test_an_unknown_instrument_is_not_found_and_the_nearest_named(
    novation: Run, traded: Run
) -> None:
    said = place(novation, traded(), "BTC-PREP", "buy", "1", "--price", "1")

    assert 9 == said.code
    assert "did you mean BTC-PERP" in said.document["error"]["message"]


def test_people_are_told_what_filled_and_what_rests(novation: Run, traded: Run) -> None:
    node = traded(PLACED)
    words = ("order", "place", "BTC-PERP", "buy", "2.5", "--price", "64000", "--from", "alice")

    said = novation(*words, "--rpc", node.url)

    assert "order 7: buy 2.5 BTC-PERP at 64,000" in said.out
    assert "filled 1 at 63,999.5" in said.out
    assert "rests 1.5" in said.out


def test_open_orders_are_listed_in_decimals(novation: Run, traded: Run) -> None:
    item = {
        "order_id": 7, "instrument": "BTC-PERP", "side": "buy", "price_ticks": "128000",
        "size_lots": "2500", "remaining_lots": "1500", "state": "resting", "client_id": "mine",
    }  # fmt: skip
    node = traded(order_list={"items": [item], **HEAD})

    said = novation("order", "list", "alice", "--rpc", node.url)

    assert "1.5" in said.out
    assert "64,000" in said.out
    assert ALICE + "/0" == node.asked("order_list")[0]["account"]


@pytest.mark.parametrize(
    ("words", "order_id", "client_id"), [(("7",), 7, ""), (("--client-id", "mine"), 0, "mine")]
)
def test_an_order_is_cancelled_by_number_or_name(
    novation: Run, traded: Run, words: tuple[str, ...], order_id: int, client_id: str
) -> None:
    node = traded()

    said = novation("order", "cancel", *words, "--from", "alice/2", "--rpc", node.url)

    assert 0 == said.code
    expected = {"account_holder": ALICE + "/2", "order_id": order_id, "client_id": client_id}
    assert expected == node.asked("tx_build")[0]["fields"]


def test_cancelling_nothing_in_particular_is_a_fault_of_usage(novation: Run, traded: Run) -> None:
    assert 2 == novation("order", "cancel", "--from", "alice", "--rpc", traded().url).code


def test_cancelling_all_says_how_many(novation: Run, traded: Run) -> None:
    node = traded([{"name": "orders.order_cancelled", "order_id": 1}] * 2)

    said = novation("order", "cancel-all", "--from", "alice", "--rpc", node.url)

    assert "2 orders cancelled" in said.out


def test_margin_that_is_short_is_said_in_whole_units_and_nothing_is_sent(
    novation: Run, traded: Run
) -> None:
    refused = {
        "ok": False, "code": 2902, "reason": "margin.initial_margin_short", "message": "short",
        "facts": {"account": ALICE + "/0", "short_by_quantums": "2500000"},
    }  # fmt: skip
    node = traded(foreseen=refused, account_get={"settlement_asset": "USD"})
    words = ("order", "place", "BTC-PERP", "buy", "100", "--price", "64000", "--from", "alice")

    said = novation(*words, "--rpc", node.url)

    assert 4 == said.code
    assert "short by 2.50 USD" in said.err
    assert [] == node.asked("tx_submit")


@pytest.mark.parametrize(
    ("excess", "is_said"), [("-9000000", True), ("-2500000", False), ("-1", False)]
)
def test_an_order_refused_at_its_first_fills_is_told_what_all_of_it_needs(
    novation: Run, traded: Run, excess: str, is_said: bool
) -> None:
    refused = {
        "ok": False, "code": 2902, "reason": "margin.initial_margin_short", "message": "short",
        "facts": {"account": ALICE + "/0", "short_by_quantums": "2500000"},
    }  # fmt: skip
    after = {
        "settlement_asset": "USD",
        "initial_margin_quantums": "10000000",
        "excess_quantums": excess,
    }
    node = traded(
        foreseen=refused, account_get={"settlement_asset": "USD"}, risk_whatIf={"after": after}
    )

    said = place(novation, node, "BTC-PERP", "sell", "9", "--market")

    leg = {"instrument": "BTC-PERP", "size_lots": "-9000"}
    assert [leg] == node.asked("risk_whatIf")[0]["legs"]
    whole = "all 9, at the mark, would need 10.00 USD and be short by 9.00 USD"
    assert is_said == (whole in said.document["error"]["hint"])


FUTURE = {**MARKET, "instrument": "BTC-26MAR27", "kind": "future"}
BOTH = {"items": [MARKET, FUTURE], **HEAD}


def bundle(novation: Run, node: Any, *words: str) -> Any:
    return novation("order", "bundle", *words, "--from", "alice", "--rpc", node.url, "--json")


def test_legs_and_net_become_a_bundle(novation: Run, traded: Run) -> None:
    """CLI-075."""
    node = traded(market_list=BOTH)

    said = bundle(
        novation, node, "--leg", "BTC-PERP:-1", "--leg", "BTC-26MAR27:1@65_000",
        "--net", "-1_000.5", "--reduce-only", "btc-perp",
    )  # fmt: skip

    assert 0 == said.code, said.err
    first = {"instrument": "BTC-PERP", "side": 2, "size_lots": "1000", "price_ticks": "0"}
    second = {"instrument": "BTC-26MAR27", "side": 1, "size_lots": "1000", "price_ticks": "130000"}
    assert {
        "account_holder": ALICE + "/0",
        "legs": [{**first, "reduce_only": True}, {**second, "reduce_only": False}],
        "net_limited": True,
        "net_limit_quantums": "-1000500000",
        "self_trade": 0,
    } == node.asked("tx_build")[0]["fields"]


def test_without_a_net_none_is_sent(novation: Run, traded: Run) -> None:
    node = traded(market_list=BOTH)

    bundle(novation, node, "--leg", "BTC-PERP:-1", "--leg", "BTC-26MAR27:1")

    fields = node.asked("tx_build")[0]["fields"]
    assert (False, "0") == (fields["net_limited"], fields["net_limit_quantums"])


@pytest.mark.parametrize(
    "words", [(), ("--leg", "BTC-PERP:1", "--leg", "BTC-26MAR27:-1", "--reduce-only", "ETH-PERP")]
)
def test_no_leg_or_one_that_is_not_there_is_a_fault_of_usage(
    novation: Run, traded: Run, words: tuple[str, ...]
) -> None:
    assert 2 == bundle(novation, traded(market_list=BOTH), *words).code


@pytest.mark.parametrize(
    ("net", "said_so"),
    [("1010000000", "filled for 1,010.00 USD"), ("-5000000", "filled bringing 5.00 USD")],
)
def test_people_are_told_what_a_bundle_cost_and_each_leg(
    novation: Run, traded: Run, net: str, said_so: str
) -> None:
    told: list[dict[str, Any]] = [
        {"name": "trades.traded", "instrument": name, "size_lots": "1000", "price_ticks": ticks}
        for name, ticks in (("BTC-PERP", "127990"), ("BTC-26MAR27", "130010"))
    ]
    told.append({"name": "orders.bundle_filled", "net_quantums": net, "legs_count": 2})
    node = traded(told, market_list=BOTH)
    words = ("order", "bundle", "--leg", "BTC-PERP:-1", "--leg", "BTC-26MAR27:1", "--from", "alice")

    said = novation(*words, "--rpc", node.url)

    assert f"2 legs {said_so}" in said.out
    assert "bought 1 BTC-26MAR27: 1 at 65,005" in said.out
