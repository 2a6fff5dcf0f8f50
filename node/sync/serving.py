"""Answer those who catch up, from the store and within their share of the line.

Source: docs/specs/sync.md, SYNC-030 to SYNC-033.
"""

from collections.abc import Callable
from typing import Protocol

import trio

from chain.block.certificate import Certificate
from chain.block.header import Header, header_bytes
from chain.codec.canonical import encode
from chain.codec.record import MalformedRecord
from node.clock import Clock
from node.sync import wire
from node.sync.lines import Lines
from node.sync.wire import EpochEnd, GetEpochs, GetRange, GetTip, Range, Tip
from p2p.network import Member, PeerId, Refused, Standing


class Library(Protocol):
    """What of the store is served. Every call is fast, and may come from a thread."""

    def certified_height(self) -> int:
        """Return the highest height with a Finalize certificate of its own; 0 for none."""
        ...

    def header(self, height: int) -> Header | None:
        """Return the header at a height."""
        ...

    def block_bytes(self, height: int) -> bytes | None:
        """Return the block at a height as it travels."""
        ...

    def certificate_at_or_above(self, height: int) -> tuple[int, Certificate] | None:
        """Return the next certified height from here up, with its certificate."""
        ...

    def epoch_ends(self, from_epoch: int, max_count: int) -> list[EpochEnd]:
        """Return boundaries in order, as many as there are."""
        ...


def tip_answer(library: Library) -> bytes:
    """Return the newest certified header, as it is sent. Raises `Refused` before there is one."""
    height = library.certified_height()
    found = library.certificate_at_or_above(height) if height else None
    header = library.header(height)
    if found is None or header is None:
        raise Refused("nothing is certified here yet")
    return wire.tip_bytes(Tip(header_bytes(header), encode(found[1])))


def range_answer(library: Library, asked: GetRange) -> bytes:
    """Return blocks from a height on, of one epoch, while they fit, with their proof.

    Raises `Refused` when there is none.
    """
    top_height = min(
        library.certified_height(),
        asked.from_height + min(asked.max_count, wire.WINDOW_MAX_COUNT) - 1,
    )
    first = library.header(asked.from_height)
    if first is None or asked.from_height < 1 or asked.from_height > top_height:
        raise Refused(f"no certified block at height {asked.from_height} here")
    blocks: list[bytes] = []
    total_bytes = 0
    for height in range(asked.from_height, top_height + 1):
        header, block = library.header(height), library.block_bytes(height)
        if header is None or block is None or header.epoch != first.epoch:
            break
        if blocks and total_bytes + len(block) > wire.RANGE_MAX_BYTES:
            break
        blocks.append(block)
        total_bytes += len(block)
    last_height = asked.from_height + len(blocks) - 1
    found = library.certificate_at_or_above(last_height)
    if not blocks or found is None:
        raise Refused(f"block {asked.from_height} is not kept here")
    above: list[bytes] = []
    for height in range(last_height + 1, found[0] + 1):
        header = library.header(height)
        if header is None:
            raise Refused(f"header {height} is not kept here")
        above.append(header_bytes(header))
    return wire.range_bytes(Range(tuple(blocks), tuple(above), encode(found[1])))


class Serving:
    """The handler of the sync protocol."""

    def __init__(self, library: Library, clock: Clock, consensus_waits: Callable[[], bool]) -> None:
        self._library = library
        self._clock = clock
        self._consensus_waits = consensus_waits
        self._lines = Lines()

    async def answer(self, peer: PeerId, member: Member, request: bytes) -> bytes:
        """Return what a peer asked for. Raises `Refused`, which it may take as "later"."""
        try:
            asked = wire.parse_request(request)
        except MalformedRecord as fault:
            raise Refused(f"no request: {fault}") from fault
        is_authority = member.standing is Standing.AUTHORITY
        now_ms = self._clock.monotonic_ms()
        if self._consensus_waits() or not self._lines.may_serve(
            peer, now_ms, is_authority=is_authority
        ):
            raise Refused("later")
        # Reading four megabytes takes milliseconds that consensus does not have.
        answer = await trio.to_thread.run_sync(self._read, asked)
        self._lines.served(peer, len(answer), self._clock.monotonic_ms(), is_authority=is_authority)
        return answer

    def _read(self, asked: wire.Request) -> bytes:
        match asked:
            case GetTip():
                return tip_answer(self._library)
            case GetEpochs():
                count = min(asked.max_count, wire.WINDOW_MAX_COUNT)
                return wire.epochs_bytes(self._library.epoch_ends(asked.from_epoch, count))
            case GetRange():
                return range_answer(self._library, asked)
