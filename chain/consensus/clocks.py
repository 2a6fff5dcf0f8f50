"""The clock alarm: no rule acts on peers' clocks, but an operator is told of an own bad one.

Source: docs/specs/consensus.md, SIMPLEX-042.
"""

from chain.arithmetic import divide_down
from chain.consensus.effects import Alarm
from chain.consensus.state import LinkedPeer, Node

_ALARM_EVERY_MS = 60_000


def heard(node: Node, linked: LinkedPeer, time_ms: int) -> None:
    """Note how far a peer's wall clock is from ours, half a round trip ago."""
    if node.authorities.index_of(linked.key) is None:
        return
    there_ms = time_ms + divide_down(linked.round_trip_ms, 2)
    linked.clock_offset_ms = node.wall_ms - there_ms
    offset_ms = own_offset_ms(node)
    if offset_ms is None or abs(offset_ms) <= node.settings.clock_alarm_ms:
        return
    if node.clock_alarm_ms is None or node.now_ms - node.clock_alarm_ms >= _ALARM_EVERY_MS:
        node.clock_alarm_ms = node.now_ms
        node.emit(Alarm("clock_apart", (("offset_ms", offset_ms),)))


def own_offset_ms(node: Node) -> int | None:
    """Return our wall clock less the median over authorities, None before q of them are known.

    Our own offset, zero, is among them; followers, who may be anybody, are not.
    """
    offsets = [0]
    for linked in node.peers.values():
        known = linked.clock_offset_ms
        if known is not None and node.authorities.index_of(linked.key) is not None:
            offsets.append(known)
    if len(offsets) < node.authorities.quorum:
        return None
    offsets.sort()
    return offsets[divide_down(len(offsets), 2)]
