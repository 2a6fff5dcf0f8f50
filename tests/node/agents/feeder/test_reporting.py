"""FEEDER-040 to FEEDER-045: look, sign, hand over; whatever the node does, the next turn tries."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest

from chain.codec.canonical import decode
from chain.crypto.verification import is_genuine
from derivatives.oracle.section import SignedReport, report_bytes, round_of
from derivatives.oracle.volatility import SignedVolatility, volatility_bytes, volatility_round_of
from node.agents.feeder.reporting import Reporting
from node.agents.feeder.source import Observed
from node.client.transport import Client
from node.clock import Clock
from tests import given
from tests.node.client.fake_node import FakeNode, Refuse

NOW_MS = 1_800_000_000_250
KEY = given.key("auth1/oracle")
DATES_MS = {"BTC": [NOW_MS + 86_400_000, NOW_MS + 7 * 86_400_000], "ETH": []}


class Still(Clock):
    def wall_ms(self) -> int:
        return NOW_MS


class Says:
    """A source that knows what it was given."""

    volatilities_ppm: Mapping[str, int] = {}

    def __init__(self, **prices_e8: int) -> None:
        self._prices_e8 = prices_e8

    def observe(self, feeds: Sequence[str], now_ms: int) -> Mapping[str, Observed]:
        assert NOW_MS == now_ms
        return {
            feed: Observed(price_e8, price_e8 // 100, 3)
            for feed, price_e8 in self._prices_e8.items()
            if feed in feeds
        }

    def volatility_ppm(self, underlying: str, now_ms: int) -> int | None:
        assert NOW_MS == now_ms
        return self.volatilities_ppm.get(underlying)


def feeds(epoch: int = 0, **set_prices_e8: str) -> dict[str, Any]:
    listed = [
        {
            "feed": feed,
            "set_price_e8": set_prices_e8.get(feed),
            "sources_min_count": 2,
            "dates_ms": DATES_MS[feed],
        }
        for feed in ("BTC", "ETH")
    ]
    return {"chain_id": "0x" + "07" * 32, "epoch": str(epoch), "items": listed}


def reporters(*names: str) -> dict[str, Any]:
    items = [
        {
            "oracle_key": f"0x{given.key(f'{name}/oracle').public_key.hex()}",
            "authority_index": index,
        }
        for index, name in enumerate(names)
    ]
    return {"items": items}


@pytest.fixture
def serve() -> Iterator[Callable[..., FakeNode]]:
    nodes: list[FakeNode] = []

    def make(**answers: Any) -> FakeNode:
        told = {
            "oracle_getFeeds": feeds(),
            "oracle_getReporters": reporters("auth0", "auth1"),
            "oracle_submitReport": {},
            "oracle_submitVolatility": {},
        }
        nodes.append(FakeNode({**told, **answers}))
        return nodes[-1]

    yield make
    for node in nodes:
        node.close()


def reporting(node: FakeNode, **prices_e8: int) -> Reporting:
    return Reporting(KEY, Client(node.url, 2_000), Says(**prices_e8), Still())


def submitted(node: FakeNode) -> list[SignedReport]:
    return [
        decode(SignedReport, bytes.fromhex(asked["report"].removeprefix("0x")))
        for asked in node.asked("oracle_submitReport")
    ]


def test_what_is_seen_is_signed_and_handed_over(serve: Callable[..., FakeNode]) -> None:
    node = serve()

    kept = reporting(node, BTC=5_000, ETH=700).once()

    (signed,) = submitted(node)
    assert kept
    assert (1, 0, round_of(NOW_MS), NOW_MS) == (
        signed.authority_index,
        signed.report.epoch,
        signed.report.round,
        signed.report.observed_ms,
    )
    assert [("BTC", 5_000, 50, 3), ("ETH", 700, 7, 3)] == [
        (one.feed, one.price_e8, one.confidence_e8, one.sources_count)
        for one in signed.report.quotes
    ]
    assert is_genuine(KEY.public_key, report_bytes(signed.report), signed.signature)


def test_a_price_that_was_set_by_hand_is_reported_instead(serve: Callable[..., FakeNode]) -> None:
    node = serve(oracle_getFeeds=feeds(BTC="9000000"))

    reporting(node, BTC=5_000, ETH=700).once()

    (signed,) = submitted(node)
    assert [("BTC", 9_000_000, 4_500, 2), ("ETH", 700, 7, 3)] == [
        (one.feed, one.price_e8, one.confidence_e8, one.sources_count)
        for one in signed.report.quotes
    ]


def test_nothing_is_handed_over_where_nothing_is_known(serve: Callable[..., FakeNode]) -> None:
    node = serve()

    assert not reporting(node).once()
    assert [] == submitted(node)


def test_a_key_that_is_no_authority_reports_nothing(serve: Callable[..., FakeNode]) -> None:
    node = serve(oracle_getReporters=reporters("auth0"))

    assert not reporting(node, BTC=5_000).once()
    assert [] == submitted(node)


def test_our_place_is_asked_for_once_an_epoch(serve: Callable[..., FakeNode]) -> None:
    epochs = [0, 0, 1]
    node = serve(oracle_getFeeds=lambda: feeds(epochs.pop(0)))
    feeder = reporting(node, BTC=5_000)

    for _ in range(3):
        feeder.once()

    assert 2 == len(node.asked("oracle_getReporters"))
    assert [0, 0, 1] == [signed.report.epoch for signed in submitted(node)]


def test_a_node_that_is_away_ends_nothing(serve: Callable[..., FakeNode]) -> None:
    node = serve()
    feeder = reporting(node, BTC=5_000)
    node.close()

    assert [False, False] == [feeder.once(), feeder.once()]


def volatilities(node: FakeNode) -> list[SignedVolatility]:
    return [
        decode(SignedVolatility, bytes.fromhex(asked["report"].removeprefix("0x")))
        for asked in node.asked("oracle_submitVolatility")
    ]


def test_volatility_is_reported_once_a_round_for_every_date(
    serve: Callable[..., FakeNode], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Says, "volatilities_ppm", {"BTC": 500_000, "ETH": 700_000})
    node = serve()
    feeder = reporting(node, BTC=64_000 * 10**8, ETH=3_200 * 10**8)

    for _ in range(3):
        assert feeder.once()

    (signed,) = volatilities(node)
    assert 3 == len(submitted(node))
    assert (1, volatility_round_of(NOW_MS), NOW_MS) == (
        signed.authority_index,
        signed.report.round,
        signed.report.observed_ms,
    )
    (surface,) = signed.report.surfaces
    assert ("BTC", DATES_MS["BTC"]) == (
        surface.underlying,
        [one.expiry_ms for one in surface.smiles],
    )
    assert is_genuine(KEY.public_key, volatility_bytes(signed.report), signed.signature)


def test_a_source_without_volatility_reports_prices_alone(serve: Callable[..., FakeNode]) -> None:
    node = serve()

    assert reporting(node, BTC=5_000).once()

    assert [] == volatilities(node)


def test_volatility_that_is_refused_is_tried_again_and_prices_go_on(
    serve: Callable[..., FakeNode], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Says, "volatilities_ppm", {"BTC": 500_000})

    def refuse(report: str) -> None:
        raise Refuse(1573, "node.report_old", "it is old", {})

    node = serve(oracle_submitVolatility=refuse)
    feeder = reporting(node, BTC=64_000 * 10**8)

    for _ in range(2):
        assert not feeder.once()

    assert 2 == len(volatilities(node)) == len(submitted(node))
