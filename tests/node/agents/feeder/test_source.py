"""FEEDER-004: of a feed of which nothing is known, no source says anything."""

import pytest

from node.agents.feeder.market import Market
from node.agents.feeder.recorded import Recorded
from node.agents.feeder.source import Source
from node.agents.feeder.web import Web
from node.clock import Clock

SOURCES: tuple[Source, ...] = (
    Market(1, "auth0"),
    Recorded({"BTC": [(0, 5)]}, 0, repeat=False),
    Web([], 2_000, Clock()),
)


@pytest.mark.parametrize("source", SOURCES)
def test_an_unknown_feed_is_left_out(source: Source) -> None:
    assert {} == source.observe(["SILVER"], 100)
