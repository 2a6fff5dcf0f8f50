"""What comes in on the links becomes inputs of the core."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import trio

from chain.codec.record import MalformedRecord
from chain.consensus.messages import Message, decode_message
from node.consensus.driver import Driver
from p2p.network import Arrival, Linked, Network, PeerId, Unlinked

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

    async def run(self, *, task_status: Any = trio.TASK_STATUS_IGNORED) -> None:
        """Hand over until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._measure)
            task_status.started()
            arrivals = self._network.link().arrivals
            with suppress(trio.EndOfChannel):
                while True:
                    self._hear(await arrivals.receive())
                    # The core takes in one turn what came together.
                    with suppress(trio.WouldBlock):
                        while not self._driver.is_full:
                            self._hear(arrivals.receive_nowait())
                    await self._driver.wait_room()

    def _hear(self, news: Arrival | Linked | Unlinked) -> None:
        match news:
            case Linked(peer=peer):
                self._came(peer)
            case Unlinked(peer=peer):
                self._went(peer)
            case Arrival():
                self._take(news)

    def _came(self, peer: PeerId) -> None:
        key = self._key_of(peer)
        if key is not None:
            self._driver.put(lambda core, now, wall: core.peer_up(now, wall, peer, key))

    def _went(self, peer: PeerId) -> None:
        self._driver.put(lambda core, now, wall: core.peer_down(now, wall, peer))

    def _took(self, peer: PeerId, rtt_ms: int) -> None:
        self._driver.put(lambda core, now, wall: core.peer_round_trip(now, wall, peer, rtt_ms))

    def _take(self, arrival: Arrival) -> None:
        peer = arrival.peer
        for frame in arrival.frames:
            try:
                message = decode_message(frame.kind, frame.payload)
            except MalformedRecord:
                self._network.charge(peer, MALFORMED)
                return
            self._put(peer, message)

    def _put(self, peer: PeerId, message: Message) -> None:
        self._driver.put(lambda core, now, wall: core.receive(now, wall, peer, message))

    async def _measure(self) -> None:
        """Tell the core how long messages take, for its clock alarm."""
        while True:
            await trio.sleep(ROUND_TRIPS_EVERY_S)
            for status in self._network.peers():
                if status.linked and status.rtt_ms is not None:
                    self._took(status.peer, status.rtt_ms)
