"""NET-060 to NET-067: long-lived streams between authorities."""

from typing import Any

import pytest
import trio

from p2p import limits
from p2p.link import PROTOCOL
from p2p.network import Arrival, Linked, News, TrafficClass, Unlinked
from tests.p2p.conftest import MakeHouse, until

VOTES, PROPOSALS, SYNC, TRANSACTIONS = TrafficClass


def linked(network: Any, peer: str) -> bool:
    return any(one.linked for one in network.peers() if one.peer == peer)


def received(network: Any) -> int:
    return int(network.statistics()["link_frames_received_total"])


async def payloads(network: Any, count: int) -> list[bytes]:
    """Return so many payloads as they arrive, past what else is announced."""
    got: list[bytes] = []
    with trio.fail_after(60):
        while len(got) < count:
            happening = await network.link().arrivals.receive()
            if isinstance(happening, Arrival):
                got += [frame.payload for frame in happening.frames]
    return got


async def test_thousands_of_small_frames_arrive_in_order_and_many_to_a_read(
    house: MakeHouse,
) -> None:
    # NET-061
    home = house(2)
    async with home.open(0) as (one, _), home.open(1) as (two, _):
        await until(lambda: linked(one, two.me) and linked(two, one.me))

        for number in range(5000):
            assert one.link().send(two.me, 1, b"%d" % number, VOTES)
        got = await payloads(two, 5000)

        assert [b"%d" % number for number in range(5000)] == got
        assert 100 > one.statistics()["link_writes_total"]


async def test_a_body_of_four_mebibytes_arrives_whole(house: MakeHouse) -> None:
    # NET-061
    home = house(2)
    body = bytes(range(256)) * (4 * 4096)
    async with home.open(0) as (one, _), home.open(1) as (two, _):
        await until(lambda: linked(one, two.me) and linked(two, one.me))

        one.link().send(two.me, 2, body[:-5], PROPOSALS)
        got = await payloads(two, 1)

        assert [body[:-5]] == got


async def test_what_a_hearer_takes_arrives_there_and_what_it_refuses_in_the_channel(
    house: MakeHouse,
) -> None:
    # NET-067
    home = house(2)
    heard: list[bytes] = []

    def hear(news: News) -> bool:
        is_odd = isinstance(news, Arrival) and int(news.frames[0].payload) % 2 == 1
        if is_odd:
            heard.append(news.frames[0].payload)
        return is_odd

    async with home.open(0) as (one, _), home.open(1) as (two, _):
        await until(lambda: linked(one, two.me) and linked(two, one.me))
        two.link().hear(hear)
        for number in range(4):
            one.link().send(two.me, 1, b"%d" % number, VOTES)
            await until(lambda count=number + 1: received(two) == count)  # type: ignore[misc]

        assert [b"0", b"2"] == await payloads(two, 2)
        assert [b"1", b"3"] == heard


async def test_a_broadcast_reaches_every_linked_authority(house: MakeHouse) -> None:
    home = house(3)
    async with home.open(0) as (one, _), home.open(1) as (two, _), home.open(2) as (three, _):
        await until(lambda: linked(one, two.me) and linked(one, three.me))

        one.link().broadcast(1, b"vote", VOTES)

        assert [b"vote"] == await payloads(two, 1)
        assert [b"vote"] == await payloads(three, 1)


async def test_nothing_is_queued_for_one_who_is_not_linked(house: MakeHouse) -> None:
    home = house(2)
    async with home.open(0) as (one, _):
        assert not one.link().send(home.peer(1), 1, b"vote", VOTES)
        assert not one.link().send("nobody", 1, b"vote", VOTES)


async def test_a_follower_is_not_linked(house: MakeHouse) -> None:
    # NET-060
    home = house(1, 1)
    async with home.open(0) as (one, witness), home.open(1) as (two, _):
        await until(lambda: any(status.rtt_ms is not None for status in one.peers()))

        assert not linked(one, two.me)
        assert not linked(two, one.me)
        assert [] == witness.named("link_opened")


@pytest.mark.parametrize(
    ("limits_of_sender", "kind", "payload", "offence"),
    [
        ({9: 10}, 9, b"", "unknown_kind"),
        ({1: 1 << 20}, 1, bytes(100_000), "oversize_frame"),
    ],
)
async def test_a_frame_that_may_not_be_costs_the_connection(
    house: MakeHouse, limits_of_sender: dict[int, int], kind: int, payload: bytes, offence: str
) -> None:
    # NET-062
    home = house(2)
    async with (
        home.open(0, frame_limits=limits_of_sender) as (one, _),
        home.open(1) as (two, witness),
    ):
        await until(lambda: linked(one, two.me) and linked(two, one.me))

        one.link().send(two.me, kind, payload, VOTES)
        await until(lambda: witness.named("authority_banned"))
        await until(lambda: not linked(one, two.me))

        assert offence == witness.named("authority_banned")[0]["offence"]


async def test_our_own_frames_obey_the_limits(house: MakeHouse) -> None:
    # NET-062
    home = house(2)
    async with home.open(0) as (one, _):
        with pytest.raises(AssertionError, match="beyond its own limit"):
            one.link().broadcast(9, b"", VOTES)


async def test_a_peer_that_does_not_read_loses_sync_not_votes_and_then_the_connection(
    house: MakeHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    # NET-064
    monkeypatch.setattr(limits, "FULL_MAX_S", 1.0)
    monkeypatch.setattr(limits, "ARRIVALS_MAX_COUNT", 1)
    home = house(2)
    async with home.open(0) as (one, witness), home.open(1) as (two, _):
        await until(lambda: linked(one, two.me) and linked(two, one.me))

        await until(lambda: not one.link().send(two.me, 2, bytes(1 << 20), SYNC))
        were_votes_taken = [one.link().send(two.me, 1, bytes(60_000), VOTES) for _ in range(50)]
        await until(lambda: witness.named("disconnected"))

        assert all(were_votes_taken)
        assert "its queue was full for too long" == witness.named("disconnected")[0]["why"]


async def test_a_link_that_breaks_alone_is_opened_again(house: MakeHouse) -> None:
    # NET-065
    home = house(2)
    async with home.open(0) as (one, witness), home.open(1) as (two, _):
        await until(lambda: linked(one, two.me) and linked(two, one.me))
        session = one._sessions.get(two.me)
        streams = [
            stream for stream in session.connection.get_streams() if stream.protocol_id == PROTOCOL
        ]
        for stream in streams:
            await stream.reset()
        one.link().send(two.me, 1, b"wakes the writer", VOTES)
        await until(lambda: len(witness.named("link_opened")) == 2)
        await until(lambda: linked(one, two.me))
        one.link().send(two.me, 1, b"after", VOTES)
        with trio.fail_after(60):
            happened = [await one.link().arrivals.receive() for _ in range(3)]

        assert [Linked, Unlinked, Linked] == [type(happening) for happening in happened]
        assert b"after" in await payloads(two, 1)
        assert [] == witness.named("disconnected")
