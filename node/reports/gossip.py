"""Tell the other nodes what was reported here, and hear what was reported there.

Source: docs/specs/reports.md, REPORT-007 to REPORT-009 and REPORT-021.
"""

from typing import Any

import trio

from node.reports.fault import OFFENCES, ReportFault
from node.reports.newest import Newest
from p2p.network import Network, PeerId

OUTBOX_MAX_COUNT = 100
"""Reports that wait to be published; the newest matter, so the oldest go."""

WRONG_REPORT = "gossip.wrong_report"


def report_topic(chain_id: bytes) -> str:
    """Return the topic on which a chain's reports are published."""
    return f"novation/reports/{chain_id.hex()[:16]}"


def volatility_topic(chain_id: bytes) -> str:
    """Return the topic on which a chain's reports of volatility are published."""
    return f"novation/volatility/{chain_id.hex()[:16]}"


class ReportGossip:
    """Publishes reports of one form that were submitted here, and keeps those of others."""

    def __init__(self, network: Network, reports: Newest[Any], topic: str) -> None:
        self._network = network
        self._reports = reports
        self._topic = topic
        self._outbox: list[bytes] = []
        self._filled = trio.Event()
        reports.tell(self._say)

    def _say(self, data: bytes) -> None:
        self._outbox = [*self._outbox, data][-OUTBOX_MAX_COUNT:]
        self._filled.set()

    async def run(self, *, task_status: Any = trio.TASK_STATUS_IGNORED) -> None:
        """Publish and hear until cancelled."""
        deliveries = self._network.subscribe(self._topic)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._publish)
            task_status.started()
            async for delivered in deliveries:
                for peer, data in delivered:
                    await self._hear(peer, data)

    async def _publish(self) -> None:
        while True:
            await self._filled.wait()
            self._filled = trio.Event()
            outbox, self._outbox = self._outbox, []
            for data in outbox:
                await self._network.publish(self._topic, data)

    async def _hear(self, peer: PeerId, data: bytes) -> None:
        try:
            self._reports.take(data)
        except ReportFault as fault:
            if fault.slug in OFFENCES:
                self._network.charge(peer, WRONG_REPORT)
        else:
            await self._network.pass_on(self._topic, peer, data)
