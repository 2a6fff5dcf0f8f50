"""NET-080 to NET-085: the network in memory."""

from functools import partial
from typing import Any

import pytest
import trio
import trio.testing

from p2p.memory import MemoryHub, MemoryNetwork
from p2p.network import (
    Arrival,
    Frame,
    Linked,
    Member,
    PeerId,
    Refused,
    Standing,
    TooLarge,
    TrafficClass,
    Unlinked,
    Unreachable,
)
from tests.p2p.conftest import FRAME_LIMITS, Club, Witness

VOTES = TrafficClass.VOTES


async def hub_of(nursery: trio.Nursery, seed: int = 1, **more: Any) -> MemoryHub:
    hub: MemoryHub = await nursery.start(MemoryHub(seed, **more).run)
    return hub


def join(hub: MemoryHub, peer: PeerId, authorities: str = "abcd", **more: Any) -> MemoryNetwork:
    club = Club(peer, frozenset(authorities))
    return hub.join(peer, club, Witness(), frame_limits=FRAME_LIMITS, **more)


def heard(network: MemoryNetwork) -> list[Any]:
    happened = []
    while True:
        try:
            happened.append(network.link().arrivals.receive_nowait())
        except trio.WouldBlock:
            return happened


async def test_frames_of_one_peer_arrive_in_order_after_linked(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    hub = await hub_of(nursery)
    one, two = join(hub, "a"), join(hub, "b")
    await trio.sleep(1)

    for number in range(10):
        one.link().send("b", 1, bytes([number]), VOTES)
    await trio.sleep(1)

    assert [Linked("a", Member(Standing.AUTHORITY, "a"))] + [
        Arrival("a", [Frame(1, bytes([number]))]) for number in range(10)
    ] == heard(two)


async def test_a_partition_cuts_links_and_what_is_under_way_and_healing_links_again(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    hub = await hub_of(nursery)
    one, two, three = join(hub, "a"), join(hub, "b"), join(hub, "c")
    await trio.sleep(1)
    heard(two)

    one.link().broadcast(1, b"lost", VOTES)
    hub.partition([frozenset("a"), frozenset("bc")])
    was_sent = one.link().send("b", 1, b"not sent", VOTES)
    await trio.sleep(1)
    hub.heal()
    await trio.sleep(1)

    assert not was_sent
    assert [Unlinked("a", "partition"), Linked("a", Member(Standing.AUTHORITY, "a"))] == heard(two)
    assert ["a", "b"] == [status.peer for status in three.peers() if status.linked]


async def test_a_crashed_network_is_gone_and_may_come_back(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    hub = await hub_of(nursery)
    one, _ = join(hub, "a"), join(hub, "b")
    await trio.sleep(1)

    hub.leave("b")
    await trio.sleep(1)
    join(hub, "b")
    await trio.sleep(1)

    assert [Linked, Unlinked, Linked] == [type(happening) for happening in heard(one)]


async def test_followers_are_asked_and_gossiped_to_but_not_linked(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    hub = await hub_of(nursery)
    one, follower = join(hub, "a"), join(hub, "x")
    topic = follower.subscribe("topic")

    async def answer(peer: PeerId, member: Member, request: bytes) -> bytes:
        return f"{member.standing.value} {peer}: ".encode() + request

    one.answer("/test/1", answer)
    await trio.sleep(1)
    await one.publish("topic", b"header")
    answered = await follower.ask("a", "/test/1", b"?", timeout_s=5, limit_bytes=100)

    assert b"follower x: ?" == answered
    assert [("a", b"header")] == await topic.receive()
    assert [] == heard(follower)
    assert not follower.link().send("a", 1, b"", VOTES)


async def test_a_question_ends_in_refusal_too_large_or_unreachable(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    hub = await hub_of(nursery)
    one, two = join(hub, "a"), join(hub, "b")

    async def answer(_peer: PeerId, _member: Member, request: bytes) -> bytes:
        if request == b"refuse":
            raise Refused("not now")
        if request == b"fail":
            raise ValueError(request)
        if request == b"wait":
            await trio.sleep(100)
        return bytes(1000)

    one.answer("/test/1", answer)
    await trio.sleep(1)
    ask = partial(two.ask, timeout_s=5, limit_bytes=10)

    with pytest.raises(Refused, match="not now"):
        await ask("a", "/test/1", b"refuse")
    with pytest.raises(TooLarge):
        await ask("a", "/test/1", b"large")
    for request in (b"fail", b"wait"):
        with pytest.raises(Unreachable):
            await ask("a", "/test/1", request)
    with pytest.raises(Unreachable):
        await ask("a", "/other/1", b"")
    with pytest.raises(Unreachable):
        await ask("nobody", "/test/1", b"")


async def test_a_banned_authority_comes_back_after_ten_seconds(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    hub = await hub_of(nursery)
    one, _ = join(hub, "a"), join(hub, "b")
    await trio.sleep(1)

    one.charge("b", "undecodable")
    await trio.sleep(9)
    during = [type(happening) for happening in heard(one)]
    await trio.sleep(2)

    assert [Linked, Unlinked] == during
    assert [Linked] == [type(happening) for happening in heard(one)]


async def test_isolation_cuts_and_the_empty_set_heals(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    hub = await hub_of(nursery)
    one, two = join(hub, "a"), join(hub, "b")
    await trio.sleep(1)

    one.isolate(frozenset("b"))
    await trio.sleep(1)
    during = two.peers()[0].connected
    one.isolate(frozenset())
    await trio.sleep(1)

    assert not during
    assert two.peers()[0].connected


async def test_no_more_followers_than_slots_but_always_authorities(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    hub = await hub_of(nursery)
    one = join(hub, "a", followers_max_count=1)
    for peer in "xyb":
        join(hub, peer)
    await trio.sleep(1)

    standings = sorted(status.name for status in one.peers() if status.connected)

    assert 2 == len(standings)
    assert "b" in standings


def test_the_same_seed_makes_the_same_run_and_another_a_different_one() -> None:
    async def story(seed: int) -> list[Any]:
        async with trio.open_nursery() as nursery:
            hub = await hub_of(nursery, seed, loss_ppm=200_000)
            networks = [join(hub, peer) for peer in "abcd"]
            for number in range(30):
                for network in networks:
                    network.link().broadcast(1, bytes([number]), VOTES)
                await trio.sleep(0.01)
            await trio.sleep(1)
            nursery.cancel_scope.cancel()
        return [heard(network) for network in networks]

    def told(seed: int) -> list[Any]:
        clock = trio.testing.MockClock(autojump_threshold=0)
        return trio.run(story, seed, clock=clock)

    first, again, other = told(5), told(5), told(6)

    assert first == again
    assert first != other
