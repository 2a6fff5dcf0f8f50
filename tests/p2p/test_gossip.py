"""NET-070 to NET-078: gossip, between friends and from villains."""

from typing import Any

import pytest
import trio
from libp2p.pubsub.pb import rpc_pb2

from p2p import limits
from p2p.gossip import PROTOCOL, publication_of
from p2p.link import PUBLICATION
from p2p.network import TooLarge, TrafficClass
from tests.p2p.conftest import MakeHouse, connected, member_host, until

TOPIC = "novation/test"


async def everything(channel: Any, count: int) -> list[tuple[str, bytes]]:
    got: list[tuple[str, bytes]] = []
    with trio.fail_after(60):
        while len(got) < count:
            got += await channel.receive()
    return got


def meshed(network: Any, count: int) -> bool:
    return len(network._gossip.mesh_of(TOPIC)) == count


async def test_a_burst_of_five_hundred_arrives_whole(house: MakeHouse) -> None:
    # NET-071: the library's own queues hold 32, its spam protection lets ten a second pass
    home = house(2)
    async with home.open(0) as (one, _), home.open(1) as (two, _):
        channel = two.subscribe(TOPIC)
        one.subscribe(TOPIC)
        await until(lambda: meshed(one, 1) and meshed(two, 1))

        for number in range(500):
            await one.publish(TOPIC, b"%d" % number)
        got = await everything(channel, 500)

        assert {(one.me, b"%d" % number) for number in range(500)} == set(got)
        assert 500 == len(got)


async def test_the_same_content_is_delivered_once_whoever_sends_it(house: MakeHouse) -> None:
    # NET-073
    home = house(3)
    async with home.open(0) as (one, _), home.open(1) as (two, _), home.open(2) as (three, _):
        channels = [network.subscribe(TOPIC) for network in (one, two, three)]
        await until(lambda: meshed(one, 2) and meshed(two, 2) and meshed(three, 2))

        await one.publish(TOPIC, b"same")
        await two.publish(TOPIC, b"same")
        await two.publish(TOPIC, b"last")
        got = await everything(channels[2], 2)

        assert [b"same", b"last"] == [data for _, data in got]


def linked(network: Any, count: int) -> bool:
    return network.statistics()["links_count"] == count


