"""Counts of what a network did and holds, for metrics: read, never written, by others."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class NetworkStatistics:
    """One look. Counts that only grow end in `_total`; the rest is as it is now."""

    connections_count: int = 0
    members_count: int = 0
    strangers_count: int = 0
    half_open_count: int = 0
    half_open_evicted_total: int = 0
    links_count: int = 0
    link_writes_total: int = 0
    link_frames_received_total: int = 0
    link_frames_dropped_total: int = 0
    link_queued_bytes: int = 0
    asked_total: int = 0
    answered_total: int = 0
    refused_total: int = 0
    gossip_delivered_total: int = 0
    gossip_dropped_total: int = 0
    gossip_refused_total: int = 0
    banned_count: int = 0

    def facts(self) -> dict[str, int]:
        """Return the counts by name."""
        return asdict(self)
