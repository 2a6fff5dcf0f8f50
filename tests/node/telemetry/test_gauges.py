"""Numbers of how things stand. Criterion: TELE-013 of docs/specs/telemetry.md."""

from dataclasses import replace
from typing import Any

import trio
import trio.testing

from node.telemetry import metrics
from node.telemetry.gauges import Gauges
from tests.node.rpc import conftest
from tests.node.rpc.conftest import Rooms

rooms = conftest.rooms


class FakeNetwork:
    """A network that counts what the test says."""

    def __init__(self) -> None:
        self.counts = {"link_frames_received_total": 5, "link_queued_bytes": 70}

    def peers(self) -> list[Any]:
        return []

    def statistics(self) -> dict[str, int]:
        return self.counts


def value(name: str, **labels: str) -> float:
    found = metrics.REGISTRY.get_sample_value(f"novation_{name}", labels)
    assert found is not None, name
    return found


def test_gauges_follow_the_chain(rooms: Rooms) -> None:
    rooms.finalise()
    Gauges(rooms.services).measure()

    assert 1 == value("chain_height")
    assert 7 == value("consensus_view")
    assert 1 == value("consensus_signing")
    assert 0 == value("mempool_transactions", **{"class": "3"})


def test_gauges_show_each_market_as_the_head_has_it(rooms: Rooms) -> None:
    rooms.finalise()
    Gauges(rooms.services).measure()

    assert 0 == value("market_open_interest_lots", instrument="BTC-PERP")
    assert [0, 0] == [
        value("market_best_ticks", instrument="ETH-PERP", side=side) for side in ("buy", "sell")
    ]


def test_what_p2p_counted_is_added_once(rooms: Rooms) -> None:
    network = FakeNetwork()
    gauges = Gauges(replace(rooms.services, network=network))  # type: ignore[arg-type]
    before = value("link_frames_total")
    gauges.measure()
    network.counts["link_frames_received_total"] = 8
    gauges.measure()

    assert before + 8 == value("link_frames_total")
    assert 70 == value("link_queued_bytes")


async def test_a_late_timer_is_seen(rooms: Rooms, autojump_clock: trio.testing.MockClock) -> None:
    del autojump_clock
    before = value("event_loop_delay_seconds_count")
    with trio.move_on_after(4.4):
        await Gauges(rooms.services).watch_loop()

    assert before + 4 == value("event_loop_delay_seconds_count")
