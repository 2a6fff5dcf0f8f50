"""Stored events and topics. Criteria: RPC-050 to RPC-056 of docs/specs/rpc.md."""

import pytest

from chain.crypto.addresses import text_of
from chain.modules.ledger.transactions import Transfer
from node.rpc.errors import RpcError
from node.rpc.methods.events import topic_from
from tests import given
from tests.node.rpc.conftest import Caller, Refusal, Rooms

BOB = text_of(given.address("bob"))


def pay(rooms: Rooms, count: int) -> None:
    transfer = Transfer(to=given.address("bob"), asset="USD", amount_quantums=1_000_000)
    for _ in range(count):
        rooms.finalise(rooms.world.bytes_of("alice", transfer))


async def test_events_are_listed_by_number_and_gone_on_with(rooms: Rooms, call: Caller) -> None:
    pay(rooms, 5)

    first = await call("events_list", limit=2)
    rest = await call("events_list", from_seq=first["next_seq"])
    end = await call("events_list", from_seq=rest["next_seq"])

    items = first["items"] + rest["items"]
    assert [str(seq) for seq in range(len(items))] == [item["seq"] for item in items]
    assert ["1", "2", "3", "4", "5"] == [item["height"] for item in items]
    assert {"ledger.transferred"} == {item["event"]["name"] for item in items}
    assert [] == end["items"]
    assert rest["next_seq"] == end["next_seq"]


async def test_a_post_cannot_subscribe_and_is_told_where_to(rooms: Rooms, call: Caller) -> None:
    with pytest.raises(Refusal) as refused:
        await call("subscribe", topic="blocks")

    assert -32601 == refused.value.code
    assert "/ws" in refused.value.error["data"]["hint"]


@pytest.mark.parametrize(
    ("meant", "given_text"),
    [
        ("blocks", "blocks"),
        ("consensus", "consensus"),
        ("tx:0x" + "07" * 32, "tx:0x" + "07" * 32),
        (f"account:{BOB}", f"account:{BOB.upper()}"),
    ],
)
def test_a_topic_has_one_form(meant: str, given_text: str) -> None:
    assert meant == topic_from(given_text)


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("lookup.topic_unknown", "block"),
        ("lookup.topic_unknown", ""),
        ("lookup.topic_unknown", "books:BTC-PERP"),
        ("lookup.topic_unknown", "x" * 10_000),
        ("rpc.parameters_invalid", "tx:0x07"),
        ("rpc.parameters_invalid", "account:nov1nobody"),
    ],
)
def test_a_topic_that_is_none_is_refused(reason: str, text: str) -> None:
    with pytest.raises(RpcError) as refused:
        topic_from(text)

    assert reason == refused.value.reason
