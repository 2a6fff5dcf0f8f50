"""REPORT-014 to REPORT-017: prices, reporters, and the door for reports."""

import pytest

from chain.codec.canonical import encode
from derivatives.oracle.section import FeedQuote, Report, SignedReport, report_bytes, round_of
from node.reports.smiles import made_up_smiles
from tests import given
from tests.given_volatility import signed_volatility
from tests.node.rpc.conftest import Caller, Refusal, Rooms
from tests.node.rpc.methods.conftest import E8, Market


def report(rooms: Rooms, signer: str = "auth0", index: int = 0) -> str:
    now_ms = rooms.services.clock.wall_ms()
    quotes = (FeedQuote("BTC", 10**10, 10**7, 1),)
    told = Report(rooms.services.genesis.chain_id, 0, round_of(now_ms), now_ms, quotes)
    signature = given.key(f"{signer}/oracle").sign(report_bytes(told))
    return f"0x{encode(SignedReport(index, told, signature)).hex()}"


async def test_a_genuine_report_is_kept_and_shows(rooms: Rooms, call: Caller) -> None:
    name = (await call("oracle_getReporters"))["items"][0]["authority"]

    taken = await call("oracle_submitReport", report=report(rooms, name))
    reporters = (await call("oracle_getReporters"))["items"]

    assert (name, 0) == (taken["authority"], taken["authority_index"])
    assert taken["round"] == reporters[0]["newest_round"]
    assert (None, 0) == (reporters[0]["last_round"], reporters[0]["reports_count"])
    assert [None] * (len(reporters) - 1) == [one["newest_round"] for one in reporters[1:]]


async def test_a_forged_report_is_refused(rooms: Rooms, call: Caller) -> None:
    with pytest.raises(Refusal) as refused:
        await call("oracle_submitReport", report=report(rooms, "alice"))

    assert "node.report_forged" == refused.value.reason


@pytest.mark.parametrize("text", ["", "0x", "0x0", "0xZZ", "00"])
async def test_what_is_no_hex_is_malformed(rooms: Rooms, call: Caller, text: str) -> None:
    with pytest.raises(Refusal) as refused:
        await call("oracle_submitReport", report=text)

    assert -32602 == refused.value.code


async def test_feeds_say_what_a_report_needs(rooms: Rooms, call: Caller) -> None:
    rooms.services.reports.set_prices_e8["ETH"] = 42

    told = await call("oracle_getFeeds")

    feeds = {feed["feed"]: feed for feed in told["items"]}
    assert f"0x{rooms.services.genesis.chain_id.hex()}" == told["chain_id"]
    assert ("0", {"BTC", "BTC-26MAR27", "ETH", "GOLD"}) == (told["epoch"], set(feeds))
    assert ("invalid", None, None) == (
        feeds["BTC"]["state"],
        feeds["BTC"]["price_e8"],
        feeds["BTC"]["set_price_e8"],
    )
    assert "42" == feeds["ETH"]["set_price_e8"]


async def test_a_feed_says_what_each_authority_told_last(market: Market, call: Caller) -> None:
    told = await call("oracle_getFeeds")

    (btc,) = [feed for feed in told["items"] if feed["feed"] == "BTC"]
    names = [one["authority"] for one in (await call("oracle_getReporters"))["items"]]
    assert names == [one["authority"] for one in btc["reporters"]]
    assert {str(64_000 * E8)} == {one["price_e8"] for one in btc["reporters"]}
    assert {told["height"]} == {one["height"] for one in btc["reporters"]}


async def test_feeds_and_reporters_are_pages_of_any_height(market: Market, call: Caller) -> None:
    every = [feed["feed"] for feed in (await call("oracle_getFeeds"))["items"]]

    first = await call("oracle_getFeeds", limit=1, at=0)
    rest = await call("oracle_getFeeds", cursor=first["next_cursor"])
    reporters = await call("oracle_getReporters", limit=1, at=0)

    assert every == [feed["feed"] for feed in [*first["items"], *rest["items"]]]
    assert ("0", "invalid", None) == (
        first["height"],
        first["items"][0]["state"],
        rest["next_cursor"],
    )
    assert ("0", 0, 1) == (
        reporters["height"],
        reporters["items"][0]["reports_count"],
        len(reporters["items"]),
    )


async def test_a_report_of_volatility_comes_through_its_own_door(
    rooms: Rooms, call: Caller
) -> None:
    now_ms = rooms.services.clock.wall_ms()
    name = (await call("oracle_getReporters"))["items"][0]["authority"]
    dates = {feed["feed"]: feed["dates_ms"] for feed in (await call("oracle_getFeeds"))["items"]}
    smiles = made_up_smiles(64_000 * E8, dates["BTC"], now_ms, 500_000)
    key, chain_id = given.key(f"{name}/oracle"), rooms.services.genesis.chain_id
    signed = signed_volatility(0, key, chain_id, now_ms, {"BTC": smiles})

    taken = await call("oracle_submitVolatility", report=f"0x{encode(signed).hex()}")

    assert (name, str(signed.report.round)) == (taken["authority"], taken["round"])
    assert [] == dates["ETH"]
    with pytest.raises(Refusal) as refused:
        await call("oracle_submitVolatility", report=report(rooms, name))
    assert "node.report_malformed" == refused.value.reason
