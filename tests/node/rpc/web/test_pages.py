"""What a GET finds. Criteria: RPC-070 to RPC-074 of docs/specs/rpc.md."""

import re

import msgspec

from node.clock import Clock
from node.rpc.web.pages import CONTENT_POLICY, Pages, explorer_files
from node.telemetry import metrics
from tests.node.rpc.conftest import Door, OpenDoor, get


def body_of(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]


async def test_a_node_that_turns_is_live(door: Door) -> None:
    assert {"live": True} == msgspec.json.decode(body_of(await door.ask(get("/livez"))))


async def test_readiness_says_which_check_failed(door: Door) -> None:
    ready = await door.ask(get("/readyz"))
    door.failing.append("disk")
    unready = await door.ask(get("/readyz"))

    assert b"HTTP/1.1 200" in ready
    assert b"HTTP/1.1 503" in unready
    assert ["disk"] == msgspec.json.decode(body_of(unready))["failed"]


async def test_metrics_are_in_the_text_format_and_counted(door: Door) -> None:
    await door.call("fake_echo", ["x"])

    answer = await door.ask(get("/metrics"))

    assert b"content-type: text/plain; version=0.0.4" in answer
    assert b'novation_rpc_calls_total{code="0",method="fake_echo"}' in answer
    assert b"# HELP novation_chain_height" in answer


async def test_metrics_are_rendered_once_a_second_at_most(door: Door) -> None:
    first = body_of(await door.ask(get("/metrics")))
    await door.call("fake_echo", ["x"])
    second = body_of(await door.ask(get("/metrics")))

    assert first == second


async def test_how_things_stand_is_measured_when_it_is_asked_for() -> None:
    """TELE-013."""
    heights = iter((77, 78))
    pages = Pages(
        checks=list,
        version={},
        document=dict,
        clock=Clock(),
        measure=lambda: metrics.CHAIN_HEIGHT.set(next(heights)),
    )

    first, second = await pages("/metrics"), await pages("/metrics")

    assert first is not None
    assert second is not None
    assert b"\nnovation_chain_height 77.0\n" in first.body
    assert first.body == second.body, "within a second nothing is measured again"


async def test_version_and_document_are_json(door: Door) -> None:
    assert {"version": "0"} == msgspec.json.decode(body_of(await door.ask(get("/version"))))
    document = msgspec.json.decode(body_of(await door.ask(get("/openrpc.json"))))
    assert "1.3.2" == document["openrpc"]


async def test_the_explorer_is_served_under_a_strict_policy(door: Door) -> None:
    for path in ("/explorer/", "/explorer/explorer.js", "/explorer/explorer.css"):
        answer = await door.ask(get(path))

        assert b"HTTP/1.1 200" in answer
        assert f"content-security-policy: {CONTENT_POLICY}".encode() in answer
    assert "unsafe" not in CONTENT_POLICY


async def test_only_the_explorers_own_files_are_served(door: Door) -> None:
    for path in ("/explorer/../limits.py", "/explorer/%2e%2e/limits.py", "/explorer/x.js"):
        assert b"HTTP/1.1 404" in await door.ask(get(path))


async def test_a_browser_at_the_root_is_led_to_the_explorer(door: Door) -> None:
    assert b"location: /explorer/\r\n" in await door.ask(get("/"))


def test_the_explorer_is_small_and_asks_nobody_else() -> None:
    bodies = [answer.body for path, answer in explorer_files().items() if path != "/explorer/"]

    assert sum(len(body) for body in bodies) < 300_000
    for body in bodies:
        assert not re.search(rb"(src|href)=\"(https?:)?//|@import|url\(|fetch\(\"http", body)
        assert b"innerHTML" not in body
        assert not re.search(rb"<script>|<style|\son[a-z]+=|style=", body)


async def test_cross_origin_reading_is_off_until_configured(open_door: OpenDoor) -> None:
    async with open_door(origins=("https://desk.example",)) as door:
        told = await door.ask(get("/livez", "origin: https://desk.example"))
        asked = await door.ask(get("/", "origin: https://desk.example", verb="OPTIONS"))
    async with open_door() as door:
        refused = await door.ask(get("/livez", "origin: https://desk.example"))

    assert b"access-control-allow-origin: https://desk.example" in told
    assert b"access-control-allow-methods" in asked
    assert b"HTTP/1.1 403" in refused
