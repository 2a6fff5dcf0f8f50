"""What comes in on the links becomes inputs of the core, in the turn in which it comes."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import trio

from chain.codec.record import MalformedRecord
from chain.consensus.messages import Message, decode_message
from node.consensus.driver import TURN_MAX_COUNT, Driver, Input
from p2p.network import Arrival, Linked, Network, News, PeerId, Unlinked

MALFORMED = "consensus.malformed"
ROUND_TRIPS_EVERY_S = 2.0


class Arrivals:
    """Hands the links' news to the driver; a driver that is behind slows the links."""

    def __init__(
        self, network: Network, driver: Driver, key_of: Callable[[PeerId], bytes | None]
    ) -> None:
        self._network = network
        self._driver = driver
        self._key_of = key_of
        self._is_behind = True
        """Whether something may wait that came before what comes next."""

    async def run(self, *, task_status: Any = trio.TASK_STATUS_IGNORED) -> None:
        """Hand over until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._measure)
            task_status.started()
            link = self._network.link()
            link.hear(self._is_heard)
            with suppress(trio.EndOfChannel):
                while True:
                    inputs = self._inputs_of(await link.arrivals.receive())
                    # The core takes in one turn what came together.
                    with suppress(trio.WouldBlock, trio.EndOfChannel):
                        while len(inputs) < TURN_MAX_COUNT:
                            inputs += self._inputs_of(link.arrivals.receive_nowait())
                    self._is_behind = len(inputs) >= TURN_MAX_COUNT
                    self._driver.put(*inputs)
                    await self._driver.wait_room()

    def _is_heard(self, news: News) -> bool:
        """Hand news over in the turn in which it comes, unless something waits before it."""
        self._is_behind = self._is_behind or self._driver.is_full
        if not self._is_behind:
            self._driver.put(*self._inputs_of(news))
        return not self._is_behind

    def _inputs_of(self, news: News) -> list[Input]:
        """Return what the core is given for this."""
        match news:
            case Linked(peer=peer):
                key = self._key_of(peer)
                return [] if key is None else [_up(peer, key)]
            case Unlinked(peer=peer):
                return [_down(peer)]
            case Arrival():
                return self._messages_of(news)

    def _messages_of(self, arrival: Arrival) -> list[Input]:
        inputs: list[Input] = []
        for frame in arrival.frames:
            try:
                message = decode_message(frame.kind, frame.payload)
            except MalformedRecord:
                self._network.charge(arrival.peer, MALFORMED)
                break
            inputs.append(_received(arrival.peer, message))
        return inputs

    async def _measure(self) -> None:
        """Tell the core how long messages take, for its clock alarm."""
        while True:
            await trio.sleep(ROUND_TRIPS_EVERY_S)
            self._driver.put(
                *(
                    _took(status.peer, status.rtt_ms)
                    for status in self._network.peers()
                    if status.linked and status.rtt_ms is not None
                )
            )


def _up(peer: PeerId, key: bytes) -> Input:
    return lambda core, now, wall: core.peer_up(now, wall, peer, key)


def _down(peer: PeerId) -> Input:
    return lambda core, now, wall: core.peer_down(now, wall, peer)


def _received(peer: PeerId, message: Message) -> Input:
    return lambda core, now, wall: core.receive(now, wall, peer, message)


def _took(peer: PeerId, rtt_ms: int) -> Input:
    return lambda core, now, wall: core.peer_round_trip(now, wall, peer, rtt_ms)
