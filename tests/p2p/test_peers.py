"""NET-030 to NET-039: hello, standing, liveness, redialling."""

import time
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
import trio
import trio.testing

from p2p import limits
from p2p.network import (
    CannotListen,
    Linked,
    Member,
    PeerAddress,
    Standing,
    TrafficClass,
    Unlinked,
    Unreachable,
    run_network,
)
from p2p.peers import keep_dialling
from tests.p2p.conftest import (
    Club,
    MakeHouse,
    Wire,
    Witness,
    connect,
    connected,
    member_host,
    plain_host,
    until,
)
from tests.ports import PORTS


def status_of(network: Any, peer: str) -> Any:
    return next(one for one in network.peers() if one.peer == peer)


async def test_who_said_hello_is_known_by_name_standing_and_distance(house: MakeHouse) -> None:
    home = house(1, 1)
    async with home.open(0) as (one, _), home.open(1) as (two, _):
        await until(lambda: connected(two, one.me) and connected(one, two.me))
        await until(lambda: status_of(one, two.me).rtt_ms is not None)
        status = status_of(one, two.me)

        assert ("node1", Standing.FOLLOWER, False) == (
            status.name,
            status.standing,
            status.linked,
        )
        assert Standing.AUTHORITY is status_of(two, one.me).standing


async def test_a_rejected_hello_leaves_a_stranger_who_learns_why(house: MakeHouse) -> None:
    home = house(2, refused=frozenset({"node1"}))
    async with home.open(0) as (one, witness), home.open(1) as (two, heard):
        await until(lambda: heard.named("hello_rejected_by_peer"))

        assert "wrong chain" == heard.named("hello_rejected_by_peer")[0]["why"]
        assert "wrong chain" == witness.named("hello_rejected")[0]["why"]
        assert not connected(one, two.me)
        with pytest.raises(Unreachable, match="hellos"):
            await one.ask(two.me, "/novation/ping/1", b"", timeout_s=5, limit_bytes=0)


async def test_followers_have_so_many_slots_and_authorities_their_own(house: MakeHouse) -> None:
    home = house(2, 2, configuration={"followers_max_count": 1})
    async with home.open(0) as (one, _), home.open(2) as (two, _):
        await until(lambda: connected(one, two.me))
        async with home.open(3) as (_, heard), home.open(1) as (authority, _):
            await until(lambda: heard.named("hello_rejected_by_peer"))
            await until(lambda: connected(one, authority.me))

            assert "no free slot for a follower" == heard.named("hello_rejected_by_peer")[0]["why"]


async def test_a_restarted_peer_is_linked_again(house: MakeHouse) -> None:
    home = house(2)
    async with home.open(0) as (one, _):
        for _ in range(2):
            async with home.open(1) as (two, _):
                await until(lambda: status_of(one, two.me).linked)
            await until(lambda: not status_of(one, home.peer(1)).linked)

        happened = [one.link().arrivals.receive_nowait() for _ in range(4)]

        assert [Linked, Unlinked, Linked, Unlinked] == [type(one) for one in happened]


async def test_a_peer_that_is_down_at_the_start_is_found_when_it_comes(house: MakeHouse) -> None:
    home = house(2)
    async with home.open(0) as (one, witness):
        await until(lambda: witness.named("dial_failed"))
        async with home.open(1) as (two, _):
            await until(lambda: connected(one, two.me))


async def test_a_link_that_fell_silent_is_cut_and_made_anew_and_gossip_with_it(
    house: MakeHouse, monkeypatch: pytest.MonkeyPatch, nursery: trio.Nursery
) -> None:
    monkeypatch.setattr(limits, "PING_EVERY_S", 0.2)
    monkeypatch.setattr(limits, "SILENCE_MAX_S", 1.0)
    home = house(2)
    wires = [Wire(next(PORTS), home.ports[number]) for number in range(2)]
    for number, wire in enumerate(wires):
        home.dialled_ports[number] = wire.port
        await nursery.start(wire.run)
    async with home.open(0) as (one, witness), home.open(1) as (two, heard):
        topic = two.subscribe("topic")
        await until(lambda: status_of(one, two.me).linked and status_of(two, one.me).linked)
        for wire in wires:
            wire.swallow()
        await until(lambda: witness.named("link_closed") and heard.named("link_closed"))

        await until(lambda: len(witness.named("link_opened")) == 2)
        await until(lambda: len(heard.named("link_opened")) == 2)
        with trio.fail_after(60):
            while topic.statistics().current_buffer_used == 0:
                await one.publish("topic", b"%f" % trio.current_time())
                await trio.sleep(0.1)

        assert witness.named("peer_silent") or heard.named("peer_silent")
    nursery.cancel_scope.cancel()


