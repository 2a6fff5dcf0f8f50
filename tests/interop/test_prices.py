"""FEEDER-060 to FEEDER-062: four nodes with a feeder each; a dead one and a liar among them."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chain.codec.canonical import encode
from derivatives.oracle.section import FeedQuote, Report, SignedReport, report_bytes, round_of
from node.clock import Clock
from node.devnet import agents
from node.devnet.layout import Choices
from node.devnet.writing import make_network
from tests import given
from tests.interop.conftest import POLL_S, WITHIN_S, Processes, RefusedCall, Unanswered
from tests.ports import NETWORK_PORTS

pytestmark = pytest.mark.interop

UNIT_E8 = 10**8
LIE_E8 = 20_000 * UNIT_E8


@pytest.fixture
def priced(tmp_path: Path) -> Iterator[Processes]:
    """Return four nodes that go by the prices of four feeders."""
    choices = Choices("devnet", 4, next(NETWORK_PORTS), 500, None)
    four = Processes(make_network(tmp_path / "network", choices, Clock().wall_ms()))
    feeders = agents.programs_of(four.network, four.network.nodes)
    try:
        four.start()
        agents.start(feeders)
        four.until(lambda: all(btc(four, name)["state"] == "normal" for name in four.names))
        yield four
    finally:
        killed = agents.stop(feeders) + four.stop()
    assert [] == killed, "every feeder and node ends when it is asked to"


def btc(four: Processes, name: str) -> dict[str, Any]:
    feed: dict[str, Any] = four.call(name, "oracle_getFeeds")["items"][0]
    assert feed["feed"] == "BTC"
    return feed


def price_at(four: Processes, name: str, height: int) -> dict[str, Any]:
    """Return the stored record of the price at a height: whole, so that all of it must agree."""
    answer: dict[str, Any] = four.call(
        name, "state_get", table="prices", key={"feed": "BTC"}, at=str(height)
    )
    return answer


def reporter(four: Processes, authority: str) -> dict[str, Any]:
    told = four.call("auth0", "oracle_getReporters")["items"]
    found: dict[str, Any] = next(one for one in told if one["authority"] == authority)
    return found


def prices_agree(four: Processes, height: int) -> bool:
    four.until(lambda: all(four.height(name) >= height for name in four.names))
    first, *others = [price_at(four, name, height) for name in four.names]
    return first["value"] is not None and all(other == first for other in others)


def test_four_ports_show_one_price_and_a_dead_feeder_changes_only_its_score(
    priced: Processes,
) -> None:
    height = priced.height("auth0")
    agreed = prices_agree(priced, height)
    agents.stop([agents.feeder_of("auth2", priced.folder("auth2"))])
    misses = int(reporter(priced, "auth2")["misses_count"])

    priced.until(lambda: int(reporter(priced, "auth2")["misses_count"]) > misses + 5)
    standings = [btc(priced, name)["state"] for name in priced.names]
    last = priced.grow(2)

    assert agreed
    assert ["normal"] * 4 == standings
    assert prices_agree(priced, last - 1)
    assert 0 < int(reporter(priced, "auth0")["reports_count"])
    priced.must_be_safe()


def test_a_liar_among_four_moves_nothing(priced: Processes) -> None:
    agents.stop([agents.feeder_of("auth3", priced.folder("auth3"))])
    before_e8 = int(btc(priced, "auth0")["price_e8"])
    heard = int(reporter(priced, "auth3")["reports_count"])
    deadline = time.monotonic() + WITHIN_S

    seen_e8 = []
    while int(reporter(priced, "auth3")["reports_count"]) < heard + 6:
        assert time.monotonic() < deadline, priced.told()
        lie(priced, "auth3")
        seen_e8.append(int(btc(priced, "auth0")["price_e8"]))
        time.sleep(POLL_S)

    assert {"normal"} == {btc(priced, name)["state"] for name in priced.names}
    # Each price lies between two honest ones, and those moved by far less than a hundredth.
    assert all(abs(price_e8 - before_e8) * 100 < before_e8 for price_e8 in seen_e8)
    errors = {name: int(reporter(priced, name)["error_ppm"]) for name in priced.names}
    assert errors["auth3"] > 10 * max(errors[name] for name in ("auth0", "auth1", "auth2"))
    assert prices_agree(priced, priced.height("auth0"))


def test_prices_set_on_all_nodes_are_what_the_chain_goes_by(priced: Processes) -> None:
    wanted = str(30_000 * UNIT_E8)
    for name in priced.names:
        priced.call(name, "dev_setPrice", feed="BTC", price_e8=wanted)

    priced.until(lambda: all(btc(priced, name)["price_e8"] == wanted for name in priced.names))

    priced.must_be_safe()


def lie(four: Processes, authority: str) -> None:
    """Hand a signed lie of this authority to its own node."""
    told = four.call(authority, "oracle_getFeeds")
    now_ms = Clock().wall_ms()
    quotes = (FeedQuote("BTC", LIE_E8, LIE_E8 // 1_000, 1),)
    chain_id = four.network.chain_id
    report = Report(chain_id, int(told["epoch"]), round_of(now_ms), now_ms, quotes)
    signature = given.key(f"{authority}/oracle").sign(report_bytes(report))
    index = reporter(four, authority)["authority_index"]
    data = encode(SignedReport(index, report, signature))
    try:
        four.call(authority, "oracle_submitReport", report=f"0x{data.hex()}")
    except (RefusedCall, Unanswered):
        return  # the half second is taken: the next one comes
