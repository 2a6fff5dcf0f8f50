"""REPORT-007 to REPORT-009: reports go from node to node; who passes on lies is charged."""

from typing import Any

import trio
import trio.testing

from chain.codec.canonical import encode
from node.reports.gossip import WRONG_REPORT, ReportGossip, report_topic, volatility_topic
from tests.node.peers.test_gossip import Street
from tests.node.reports.conftest import Desk
from tests.node.reports.test_newest import volatility
from tests.node.reports.test_room import oracle_keys


async def test_what_was_submitted_here_is_published_and_what_was_heard_is_not(
    desk: Desk, autojump_clock: Any
) -> None:
    street, room = Street(), desk.room()
    gossip = ReportGossip(street, room.prices, report_topic(desk.world.chain_id))  # type: ignore[arg-type]

    async with trio.open_nursery() as nursery:
        await nursery.start(gossip.run)
        room.prices.submit(desk.report(0))
        await street.deliver.send([("peer", desk.report(1))])
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()

    assert [(report_topic(desk.world.chain_id), desk.report(0))] == street.published
    assert None is not room.prices.newest_round(oracle_keys(desk)[1])
    assert [] == street.charged


async def test_only_what_no_honest_node_passes_on_is_charged(
    desk: Desk, autojump_clock: Any
) -> None:
    street, room = Street(), desk.room()
    gossip = ReportGossip(street, room.prices, report_topic(desk.world.chain_id))  # type: ignore[arg-type]

    async with trio.open_nursery() as nursery:
        await nursery.start(gossip.run)
        await street.deliver.send([("late", desk.report(0, after_ms=-9_000))])
        await street.deliver.send([("twice", desk.report(0)), ("twice", desk.report(0))])
        await street.deliver.send([("forger", desk.report(1, signer="alice"))])
        await street.deliver.send([("babbler", b"\xc0")])
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()

    assert [("forger", WRONG_REPORT), ("babbler", WRONG_REPORT)] == street.charged


async def test_volatility_goes_by_a_topic_of_its_own(desk: Desk, autojump_clock: Any) -> None:
    street, room = Street(), desk.room()
    topic = volatility_topic(desk.world.chain_id)
    gossip = ReportGossip(street, room.volatilities, topic)  # type: ignore[arg-type]

    async with trio.open_nursery() as nursery:
        await nursery.start(gossip.run)
        data = encode(volatility(desk, 0))
        room.volatilities.submit(data)
        await street.deliver.send([("peer", encode(volatility(desk, 1)))])
        await street.deliver.send([("confused", desk.report(1))])
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()

    assert topic != report_topic(desk.world.chain_id)
    assert [(topic, data)] == street.published
    assert None is not room.volatilities.newest_round(oracle_keys(desk)[1])
    assert [("confused", WRONG_REPORT)] == street.charged