async def test_of_two_connections_of_one_identity_the_newer_stays(
    house: MakeHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "TWINS_WITHIN_S", 0.0)
    home = house(1)
    async with home.open(0) as (one, witness), plain_host(99) as first, plain_host(99) as second:
        await connect(first, home, 0)
        await until(lambda: one.statistics()["connections_count"] == 1)
        await connect(second, home, 0)
        await until(lambda: witness.named("disconnected"))

        assert "replaced by a newer connection" == witness.named("disconnected")[0]["why"]
        assert 1 == one.statistics()["connections_count"]


async def test_a_banned_authority_is_cut_and_comes_back_after_its_time(
    house: MakeHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BAN_AUTHORITY_S", 1.0)
    home = house(2)
    async with home.open(0) as (one, witness), home.open(1) as (two, _):
        await until(lambda: status_of(one, two.me).linked)

        one.charge(two.me, "undecodable")
        await until(lambda: not connected(one, two.me))
        await until(lambda: status_of(one, two.me).linked)

        assert [{"peer": two.me, "offence": "undecodable", "seconds": 1}] == witness.named(
            "authority_banned"
        )


async def test_a_banned_follower_is_not_admitted_again(house: MakeHouse) -> None:
    home = house(1)
    async with home.open(0) as (one, witness):
        async with member_host(home, 99) as (host, _):
            one.charge(host.get_id().to_base58(), "undecodable")
            await until(lambda: one.statistics()["connections_count"] == 0)
            with pytest.raises(Exception, match=r"[Cc]onn|fail|security|clos"):
                await host.get_network().new_stream((await connect(host, home, 0)).muxed_conn)

        assert 600 == witness.named("peer_banned")[0]["seconds"]
        assert 0 == one.statistics()["connections_count"]


async def test_isolated_peers_are_cut_refused_and_healed(house: MakeHouse) -> None:
    home = house(2)
    async with home.open(0) as (one, _), home.open(1) as (two, _):
        await until(lambda: status_of(one, two.me).linked)

        one.isolate(frozenset({two.me}))
        await until(lambda: not connected(two, one.me))
        one.isolate(frozenset())
        await until(lambda: status_of(one, two.me).linked)

        assert one.link().send(two.me, 1, b"", TrafficClass.VOTES)


async def test_a_port_that_is_taken_is_noticed(house: MakeHouse) -> None:
    home = house(1)
    async with home.open(0):
        with pytest.raises(CannotListen, match=str(home.ports[0])):
            await run_network(home.configuration_of(0), Club("x", frozenset()), Witness())


async def test_an_ended_network_leaves_its_port_and_closes_its_sockets(house: MakeHouse) -> None:
    home = house(2)
    async with home.open(0) as (one, _):
        async with home.open(1) as (two, _):
            await until(lambda: connected(one, two.me))
        with trio.fail_after(60):
            await until(lambda: not connected(one, two.me))
        with pytest.raises(OSError, match=r"."):
            await trio.open_tcp_stream("127.0.0.1", home.ports[1])


async def test_many_strangers_push_out_the_oldest_of_them(
    house: MakeHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "STRANGERS_MAX_COUNT", 2)
    home = house(2)
    async with home.open(0) as (one, witness), trio.open_nursery() as nursery:

        async def visit(number: int) -> None:
            async with plain_host(number) as host:
                await connect(host, home, 0)
                await trio.sleep_forever()

        for number in range(100, 104):
            nursery.start_soon(partial(visit, number))
        await until(lambda: len(witness.named("stranger_evicted")) == 2)
        async with home.open(1) as (two, _):
            await until(lambda: connected(one, two.me))

        await until(lambda: one.statistics()["strangers_count"] == 2)
        nursery.cancel_scope.cancel()


async def dials_within(seconds: float, me: str, connection_lasts_s: float | None) -> list[float]:
    """Return when a peer is dialled whose connections last so long, or never come to be."""
    began_at = trio.current_time()
    dialled_at: list[float] = []
    present: list[trio.Event] = []

    async def dial(_address: PeerAddress) -> None:
        dialled_at.append(round(trio.current_time() - began_at, 3))
        if connection_lasts_s is not None:
            present[:] = [trio.Event()]
            nursery.start_soon(end, present[0])

    async def end(closed: trio.Event) -> None:
        await trio.sleep(connection_lasts_s or 0)
        present.clear()
        closed.set()

    def lost() -> trio.Event | None:
        return present[0] if present else None

    with trio.move_on_after(seconds):
        async with trio.open_nursery() as nursery:
            address = PeerAddress("M", "127.0.0.1", 1, authority=True)
            await keep_dialling(me, address, lambda: True, dial, lost)
    return dialled_at


async def test_an_authority_is_dialled_for_ever_with_pauses_that_grow_to_five_seconds(
    autojump_clock: trio.testing.MockClock,
) -> None:
    # NET-036
    dialled_at = await dials_within(100, "A", None)
    pauses = [round(later - before, 3) for before, later in pairwise(dialled_at)]

    assert 0 == dialled_at[0]
    assert [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0] == pauses[:7]
    assert {5.0} == set(pauses[5:])


async def test_connections_that_end_early_are_not_made_in_a_storm(
    autojump_clock: trio.testing.MockClock,
) -> None:
    # NET-036
    assert 25 > len(await dials_within(100, "A", 0.001))


async def test_after_a_good_connection_the_peer_is_dialled_at_once(
    autojump_clock: trio.testing.MockClock,
) -> None:
    # NET-036
    assert [0, 10, 20, 30] == await dials_within(35, "A", 10)


async def test_the_higher_id_lets_the_lower_dial_first(
    autojump_clock: trio.testing.MockClock,
) -> None:
    # NET-036
    assert 0 == (await dials_within(1, "A", 10))[0]
    assert limits.DIAL_YIELD_S == (await dials_within(1, "Z", 10))[0]


async def test_a_loop_that_stood_still_does_not_take_its_peers_for_silent(
    house: MakeHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    # NET-035
    monkeypatch.setattr(limits, "SILENCE_MAX_S", 1.0)
    monkeypatch.setattr(limits, "PING_EVERY_S", 0.2)
    home = house(2)
    async with home.open(0) as (one, witness), home.open(1) as (two, _):
        await until(lambda: connected(one, two.me))

        time.sleep(2)  # noqa: ASYNC251 - the loop stands still
        for _ in range(20):
            await trio.sleep(0.1)

        assert [] == witness.named("peer_silent")
        assert connected(one, two.me)


async def test_a_handler_ends_with_the_connection_of_who_asked(house: MakeHouse) -> None:
    home = house(2)
    ended = trio.Event()

    async def endless(_peer: str, _member: Member, _request: bytes) -> bytes:
        try:
            await trio.sleep_forever()
        finally:
            ended.set()
        return b""

    async def ask(one: Any, peer: str) -> None:
        with pytest.raises(Unreachable):
            await one.ask(peer, "/novation/test/1", b"", timeout_s=60, limit_bytes=0)

    async with home.open(0) as (one, _), home.open(1) as (two, _):
        two.answer("/novation/test/1", endless)
        await until(lambda: connected(one, two.me))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(ask, one, two.me)
            await until(lambda: two._sessions.get(one.me).serving)
            await trio.sleep(0.2)
            two._sessions.get(one.me).cut("over")
            with trio.fail_after(60):
                await ended.wait()
