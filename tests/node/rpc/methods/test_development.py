"""What only development chains offer. Criteria: RPC-105 to RPC-107 of docs/specs/rpc.md."""

import pytest

from chain.crypto.addresses import text_of
from node.rpc.errors import ParametersInvalid
from node.rpc.method import Caller as AskedBy
from node.rpc.methods.development import quantums_from
from tests import given
from tests.node.rpc.conftest import Caller, Refusal, Rooms

BOB = text_of(given.address("bob"))


async def balance(call: Caller) -> int:
    found = (await call("ledger_getBalances", holder=BOB))["balances"]
    return next(int(one["amount_quantums"]) for one in found if one["asset"] == "USD")


@pytest.mark.parametrize(
    ("amount", "quantums"), [("2.5", 2_500_000), (1000, 10**9), ("7", 7 * 10**6)]
)
async def test_the_faucet_pays_whole_units_and_waits(
    rooms: Rooms, call: Caller, amount: str | int, quantums: int
) -> None:
    before = await balance(call)

    paid = await call("dev_faucet", account=BOB, asset="USD", amount=amount)

    assert (True, "1") == (paid["ok"], paid["height"])
    assert quantums == await balance(call) - before


@pytest.mark.parametrize(
    "wrong",
    [
        {"account": "nov1nobody"},
        {"account": "fees"},
        {"asset": "SILVER"},
        {"asset": "x" * 100},
        {"amount": "1.0000001"},
        {"amount": "-1"},
        {"amount": "1e3"},
        {"amount": 0},
        {"amount": 2**53 - 1},
        {"amount": "9" * 18},
    ],
)
async def test_a_gift_that_cannot_be_meant_is_refused(
    rooms: Rooms, call: Caller, wrong: dict[str, object]
) -> None:
    gift = {"account": BOB, "asset": "USD", "amount": "1", **wrong}

    with pytest.raises(Refusal) as refused:
        await call("dev_faucet", **gift)

    assert -32602 == refused.value.code


async def test_time_and_blocks_are_made_on_demand(rooms: Rooms, call: Caller) -> None:
    assert {"height": "3"} == await call("dev_mine", blocks=3)
    assert {"height": "4"} == await call("dev_mine")
    assert {"time_ms": 3_000} == await call("dev_advanceTime", ms=2_000)
    assert {"id": "first"} == await call("dev_snapshot")
    assert {"height": "0"} == await call("dev_revert", id="first")
    assert {"names": ["auth2"]} == await call("dev_isolate", names=["auth2"])
    assert rooms.controls is not None
    assert [2_000, "first", ["auth2"]] == rooms.controls.asked


async def test_nobody_else_may_turn_the_controls(rooms: Rooms, call: Caller) -> None:
    away = Caller(call.dispatcher, AskedBy("192.0.2.1", loopback=False))

    with pytest.raises(Refusal) as refused:
        await away("dev_mine", blocks=1)

    assert -32601 == refused.value.code


def test_amounts_are_exact_or_refused() -> None:
    assert (1, 10**18, 0) == (
        quantums_from("0.000001", 6),
        quantums_from("1", 18),
        quantums_from("0", 0),
    )
    with pytest.raises(ParametersInvalid):
        quantums_from("0.1", 0)
