"""Every number that a node shows at `/metrics`, declared one a line with its unit and help.

`<part>_<noun>_<unit>` or `_total`; base units, no rates, none derivable from another; labels
only from closed sets, never addresses, ids or heights.

Source: docs/specs/telemetry.md, TELE-010 to TELE-012.
"""

from collections.abc import Sequence

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

PREFIX = "novation"
REGISTRY = CollectorRegistry(auto_describe=True)

# Open files, memory and processor time of the process, where the system tells them.
ProcessCollector(namespace=PREFIX, registry=REGISTRY)

# From half a millisecond to ten seconds: what a part of a block, or a call, may take.
_SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


def counter(name: str, help_text: str, labels: Sequence[str] = ()) -> Counter:
    """Return a number that only grows; its name gets `_total`."""
    return Counter(name, help_text, labels, namespace=PREFIX, registry=REGISTRY)


def gauge(name: str, help_text: str, labels: Sequence[str] = ()) -> Gauge:
    """Return a number that goes up and down."""
    return Gauge(name, help_text, labels, namespace=PREFIX, registry=REGISTRY)


def histogram(name: str, help_text: str, labels: Sequence[str] = ()) -> Histogram:
    """Return a distribution of seconds."""
    return Histogram(name, help_text, labels, namespace=PREFIX, registry=REGISTRY, buckets=_SECONDS)


def render() -> bytes:
    """Return every number in the Prometheus text format. Milliseconds of work: use a thread."""
    return generate_latest(REGISTRY)


CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# fmt: off
CHAIN_HEIGHT = gauge("chain_height", "Height of the newest final block.")
CHAIN_TIME_SECONDS = gauge("chain_time_seconds", "Header time of the newest final block, Unix.")
CHAIN_TRANSACTIONS = counter("chain_transactions", "Final transactions.", ("outcome",))
CONSENSUS_VIEW = gauge("consensus_view", "View that this node is in.")
CONSENSUS_EPOCH = gauge("consensus_epoch", "Epoch that this node is in.")
CONSENSUS_VOTES = counter("consensus_votes", "Votes that this node signed.", ("kind",))
CONSENSUS_NULLIFIED = counter("consensus_nullified_views", "Views that ended without a block.")
CONSENSUS_SIGNING = gauge("consensus_signing", "1 while this node signs votes, else 0.")
CONSENSUS_ALARMS = counter("consensus_alarms", "Alarms told to the log.", ("alarm",))
FINALITY_SECONDS = histogram("finality_seconds", "From a block's header time to its finality here.")
APPLY_SECONDS = histogram("apply_seconds", "Execution of one block, from open to close.")
BUILD_SECONDS = histogram("build_seconds", "Building of one proposal.")
COMMIT_SECONDS = histogram("commit_seconds", "One synced write of final blocks to disk.")
VOTE_LOG_SECONDS = histogram("vote_log_seconds", "One synced append to the vote log.")
MEMPOOL_TRANSACTIONS = gauge("mempool_transactions", "Transactions that wait.", ("class",))
MEMPOOL_BYTES = gauge("mempool_bytes", "Bytes of transactions that wait.")
MEMPOOL_REFUSED = counter("mempool_refused", "Transactions that admission refused.", ("area",))
SYNC_BLOCKS = counter("sync_blocks", "Blocks taken over from peers by range sync.")
SYNC_BEHIND = gauge("sync_catching_up", "1 while proven blocks are missing here, else 0.")
SYNC_BEST_HEIGHT = gauge("sync_best_height", "Highest height that a certificate proves final.")
PEERS_LINKED = gauge("peers_linked", "Peers whose hello was accepted and whose link is open.")
P2P_EVENTS = counter("p2p_events", "What p2p told its observer.", ("event",))
LINK_FRAMES = counter("link_frames", "Frames that came over links.")
LINK_DROPPED = counter("link_frames_dropped", "Frames that no link had room for.")
LINK_QUEUED_BYTES = gauge("link_queued_bytes", "Bytes that wait to leave over links.")
GOSSIP_FRAMES = counter("gossip_frames", "Gossip published and heard.", ("topic", "direction"))
GOSSIP_DROPPED = counter("gossip_frames_dropped", "Gossip that nobody here had room for.")
MARKET_MARK_TICKS = gauge("market_mark_ticks", "Mark of an instrument.", ("instrument",))
MARKET_BEST_TICKS = gauge("market_best_ticks", "Best price, 0: none.", ("instrument", "side"))
MARKET_INTEREST_LOTS = gauge("market_open_interest_lots", "Lots that are long.", ("instrument",))
STORAGE_FREE_BYTES = gauge("storage_free_bytes", "Free bytes on the disk of the data folder.")
LOOP_DELAY_SECONDS = histogram("event_loop_delay_seconds", "How late a timer of the loop fired.")
RPC_CALLS = counter("rpc_calls", "Calls, by code: 0 for a result.", ("method", "code"))
RPC_SECONDS = histogram("rpc_seconds", "From a call's bytes to its answer's.", ("method",))
RPC_CONNECTIONS = gauge("rpc_connections", "Open connections, WebSockets included.")
RPC_CONNECTIONS_REFUSED = counter("rpc_connections_refused", "Connections turned away.")
RPC_SUBSCRIPTIONS = gauge("rpc_subscriptions", "Open subscriptions.")
RPC_READERS_CLOSED = counter("rpc_slow_readers", "WebSockets closed with 4008.")
RPC_MALFORMED = counter("rpc_malformed_requests", "Requests that were no HTTP, or beyond a limit.")
RPC_DEFECTS = counter("rpc_defects", "Defects of ours that a guard caught.", ("doing",))
# fmt: on
