"""Set the gauges: how the parts of a node stand now, as opposed to what happened.

Source: docs/specs/telemetry.md, TELE-013.
"""

from collections.abc import Mapping
from itertools import islice

import trio
from prometheus_client import Counter

from derivatives.instruments.state import INSTRUMENTS
from derivatives.instruments.terms import is_option
from derivatives.marks.state import MARKS
from derivatives.orders.depth import best_ask, best_bid
from derivatives.positions.state import OPEN_INTEREST
from node.services import Services
from node.telemetry import metrics

MARKETS_SHOWN_MAX_COUNT = 64
"""Instruments of which numbers are shown, the first by name: each costs a little every time."""

LOOP_LOOK_S = 1.0
"""How often a timer is set only to see how late it fires."""

_GROWING: Mapping[str, Counter] = {
    "link_frames_received_total": metrics.LINK_FRAMES,
    "link_frames_dropped_total": metrics.LINK_DROPPED,
    "gossip_dropped_total": metrics.GOSSIP_DROPPED,
}
"""Counts of p2p, and the number that shows each."""


class Gauges:
    """The numbers of one node."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._seen: dict[str, int] = {}
        self._markets_height = -1

    def measure(self) -> None:
        """Set every gauge from how things stand now."""
        services = self._services
        head = services.finality.head
        metrics.CHAIN_HEIGHT.set(head.height)
        metrics.CHAIN_TIME_SECONDS.set(head.time_ms / 1000)
        for number, count in enumerate(services.mempool.waiting_by_class):
            metrics.MEMPOOL_TRANSACTIONS.labels(str(number)).set(count)
        metrics.MEMPOOL_BYTES.set(services.mempool.waiting_bytes)
        standing = services.consensus.standing()
        metrics.CONSENSUS_VIEW.set(standing.view)
        metrics.CONSENSUS_EPOCH.set(standing.epoch)
        metrics.CONSENSUS_SIGNING.set(standing.signing)
        metrics.SYNC_BEHIND.set(standing.syncing)
        metrics.SYNC_BEST_HEIGHT.set(standing.best_height)
        if head.height != self._markets_height:
            self._markets_height = head.height
            self._measure_markets()
        self._measure_network()

    def _measure_markets(self) -> None:
        """Show prices and open interest of each perpetual and future as of the final head."""
        view, _ = self._services.state_store.view_at(None)
        names = (str(key) for key, terms in view.scan(INSTRUMENTS) if not is_option(terms))
        for name in islice(names, MARKETS_SHOWN_MAX_COUNT):
            mark, interest = view.get(MARKS, name), view.get(OPEN_INTEREST, name)
            if mark is not None:
                metrics.MARKET_MARK_TICKS.labels(name).set(mark.mark_price_ticks)
            lots = 0 if interest is None else interest.long_lots
            metrics.MARKET_INTEREST_LOTS.labels(name).set(lots)
            metrics.MARKET_BEST_TICKS.labels(name, "buy").set(best_bid(view, name) or 0)
            metrics.MARKET_BEST_TICKS.labels(name, "sell").set(best_ask(view, name) or 0)

    def _measure_network(self) -> None:
        network = self._services.network
        if network is None:
            return
        metrics.PEERS_LINKED.set(sum(peer.linked for peer in network.peers()))
        counts = network.statistics()
        metrics.LINK_QUEUED_BYTES.set(counts.get("link_queued_bytes", 0))
        for name, number in _GROWING.items():
            count = counts.get(name, 0)
            number.inc(max(0, count - self._seen.get(name, 0)))
            self._seen[name] = count

    async def watch_loop(self) -> None:
        """See how late timers fire until cancelled: what a busy loop does to everything."""
        while True:
            due_s = trio.current_time() + LOOP_LOOK_S
            await trio.sleep_until(due_s)
            metrics.LOOP_DELAY_SECONDS.observe(max(0.0, trio.current_time() - due_s))
