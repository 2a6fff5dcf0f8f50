"""The vote log as bytes: segment starts, frames, records, and what a reader makes of them.

Everything that one turn of the core must not forget is one frame, written by one write and
synced before anything of that turn is sent. Only one frame is ever in flight, so only the last
one can be torn, in whatever order the file system wrote its pages; and nothing of a torn frame
was sent. Files are opened, rolled and deleted elsewhere: this is bytes in, decisions out.

Source: docs/specs/vote_log.md, LOG-001 to LOG-012.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from struct import Struct
from zlib import crc32

from chain.block.block import Block
from chain.block.certificate import Certificate
from chain.block.header import block_id_of
from chain.block.vote import Vote
from chain.codec.record import MalformedRecord
from chain.consensus.messages import (
    BlockAnswer,
    Message,
    Proposal,
    decode_message,
    encode_message,
)

SEGMENT_MAGIC = b"NOVOTES1"
SEGMENT_BYTES_MAX = 64 * 1024 * 1024
"""A segment that is longer is closed and the next one is begun."""

FRAME_BYTES_MAX = 32 * 1024 * 1024
"""One turn: a handful of blocks of two megabytes at most."""

_START = Struct(">8s32s32sQQQ")
_FRAME = Struct(">IIQ")
_RECORD = Struct(">BI")
_CRC = Struct(">I")
SEGMENT_START_BYTES = _START.size + _CRC.size
FRAME_HEAD_BYTES = _FRAME.size

_PLACES_SEARCHED_COUNT = 8
"""How many sequence numbers after a bad frame are looked for before the rest is called torn."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A view of an epoch; places are compared as pairs, never by view alone."""

    epoch: int
    view: int


NOWHERE = Place(0, 0)
"""The floor of a log in which nothing was ever signed: views begin at 1."""


@dataclass(frozen=True, slots=True)
class KeptBlock:
    """A body that a vote was about to depend on."""

    block: Block
    block_id: bytes


LogRecord = Vote | Certificate | Proposal | KeptBlock
"""A vote of our own, a certificate we acted on, a proposal we made, a body we voted on."""


@dataclass(frozen=True, slots=True)
class SegmentStart:
    """What stands at the head of a segment.

    `floor` is the highest place that was ever signed before this segment; `previous_seq` the
    number of the last frame before it, 0 for none.
    """

    chain_id: bytes
    public_key: bytes
    floor: Place
    previous_seq: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment as read: its good frames, and how it ended."""

    start: SegmentStart | None
    """None when the start itself is torn: the process died while making the segment."""
    frames: tuple[tuple[int, tuple[LogRecord, ...]], ...]
    good_bytes: int
    """Length of the start and the good frames."""
    torn: bool
    """Bytes that are no frame follow the last good one."""
    broken: str
    """Why no torn write explains these bytes; empty when one does or none is needed."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What all segments together say."""

    floor: Place
    """Records of votes at or below this place may have been deleted: never vote there again."""
    highest: Place
    """The highest place signed, by floor or record: what the next segment's start repeats."""
    last_seq: int
    records: tuple[LogRecord, ...]
    broken: str
    """Why this log must not be signed with; empty for a sound one."""


def place_of(record: LogRecord) -> Place:
    """Return the view that a record belongs to: a body's is that of its first proposal."""
    if isinstance(record, KeptBlock):
        return Place(record.block.header.epoch, record.block.header.view)
    return Place(record.epoch, record.view)


def segment_start_bytes(start: SegmentStart) -> bytes:
    """Return the head of a new segment."""
    assert len(start.chain_id) == len(start.public_key) == 32
    floor = start.floor
    head = _START.pack(
        SEGMENT_MAGIC, start.chain_id, start.public_key, floor.epoch, floor.view, start.previous_seq
    )
    return head + _CRC.pack(crc32(head))


def parse_segment_start(data: bytes) -> SegmentStart | None:
    """Return the start of a segment, or None when these bytes begin with none."""
    head, crc = data[: _START.size], data[_START.size : SEGMENT_START_BYTES]
    if len(crc) != _CRC.size or crc != _CRC.pack(crc32(head)):
        return None
    magic, chain_id, public_key, epoch, view, previous_seq = _START.unpack(head)
    if magic != SEGMENT_MAGIC:
        return None
    return SegmentStart(chain_id, public_key, Place(epoch, view), previous_seq)


_NUMBERS: dict[type, int] = {Vote: 1, Certificate: 2, Proposal: 3, KeptBlock: 4}
_MESSAGE_KINDS: dict[int, type] = {1: Vote, 2: Certificate, 3: Proposal, 4: BlockAnswer}


def _record_bytes(record: LogRecord) -> bytes:
    message: Message = (
        BlockAnswer(record.block, record.block_id) if isinstance(record, KeptBlock) else record
    )
    _, payload = encode_message(message)
    return _RECORD.pack(_NUMBERS[type(record)], len(payload)) + payload


def frame_bytes(seq: int, records: Sequence[LogRecord]) -> bytes:
    """Return the frame that holds the records of one turn."""
    body = b"".join(_record_bytes(record) for record in records)
    assert len(body) <= FRAME_BYTES_MAX
    return _FRAME.pack(len(body), _frame_crc(seq, body), seq) + body


def _frame_crc(seq: int, body: bytes) -> int:
    # The number is covered too: a frame that is good in itself but of another place is caught.
    return crc32(body, crc32(seq.to_bytes(8, "big")))


