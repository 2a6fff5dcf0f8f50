"""Synthetics over RPC. Criteria: RPC-126 and RPC-127 of docs/specs/rpc.md."""

import pytest

from chain.crypto.addresses import text_of
from derivatives.synthetics.transactions import Mint, Redeem
from tests import given
from tests.node.rpc.conftest import Caller, Refusal, Rooms
from tests.node.rpc.methods.conftest import E8, Market

ALICE = text_of(given.address("alice"))


def _golden(market: Market) -> None:
    """Let gold have a price, and alice ask for an ounce."""
    market.rooms.world.prices_e8 = {**market.rooms.world.prices_e8, "GOLD": 4_000 * E8}
    market.rooms.finalise()
    market.send("alice", Mint(given.holder("alice/0"), "sGOLD", 10_000))


async def test_a_synthetic_shows_what_there_is_and_what_waits(market: Market, call: Caller) -> None:
    _golden(market)
    for _ in range(5):
        market.rooms.finalise()
    market.send("alice", Redeem("sGOLD", 4_000))

    (item,) = (await call("synthetic_list"))["items"]

    assert ("sGOLD", "GOLD", "USD") == (item["asset"], item["underlying"], item["quote"])
    assert ("10000", "10000", "4000", 1) == tuple(
        item[name] for name in ("supply_lots", "hour_minted_lots", "pending_lots", "requests_count")
    )
    assert ("400000", 1_206_250, 250_000, True) == tuple(
        item[name]
        for name in (
            "index_value_quantums",
            "collateral_ratio_ppm",
            "haircut_ppm",
            "is_priced",
        )
    )


async def test_before_its_feed_has_a_price_a_synthetic_is_worth_nothing(
    rooms: Rooms, call: Caller
) -> None:
    (item,) = (await call("synthetic_list"))["items"]

    assert ("0", "0", False) == (
        item["index_value_quantums"],
        item["supply_lots"],
        item["is_priced"],
    )


async def test_requests_say_who_asked_what_and_when_it_is_due(market: Market, call: Caller) -> None:
    _golden(market)

    (item,) = (await call("synthetic_listRequests", signer=ALICE, instrument="sGOLD"))["items"]

    assert (1, "mint", ALICE, f"{ALICE}/0", "10000") == tuple(
        item[name] for name in ("request_id", "kind", "signer", "account", "size_lots")
    )
    assert item["asked_ms"] + 2_000 == item["due_ms"]


async def test_pages_of_requests_together_are_all_and_others_have_none(
    market: Market, call: Caller
) -> None:
    _golden(market)
    market.send("alice", Mint(given.holder("alice/0"), "sGOLD", 100))

    first = await call("synthetic_listRequests", limit=1)
    rest = await call("synthetic_listRequests", limit=1, cursor=first["next_cursor"])

    assert [1, 2] == [one["request_id"] for one in first["items"] + rest["items"]]
    assert rest["next_cursor"] is None
    bob = text_of(given.address("bob"))
    assert [] == (await call("synthetic_listRequests", signer=bob))["items"]


async def test_what_is_no_instrument_is_not_found(market: Market, call: Caller) -> None:
    with pytest.raises(Refusal) as refused:
        await call("synthetic_listRequests", instrument="sSILVER")

    assert "lookup.instrument_unknown" == refused.value.reason
