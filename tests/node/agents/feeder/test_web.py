"""FEEDER-030 to FEEDER-034: several places a feed, their median, and none that is late."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from node.agents.feeder.web import Place, Web, asked, observed_of, price_at

UNIT_E8 = 10**8
ANSWERS = {
    "/a": b'{"price": 100}',
    "/b": b'{"data": [{"last": "102.5"}]}',
    "/c": b'{"price": 101.25}',
    "/none": b'{"price": null}',
    "/text": b"not json",
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        data = ANSWERS.get(self.path)
        self.send_response(404 if data is None else 200)
        self.end_headers()
        self.wfile.write(data or b"")

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class Hands:
    """A clock whose time is set by hand."""

    def __init__(self) -> None:
        self.now_ms = 5_000

    def monotonic_ms(self) -> int:
        return self.now_ms


@pytest.mark.parametrize(
    ("path", "way", "price"),
    [
        ("/a", "price", 100),
        ("/b", "data.0.last", 102.5),
        ("/c", "price", 101.25),
        ("/none", "price", 0),
        ("/text", "price", 0),
        ("/missing", "price", 0),
        ("/a", "other", 0),
        ("/b", "data.7.last", 0),
        ("/b", "data", 0),
    ],
)
def test_a_place_gives_the_price_at_its_path_or_none(
    url: str, path: str, way: str, price: float
) -> None:
    assert int(price * UNIT_E8) == asked(Place("BTC", url + path, way))


def test_nobody_there_gives_no_price() -> None:
    assert 0 == asked(Place("BTC", "http://127.0.0.1:9/", "price"))


def test_a_feed_is_the_median_of_the_places_that_answered(url: str) -> None:
    places = [
        Place("BTC", url + path, way)
        for path, way in (("/a", "price"), ("/b", "data.0.last"), ("/c", "price"), ("/text", "x"))
    ]
    web = Web(places, 2_000, Hands())  # type: ignore[arg-type]

    seen = web.observe(["BTC", "ETH"], 0)
    web.close()

    assert {"BTC"} == set(seen)
    assert (10_125_000_000, 3) == (seen["BTC"].price_e8, seen["BTC"].sources_count)


def test_what_was_heard_holds_for_three_turns(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hands = Hands()
    web = Web([Place("BTC", f"{url}/a", "price")], 2_000, hands)  # type: ignore[arg-type]
    web.observe(["BTC"], 0)
    monkeypatch.setitem(ANSWERS, "/a", b"gone")

    seen = []
    for now_ms in (7_000, 11_000, 11_001):
        hands.now_ms = now_ms
        seen.append(bool(web.observe(["BTC"], 0)))
    web.close()

    assert [True, True, False] == seen


def test_places_are_asked_no_more_often_than_told(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands = Hands()
    web = Web([Place("BTC", f"{url}/a", "price")], 2_000, hands)  # type: ignore[arg-type]
    web.observe(["BTC"], 0)
    monkeypatch.setitem(ANSWERS, "/a", b'{"price": 200}')

    hands.now_ms += 1_999
    early = web.observe(["BTC"], 0)["BTC"].price_e8
    hands.now_ms += 1
    late = web.observe(["BTC"], 0)["BTC"].price_e8
    web.close()

    assert (100 * UNIT_E8, 200 * UNIT_E8) == (early, late)


def test_confidence_reaches_to_the_farthest_place() -> None:
    assert 900 == observed_of([99_900, 100_000, 100_900]).confidence_e8
    assert 50 == observed_of([100_000]).confidence_e8


def test_a_boolean_is_no_price() -> None:
    assert 0 == price_at({"price": True}, "price")


def test_the_web_knows_no_volatility() -> None:
    web = Web([], 1_000, Hands())  # type: ignore[arg-type]
    web.close()

    assert web.volatility_ppm("BTC", 0) is None
