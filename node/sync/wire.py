"""What a node asks when it catches up, and the streams it is answered with.

A request is one kind byte and a canonical record. An answer is a sequence of msgpack arrays
`[kind u8, bytes]`, read piece by piece under limits, since it may be four megabytes.

Source: docs/specs/sync.md, SYNC-001 to SYNC-004.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgpack

from chain.codec.canonical import decode, encode
from chain.codec.record import U8, U32, U63, MalformedRecord, record

PROTOCOL = "/novation/sync/1"

WINDOW_MAX_COUNT = 64
"""Blocks asked for at once, and epochs."""

REQUEST_MAX_BYTES = 64
RANGE_MAX_BYTES = 4 * 1024 * 1024
"""Blocks stop being added to a range above this; the answer may be one block longer."""

ANSWER_MAX_BYTES = RANGE_MAX_BYTES + 2 * 1024 * 1024 + 256 * 1024
EPOCHS_MAX_BYTES = 2 * 1024 * 1024
TIP_MAX_BYTES = 16 * 1024
PIECE_MAX_BYTES = 2 * 1024 * 1024 + 64 * 1024
"""One piece is at most one block with its extras."""

PIECES_MAX_COUNT = 4 * WINDOW_MAX_COUNT + 8
"""Blocks, headers up to the next certified block, and the certificate; or epochs."""


@record
class GetTip:
    """Asks for the newest header that has its own Finalize certificate."""


@record
class GetEpochs:
    """Asks for the boundaries that close this epoch and those after it."""

    from_epoch: U63
    max_count: U8


@record
class GetRange:
    """Asks for blocks of one epoch, ascending, with what proves them final."""

    from_height: U63
    max_count: U8


Request = GetTip | GetEpochs | GetRange

REQUEST_KINDS: dict[int, type[GetTip] | type[GetEpochs] | type[GetRange]] = {
    1: GetTip,
    2: GetEpochs,
    3: GetRange,
}
_NUMBER_OF: dict[type, int] = {kind: number for number, kind in REQUEST_KINDS.items()}

BLOCK_PIECE = 1
HEADER_PIECE = 2
CERTIFICATE_PIECE = 3
AUTHORITIES_PIECE = 4


@record
class Piece:
    """One piece of an answer, before anything is known about its bytes."""

    kind: U32
    content: bytes


@dataclass(frozen=True)
class Range:
    """An answered range as it came: nothing of it is checked."""

    blocks: tuple[bytes, ...]
    headers: tuple[bytes, ...]
    """Headers above the last block, up to the one that the certificate is for."""
    certificate: bytes


@dataclass(frozen=True)
class EpochEnd:
    """A boundary as it came: header, its Finalize certificate, the next authorities."""

    header: bytes
    certificate: bytes
    authorities: bytes


@dataclass(frozen=True)
class Tip:
    """A certified header as it came."""

    header: bytes
    certificate: bytes


def request_bytes(request: Request) -> bytes:
    """Return a request as it is sent."""
    return bytes([_NUMBER_OF[type(request)]]) + encode(request)


def parse_request(data: bytes) -> Request:
    """Return the request that these bytes are, or raise `MalformedRecord`."""
    kind = REQUEST_KINDS.get(data[0]) if data else None
    if kind is None:
        raise MalformedRecord("no such request")
    return decode(kind, data[1:], REQUEST_MAX_BYTES)


def stream_of(pieces: Iterable[tuple[int, bytes]]) -> bytes:
    """Return pieces as the bytes of one answer."""
    return b"".join(encode(Piece(kind, content)) for kind, content in pieces)


def pieces_of(data: bytes, limit_bytes: int) -> Iterator[tuple[int, bytes]]:
    """Give the pieces of an answer in order.

    Raises `MalformedRecord` at the first byte that is not what `stream_of` writes.
    """
    if len(data) > limit_bytes:
        raise MalformedRecord(f"{len(data)} bytes where {limit_bytes} are allowed")
    unpacker = msgpack.Unpacker(
        raw=True,
        strict_map_key=True,
        use_list=False,
        max_buffer_size=len(data) + 1,
        max_bin_len=PIECE_MAX_BYTES,
        max_array_len=2,
        max_str_len=0,
        max_map_len=0,
        max_ext_len=0,
    )
    unpacker.feed(data)
    position = 0
    for count in range(PIECES_MAX_COUNT + 1):
        if position == len(data):
            return
        if count == PIECES_MAX_COUNT:
            raise MalformedRecord(f"more than {PIECES_MAX_COUNT} pieces")
        try:
            piece = unpacker.unpack()
        except (msgpack.UnpackException, ValueError, RecursionError) as fault:
            raise MalformedRecord(f"not a sequence of pieces: {fault}") from fault
        match piece:
            case (int(kind), bytes(content)) if 0 <= kind < 256:
                pass
            case _:
                raise MalformedRecord("a piece is a kind and bytes")
        end = unpacker.tell()
        if data[position:end] != encode(Piece(kind, content)):
            raise MalformedRecord("a piece is not in canonical form")
        position = end
        yield kind, content


def range_bytes(answer: Range) -> bytes:
    """Return a range as it is sent."""
    pieces = [(BLOCK_PIECE, block) for block in answer.blocks]
    pieces += [(HEADER_PIECE, header) for header in answer.headers]
    return stream_of([*pieces, (CERTIFICATE_PIECE, answer.certificate)])


def parse_range(data: bytes) -> Range:
    """Return the range that these bytes are, or raise `MalformedRecord`."""
    by_kind: dict[int, list[bytes]] = {BLOCK_PIECE: [], HEADER_PIECE: [], CERTIFICATE_PIECE: []}
    last_kind = BLOCK_PIECE
    for kind, content in pieces_of(data, ANSWER_MAX_BYTES):
        if kind < last_kind or kind not in by_kind:
            raise MalformedRecord("pieces of a range are out of order")
        by_kind[kind].append(content)
        last_kind = kind
    if len(by_kind[CERTIFICATE_PIECE]) != 1 or not by_kind[BLOCK_PIECE]:
        raise MalformedRecord("a range has blocks and one certificate")
    blocks, headers = tuple(by_kind[BLOCK_PIECE]), tuple(by_kind[HEADER_PIECE])
    return Range(blocks, headers, by_kind[CERTIFICATE_PIECE][0])


def epochs_bytes(ends: Iterable[EpochEnd]) -> bytes:
    """Return boundaries as they are sent."""
    pieces: list[tuple[int, bytes]] = []
    for end in ends:
        pieces.append((HEADER_PIECE, end.header))
        pieces.append((CERTIFICATE_PIECE, end.certificate))
        pieces.append((AUTHORITIES_PIECE, end.authorities))
    return stream_of(pieces)


def parse_epochs(data: bytes) -> tuple[EpochEnd, ...]:
    """Return the boundaries that these bytes are, or raise `MalformedRecord`."""
    pieces = list(pieces_of(data, EPOCHS_MAX_BYTES))
    expected = (HEADER_PIECE, CERTIFICATE_PIECE, AUTHORITIES_PIECE)
    ends: list[EpochEnd] = []
    for start in range(0, len(pieces), 3):
        three = pieces[start : start + 3]
        if tuple(kind for kind, _ in three) != expected:
            raise MalformedRecord("a boundary is header, certificate and authorities")
        ends.append(EpochEnd(three[0][1], three[1][1], three[2][1]))
    return tuple(ends)


def tip_bytes(tip: Tip) -> bytes:
    """Return a certified header as it is sent."""
    return stream_of([(HEADER_PIECE, tip.header), (CERTIFICATE_PIECE, tip.certificate)])


def parse_tip(data: bytes) -> Tip:
    """Return the certified header that these bytes are, or raise `MalformedRecord`."""
    pieces = list(pieces_of(data, TIP_MAX_BYTES))
    if [kind for kind, _ in pieces] != [HEADER_PIECE, CERTIFICATE_PIECE]:
        raise MalformedRecord("a tip is a header and its certificate")
    return Tip(pieces[0][1], pieces[1][1])