async def test_authorities_that_are_all_linked_hear_on_their_links_and_not_by_gossip(
    house: MakeHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    # NET-079
    home = house(3)
    async with home.open(0) as (one, _), home.open(1) as (two, _), home.open(2) as (three, _):
        channels = [network.subscribe(TOPIC) for network in (one, two, three)]
        await until(lambda: all(linked(network, 2) for network in (one, two, three)))
        monkeypatch.setattr(one._gossip, "send_out", None)

        await one.publish(TOPIC, b"batch")

        assert [(one.me, b"batch")] == await everything(channels[1], 1)
        assert [(one.me, b"batch")] == await everything(channels[2], 1)


async def test_a_follower_of_another_authority_hears_what_that_one_passes_on(
    house: MakeHouse,
) -> None:
    # NET-079
    home = house(2, 1)
    only_two = (home.configuration_of(2).peers[1],)
    async with (
        home.open(0) as (one, _),
        home.open(1) as (two, _),
        home.open(2, peers=only_two) as (three, _),
    ):
        channels = [network.subscribe(TOPIC) for network in (one, two, three)]
        await until(lambda: linked(one, 1) and linked(two, 1) and meshed(two, 2))

        await one.publish(TOPIC, b"batch")
        [(author, data)] = await everything(channels[1], 1)
        await two.pass_on(TOPIC, author, data)

        assert [(two.me, b"batch")] == await everything(channels[2], 1)


@pytest.mark.parametrize(
    ("payload", "offence"),
    [
        (b"", "gossip_undecodable"),
        (b"\x05abc", "gossip_undecodable"),
        (b"\x01\xffdata", "gossip_undecodable"),
        (publication_of("small", bytes(11)), "gossip_oversize"),
    ],
)
async def test_a_publication_on_a_link_obeys_the_rules_of_gossip(
    house: MakeHouse, payload: bytes, offence: str
) -> None:
    # NET-079
    home = house(2, configuration={"topic_limits": {"small": 10}})
    async with home.open(0) as (one, witness), home.open(1) as (two, _):
        await until(lambda: linked(one, 1) and linked(two, 1))
        for _ in range(3):
            two.link().send(one.me, PUBLICATION, payload, TrafficClass.TRANSACTIONS)
        await until(lambda: witness.named("authority_banned"))

        assert offence == witness.named("authority_banned")[0]["offence"]


async def test_a_message_that_is_too_large_is_not_sent(house: MakeHouse) -> None:
    # NET-072
    home = house(1, configuration={"topic_limits": {"small": 10}})
    async with home.open(0) as (one, _):
        with pytest.raises(TooLarge):
            await one.publish(TOPIC, bytes(limits.PUBLISH_MAX_BYTES + 1))
        with pytest.raises(TooLarge):
            await one.publish("small", bytes(11))


async def test_messages_after_a_restart_are_not_taken_for_duplicates(house: MakeHouse) -> None:
    # NET-074
    home = house(2)
    async with home.open(0) as (one, _):
        channel = one.subscribe(TOPIC)
        for start in (1000, 2000):
            async with home.open(1, counter_start=start) as (two, _):
                two.subscribe(TOPIC)
                await until(lambda: meshed(one, 1) and meshed(two, 1))
                for number in range(20):
                    await two.publish(TOPIC, b"%d %d" % (start, number))
                got = await everything(channel, 20)

                assert {b"%d %d" % (start, number) for number in range(20)} == {
                    data for _, data in got
                }


def packet(**fields: Any) -> bytes:
    """Return a gossip packet with one message, as it travels."""
    message = rpc_pb2.Message(topicIDs=[TOPIC], seqno=b"1", **fields)
    data = rpc_pb2.RPC(publish=[message]).SerializeToString()
    assert len(data) < 128
    return bytes([len(data)]) + data


@pytest.mark.parametrize(
    "villainy",
    [
        b"\x20" + b"\xff" * 32,
        packet(from_id=b"\x00\x24\x08\x01\x12\x20" + bytes(32), data=b"x", signature=b"s"),
        packet(from_id=b"garbage", key=b"garbage", data=b"x", signature=b"s"),
        packet(from_id=b"", data=b""),
        b"\xff" * 10,
    ],
    ids=["no packet", "bad signature", "unreadable key", "empty", "endless length"],
)
async def test_gossip_that_cannot_be_read_harms_nobody(house: MakeHouse, villainy: bytes) -> None:
    # NET-075
    home = house(2)
    async with home.open(0) as (one, _), home.open(1) as (two, _):
        channel = one.subscribe(TOPIC)
        two.subscribe(TOPIC)
        async with member_host(home, 99) as (host, connection):
            stream = await host.new_stream(connection.muxed_conn.peer_id, [PROTOCOL])
            await stream.write(villainy)
            await until(lambda: meshed(one, 1) and meshed(two, 1))
            await two.publish(TOPIC, b"honest")

            assert [(two.me, b"honest")] == await everything(channel, 1)


async def test_one_who_floods_is_banned_before_signatures_are_checked(
    house: MakeHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    # NET-076
    monkeypatch.setattr(limits, "GOSSIP_MESSAGES_PER_S", 10)
    home = house(1)
    async with home.open(0) as (one, witness):
        one.subscribe(TOPIC)
        async with member_host(home, 99) as (host, connection):
            stream = await host.new_stream(connection.muxed_conn.peer_id, [PROTOCOL])
            await stream.write(packet(from_id=b"x", data=b"x") * 100)
            await until(lambda: witness.named("peer_banned"))

        assert "gossip_flood" == witness.named("peer_banned")[0]["offence"]


async def test_a_reader_that_is_slow_loses_the_newest_and_the_observer_is_told(
    house: MakeHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    # NET-077
    monkeypatch.setattr(limits, "DELIVERIES_MAX_COUNT", 1)
    home = house(2)
    async with home.open(0) as (one, witness), home.open(1) as (two, _):
        one.subscribe(TOPIC)
        two.subscribe(TOPIC)
        await until(lambda: meshed(one, 1) and meshed(two, 1) and connected(one, two.me))

        for number in range(20):
            await two.publish(TOPIC, b"%d" % number)
            await trio.sleep(0.01)
        await until(lambda: witness.named("gossip_dropped"))

        assert TOPIC == witness.named("gossip_dropped")[0]["topic"]