def parse_records(body: bytes) -> tuple[LogRecord, ...]:
    """Return the records of a frame. Refuses: MalformedRecord for bytes that are none."""
    records: list[LogRecord] = []
    at = 0
    while at < len(body):
        if len(body) - at < _RECORD.size:
            raise MalformedRecord("a record of the vote log is cut short")
        number, length = _RECORD.unpack_from(body, at)
        at += _RECORD.size
        payload = body[at : at + length]
        if len(payload) != length or number not in _MESSAGE_KINDS:
            raise MalformedRecord(f"record kind {number} of {length} bytes is none of the vote log")
        message = decode_message(number if number != 4 else 8, payload)
        if isinstance(message, BlockAnswer):
            records.append(KeptBlock(message.block, block_id_of(message.block.header)))
        elif isinstance(message, Vote | Certificate | Proposal):
            records.append(message)
        at += length
    return tuple(records)


def _frame_at(data: bytes, at: int) -> tuple[int, bytes, int] | None:
    """Return (seq, body, end) of the good frame at this place, or None."""
    if len(data) - at < FRAME_HEAD_BYTES:
        return None
    length, crc, seq = _FRAME.unpack_from(data, at)
    body = data[at + FRAME_HEAD_BYTES : at + FRAME_HEAD_BYTES + length]
    if length > FRAME_BYTES_MAX or len(body) != length or crc != _frame_crc(seq, body):
        return None
    return seq, body, at + FRAME_HEAD_BYTES + length


def _good_frame_follows(data: bytes, bad_at: int, bad_seq: int) -> bool:
    """Return whether a good frame stands anywhere behind a bad one.

    A bad frame whose head is whole and which reaches the end of the file is the last: nothing
    inside it, not even bytes made to look like a frame, is read as one.
    """
    if len(data) - bad_at >= FRAME_HEAD_BYTES:
        length, crc, seq = _FRAME.unpack_from(data, bad_at)
        reaches_end = FRAME_BYTES_MAX >= length >= len(data) - bad_at - FRAME_HEAD_BYTES
        if seq == bad_seq and reaches_end and not _only_length_is_bad(data, bad_at, bad_seq, crc):
            return False
    for seq in range(bad_seq + 1, bad_seq + 1 + _PLACES_SEARCHED_COUNT):
        mark = seq.to_bytes(8, "big")
        found = data.find(mark, bad_at + 8)
        while found >= 0:
            if _frame_at(data, found - 8) is not None:
                return True
            found = data.find(mark, found + 1)
    return False


def _only_length_is_bad(data: bytes, bad_at: int, seq: int, crc: int) -> bool:
    """Return whether the frame is good up to where the next one begins: bits of its length flipped.

    A torn write never looks so: its checksum is that of bytes that are not all there.
    """
    body_at = bad_at + FRAME_HEAD_BYTES
    mark = (seq + 1).to_bytes(8, "big")
    found = data.find(mark, body_at + 8)
    while found >= 0:
        if _frame_crc(seq, data[body_at : found - 8]) == crc:
            return True
        found = data.find(mark, found + 1)
    return False


def parse_segment(data: bytes) -> Segment:
    """Return what a segment holds, up to the first byte that is not of a good frame."""
    start = parse_segment_start(data)
    if start is None:
        follows = _good_frame_follows(data, 0, 0) if len(data) > SEGMENT_START_BYTES else False
        broken = "its start is damaged" if follows or len(data) > SEGMENT_START_BYTES else ""
        return Segment(None, (), 0, torn=True, broken=broken)
    frames: list[tuple[int, tuple[LogRecord, ...]]] = []
    at, seq = SEGMENT_START_BYTES, start.previous_seq
    while at < len(data):
        found = _frame_at(data, at)
        if found is None:
            follows = _good_frame_follows(data, at, seq + 1)
            broken = f"frame {seq + 1} is damaged and a good one follows" if follows else ""
            return Segment(start, tuple(frames), at, torn=True, broken=broken)
        if found[0] != seq + 1:
            gap = f"frame {found[0]} follows frame {seq}"
            return Segment(start, tuple(frames), at, torn=True, broken=gap)
        try:
            frames.append((found[0], parse_records(found[1])))
        except MalformedRecord as fault:
            # The checksum holds, so this is what was written: by another release, or not by us.
            return Segment(start, tuple(frames), at, torn=True, broken=f"frame {seq + 1}: {fault}")
        seq, at = found[0], found[2]
    return Segment(start, tuple(frames), at, torn=False, broken="")


def join_segments(segments: Sequence[Segment]) -> Contents:
    """Return what segments, oldest first, say together, and whether to sign by it.

    A segment may be torn where its successor says so: the successor's `previous_seq` is the
    last good frame. The last segment may be torn anywhere, even in its start.
    """
    records: list[LogRecord] = []
    floor = highest = NOWHERE
    last_seq, broken = 0, ""
    for index, segment in enumerate(segments):
        broken = broken or segment.broken
        if segment.start is None:
            if index + 1 < len(segments):
                broken = broken or f"the start of segment {index} is damaged"
            continue
        if index == 0:
            floor = segment.start.floor
        elif segment.start.previous_seq != last_seq:
            broken = broken or f"frames {last_seq + 1} to {segment.start.previous_seq} are missing"
        highest = max(highest, segment.start.floor)
        last_seq = segment.start.previous_seq
        for seq, of_frame in segment.frames:
            last_seq = seq
            records.extend(of_frame)
            votes = [place_of(record) for record in of_frame if isinstance(record, Vote)]
            highest = max([highest, *votes])
    if not any(segment.start for segment in segments):
        broken = broken or "there is no segment with a whole start"
    return Contents(floor, highest, last_seq, tuple(records), broken)
