"""CORE-002: what links bring becomes inputs, and what cannot be read is held against its sender."""

from typing import Any

import trio
import trio.testing

from chain.block.vote import NULLIFY, Vote
from chain.consensus.messages import encode_message
from node.consensus.arrivals import MALFORMED, Arrivals
from p2p.network import Arrival, Frame, Linked, Member, Standing, Unlinked

VOTE = Vote(0, 1, NULLIFY, bytes(32), 0, bytes(64))
KEY = bytes([3]) * 32


class Ear:
    """Hears what a driver would give to the core."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, tuple[Any, ...]]] = []

    is_full = False

    def put(self, *given: Any) -> None:
        for one in given:
            one(self, 0, 0)

    def __getattr__(self, name: str) -> Any:
        return lambda now, wall, *what: self.heard.append((name, what))

    async def wait_room(self) -> None:
        return


class Wires:
    def __init__(self) -> None:
        self.bring, self.arrivals = trio.open_memory_channel[Any](100)
        self.charged: list[tuple[str, str]] = []
        self.hearer: Any = None

    def hear(self, hearer: Any) -> None:
        self.hearer = hearer

    def link(self) -> "Wires":
        return self

    def charge(self, peer: str, offence: str) -> None:
        self.charged.append((peer, offence))

    def peers(self) -> list[Any]:
        return []


async def heard_of(*news: Any) -> tuple[Ear, Wires]:
    ear, wires = Ear(), Wires()
    keys = {"authority": KEY}
    arrivals = Arrivals(wires, ear, keys.get)  # type: ignore[arg-type]
    async with trio.open_nursery() as nursery:
        await nursery.start(arrivals.run)
        for one in news:
            await wires.bring.send(one)
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    return ear, wires


def frames(*messages: Any) -> list[Frame]:
    return [Frame(*encode_message(message)) for message in messages]


async def test_an_open_link_is_a_peer_with_the_key_it_proved() -> None:
    ear, _ = await heard_of(Linked("authority", Member(Standing.AUTHORITY, "auth1")))

    assert [("peer_up", ("authority", KEY))] == ear.heard


async def test_a_link_whose_key_is_not_known_is_no_peer() -> None:
    ear, _ = await heard_of(Linked("follower", Member(Standing.FOLLOWER, "f")))

    assert [] == ear.heard


async def test_a_closed_link_is_a_peer_less() -> None:
    ear, _ = await heard_of(Unlinked("authority", "gone"))

    assert [("peer_down", ("authority",))] == ear.heard


async def test_frames_are_messages_in_their_order() -> None:
    other = Vote(0, 2, NULLIFY, bytes(32), 0, bytes(64))

    ear, _ = await heard_of(Arrival("authority", frames(VOTE, other)))

    expected = [("receive", ("authority", VOTE)), ("receive", ("authority", other))]
    assert expected == ear.heard


async def test_what_cannot_be_read_is_held_against_its_sender() -> None:
    ear, wires = await heard_of(Arrival("authority", [Frame(1, b"\xff"), *frames(VOTE)]))

    assert [("authority", MALFORMED)] == wires.charged
    assert [] == ear.heard


async def test_news_are_heard_where_they_come_once_nothing_waits_before_them() -> None:
    ear, wires = Ear(), Wires()
    down = [("peer_down", (name,)) for name in ("first", "second", "third", "fourth")]
    arrivals = Arrivals(wires, ear, dict[str, bytes]().get)  # type: ignore[arg-type]
    async with trio.open_nursery() as nursery:
        await nursery.start(arrivals.run)
        await trio.testing.wait_all_tasks_blocked()
        are_heard = [wires.hearer(Unlinked("first", "gone"))]
        wires.bring.send_nowait(Unlinked("first", "gone"))
        # The first is on its way to the task, and must not be overtaken.
        are_heard.append(wires.hearer(Unlinked("second", "gone")))
        wires.bring.send_nowait(Unlinked("second", "gone"))
        await trio.testing.wait_all_tasks_blocked()
        are_heard.append(wires.hearer(Unlinked("third", "gone")))
        ear.is_full = True
        are_heard.append(wires.hearer(Unlinked("fourth", "gone")))
        heard = list(ear.heard)
        nursery.cancel_scope.cancel()

    assert [False, False, True, False] == are_heard
    assert down[:3] == heard
