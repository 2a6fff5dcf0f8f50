"""CLI-081: what happened to an account, in words."""

from collections.abc import Callable
from typing import Any

import pytest

from node.cli.session import Session
from node.cli.showing.telling import SENTENCES, Telling
from node.client.keyring import Keyring
from node.devnet.seeds import development_seed
from node.history.topics import ACCOUNT_FIELDS
from node.keystore.store import Keystore
from tests.node.client.fake_node import FakeNode

ME, OTHER = "nov1me/0", "nov1other/1"
MARKETS = {
    "items": [{"instrument": "BTC-PERP", "quote": "USD", "tick_size": "0.5", "lot_size": "0.001"}],
    "next_cursor": None,
}
LEG = {"instrument": "BTC-PERP", "size_lots": "-100", "price_ticks": "122600"}
SLICE = {
    "name": "liquidation.slice_taken",
    "account_holder": ME,
    "keeper_holder": OTHER,
    "legs": [LEG],
    "collateral": [{"asset": "BTC", "amount_quantums": "150000000"}],
    "paid_quantums": "14729200",
    "equity_before_quantums": "1280800000",
    "equity_after_quantums": "1266070800",
}
TRADE = {
    "name": "trades.traded",
    "instrument": "BTC-PERP",
    "price_ticks": "128000",
    "size_lots": "500",
    "buyer_holder": ME,
    "seller_holder": OTHER,
    "buyer_fee_quantums": "9600000",
    "seller_fee_quantums": "-1600000",
    "buyer_realised_quantums": "0",
    "seller_realised_quantums": "-250000000",
}


@pytest.fixture
def telling(serve: Callable[..., FakeNode], tmp_path: Any) -> Callable[..., Telling]:
    folder = tmp_path / "keys"
    Keystore([folder]).create("bob", None, seed=development_seed("bob"))

    def asset(table: str, key: dict[str, str]) -> dict[str, Any]:
        return {"value": {"decimals": 8 if key["asset"] == "BTC" else 6}}

    def make(account: str = ME) -> Telling:
        session = Session()
        session.rpc = serve(state_get=asset, market_list=MARKETS).url
        session._keyring = Keyring([folder], None)
        return Telling(session, account, "USD")

    return make


def test_a_trade_is_told_from_the_side_of_the_account(telling: Callable[..., Telling]) -> None:
    assert "bought 0.5 BTC-PERP at 64,000, fee 9.60 USD" == telling(ME).line(TRADE)
    expected = "sold 0.5 BTC-PERP at 64,000, rebate 1.60 USD, realised -250.00 USD"
    assert expected == telling(OTHER).line(TRADE)


def test_an_option_was_paid_for_and_nothing_is_realised(telling: Callable[..., Telling]) -> None:
    call = {"instrument": "BTC-26MAR27-64000-C", "kind": "call"}
    MARKETS["items"].append({**MARKETS["items"][0], **call})  # type: ignore[attr-defined]
    moved = {"buyer_realised_quantums": "-2000000", "seller_realised_quantums": "2000000"}
    fees = {"buyer_fee_quantums": "0", "seller_fee_quantums": "0"}
    event = {**TRADE, **moved, **fees, "instrument": call["instrument"], "price_ticks": "400"}

    bought, sold = (telling(who).line(event) for who in (ME, OTHER))

    assert "bought 0.5 BTC-26MAR27-64000-C at 200, paid 2.00 USD" == bought
    assert "sold 0.5 BTC-26MAR27-64000-C at 200, received 2.00 USD" == sold
    ended = {**event, "name": "futures.position_settled", "realised_quantums": "-5000000"}
    assert telling(OTHER).line(ended).endswith("settled at 200, paid 5.00 USD")


def test_a_block_is_told_to_who_offered_and_to_who_accepted(
    telling: Callable[..., Telling],
) -> None:
    event = {
        "name": "block_trades.block_traded",
        "offering_holder": ME,
        "accepting_holder": OTHER,
        "legs_count": 2,
        "fee_quantums": "76800000",
    }

    assert telling(ME).line(event).endswith(", at its own offer")
    assert telling(OTHER).line(event).endswith(", fee 76.80 USD")


def test_a_slice_is_told_to_who_lost_it_and_to_who_took_it(telling: Callable[..., Telling]) -> None:
    assert (
        "liquidated: 0.1 BTC-PERP, 1.50 BTC to nov1other/1 for 14.7292 USD,"
        " equity 1,280.80 USD before, 1,266.0708 USD after"
    ) == telling(ME).line(SLICE)
    expected = "took 0.1 BTC-PERP, 1.50 BTC of nov1me/0 at the mark, and 14.7292 USD for it"
    assert expected == telling(OTHER).line(SLICE)
    assert " to the book for " in telling(ME).line({**SLICE, "keeper_holder": ""})


@pytest.mark.parametrize(("paid", "verb"), [("5000000", "paid"), ("-5000000", "received")])
def test_funding_has_a_direction(telling: Callable[..., Telling], paid: str, verb: str) -> None:
    event = {"name": "perpetuals.funding_paid", "instrument": "BTC-PERP", "paid_quantums": paid}

    assert f"{verb} funding 5.00 USD on BTC-PERP" == telling().line(event)


def test_a_name_here_stands_for_its_address(telling: Callable[..., Telling]) -> None:
    made = telling()
    address = next(iter(made._names))

    assert "bob/3" == made.who(f"{address}/3")


def test_every_kind_in_a_history_has_its_sentence(telling: Callable[..., Telling]) -> None:
    from chain.machine.application import Application
    from derivatives.registry import REGISTRY

    application = Application(REGISTRY)
    names = {application.event_name(*application.event_number(kind)) for kind in ACCOUNT_FIELDS}

    assert names == set(SENTENCES)
    assert "other.thing a 1" == telling().line({"name": "other.thing", "a": 1})


def test_sentences_name_every_amount_in_its_asset(telling: Callable[..., Telling]) -> None:
    event = {
        "positions_count": 1, "mode": 0, "schedule": "standard", "compartment": "main",
        "asset": "BTC", "instrument": "BTC-PERP", "size_lots": "5", "orders_count": 2,
        "from_schedule": "standard",
            "price_ticks": "128000", "to_schedule": "portfolio", "account_holder": ME,
        "buyer_holder": OTHER, "reason": "margin.insolvent",
        "collateral": [{"asset": "BTC", "amount_quantums": "5"}],
        **{
            f"{name}_quantums": "1000000"
            for name in (
                "amount", "interest", "debt", "equity", "maintenance", "limit", "value",
                "allowance", "shortfall", "realised", "cut", "gain", "share", "risk", "fee", "cash",
            )
        },
    }  # fmt: skip
    shown = (
        *("trades.traded", "block_trades.block_traded"),
        *("liquidation.slice_taken", "perpetuals.funding_paid"),
    )
    told = {
        name: telling().line({"name": name, **event}) for name in SENTENCES if name not in shown
    }

    assert "deposited 0.01 BTC" == told["accounts.collateral_deposited"]
    assert "gave 1.00 USD of this block's gain of 1.00 USD" in told["insurance.gain_cut"]
    assert (
        "taken over with 1 position: 1.00 USD were missing"
        == (told["insurance.account_taken_over"])
    )
    redeemed = told["synthetics.synthetic_redeemed"]
    assert redeemed.endswith("redeemed, paid 1.00 USD and 0.00000005 BTC")
    assert len(told) == len(set(told.values()))
