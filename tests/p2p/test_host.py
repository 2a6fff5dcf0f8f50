"""The network over libp2p, between hosts of this process, over loopback."""

import pytest
import trio

from p2p.network import Arrival, Frame, Linked, Member, PeerId, Refused, TooLarge, TrafficClass
from tests.p2p.conftest import MakeHouse, connected, until


async def test_two_authorities_link_ask_and_gossip(house: MakeHouse) -> None:
    home = house(2)
    async with home.open(0) as (one, _), home.open(1) as (two, _):
        arrivals = two.link().arrivals
        with trio.fail_after(60):
            linked = await arrivals.receive()

        await until(lambda: one.link().send(two.me, 1, b"vote", TrafficClass.VOTES))
        with trio.fail_after(60):
            arrival = await arrivals.receive()

        assert isinstance(linked, Linked)
        assert "node0" == linked.member.name
        assert Arrival(one.me, [Frame(1, b"vote")]) == arrival


async def test_a_question_is_answered_refused_or_too_large(house: MakeHouse) -> None:
    home = house(2)

    async def answer(_peer: PeerId, _member: Member, request: bytes) -> bytes:
        if request == b"no":
            raise Refused("not here")
        return request * 1000

    async with home.open(0) as (one, _), home.open(1) as (two, _):
        two.answer("/novation/test/1", answer)
        await until(lambda: connected(one, two.me))

        first = await one.ask(two.me, "/novation/test/1", b"ab", timeout_s=5, limit_bytes=2000)
        with pytest.raises(Refused, match="not here"):
            await one.ask(two.me, "/novation/test/1", b"no", timeout_s=5, limit_bytes=2000)
        with pytest.raises(TooLarge):
            await one.ask(two.me, "/novation/test/1", b"abc", timeout_s=5, limit_bytes=2000)
        again = await one.ask(two.me, "/novation/test/1", b"cd", timeout_s=5, limit_bytes=2000)

        assert b"ab" * 1000 == first
        assert b"cd" * 1000 == again


async def test_gossip_reaches_the_others_once_with_its_author(house: MakeHouse) -> None:
    home = house(3)
    async with home.open(0) as (one, _), home.open(1) as (two, _), home.open(2) as (three, _):
        received = [two.subscribe("novation/test"), three.subscribe("novation/test")]
        one.subscribe("novation/test")
        await until(lambda: connected(one, two.me) and connected(one, three.me))
        await until(lambda: len(one._gossip.mesh_of("novation/test")) == 2)

        for number in range(50):
            await one.publish("novation/test", b"batch %d" % number)

        for channel in received:
            got = []
            with trio.fail_after(60):
                while len(got) < 50:
                    got += await channel.receive()
            assert {(one.me, b"batch %d" % number) for number in range(50)} == set(got)
            assert 50 == len(got)
