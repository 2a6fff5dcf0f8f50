from collections.abc import Callable
from typing import Any

from tests.node.client.fake_node import FakeNode

Run = Callable[..., Any]
Serve = Callable[..., FakeNode]

FEEDS = {
    "chain_id": "0x" + "07" * 32,
    "epoch": "0",
    "height": "12",
    "time_ms": "10500",
    "items": [
        {
            "feed": "BTC",
            "state": "normal",
            "price_e8": "6306726400000",
            "confidence_e8": "3153363200",
            "updated_ms": "10000",
            "average_5m_e8": "6306411844631",
            "average_1h_e8": "6306411844631",
            "pending_count": 0,
            "sources_min_count": 1,
            "set_price_e8": None,
        },
        {
            "feed": "ETH",
            "state": "invalid",
            "price_e8": None,
            "confidence_e8": None,
            "updated_ms": None,
            "average_5m_e8": None,
            "average_1h_e8": None,
            "pending_count": 0,
            "sources_min_count": 1,
            "set_price_e8": "320000000000",
        },
    ],
}
REPORTER = {
    "authority": "auth0",
    "authority_index": 0,
    "oracle_key": "0x" + "01" * 32,
    "reports_count": 31,
    "misses_count": 1,
    "error_ppm": 12786,
    "last_round": None,
    "newest_round": "3591092187",
}


def test_feeds_are_shown_with_price_state_and_age(novation: Run, serve: Serve) -> None:
    said = novation("oracle", "feeds", "--rpc", serve(oracle_getFeeds=FEEDS).url)

    block, head, btc, eth = said.out.splitlines()
    assert "block 12" == block
    assert ["feed", "price", "confidence", "state", "age"] == head.split()[:5]
    assert ["BTC", "63,067.264", "31.533632", "normal", "500", "ms"] == btc.split()[:6]
    assert ["ETH", "-", "-", "invalid", "-", "-", "3,200.00"] == eth.split()


def test_feeds_as_json_are_what_the_node_says(novation: Run, serve: Serve) -> None:
    said = novation("oracle", "feeds", "--json", "--rpc", serve(oracle_getFeeds=FEEDS).url)

    assert FEEDS == said.document["data"]


def test_reporters_are_shown_with_their_scores(novation: Run, serve: Serve) -> None:
    told = {"items": [REPORTER], "height": "9"}

    said = novation("oracle", "reporters", "--rpc", serve(oracle_getReporters=told).url)

    assert ["auth0", "31", "1", "12786", "-", "3591092187"] == said.out.splitlines()[2].split()
