"""SYNC-001 to SYNC-004: what is asked and answered has one form, and no other is read."""

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.codec.record import MalformedRecord
from node.sync import wire
from node.sync.wire import EpochEnd, GetEpochs, GetRange, GetTip, Range, Request, Tip
from tests.given import golden

CONTENT = st.binary(max_size=200)


@pytest.mark.parametrize("request_", [GetTip(), GetEpochs(3, 64), GetRange(812, 64)])
def test_a_request_is_read_as_it_was_written(request_: Request) -> None:
    data = wire.request_bytes(request_)

    assert request_ == wire.parse_request(data)


@given(st.binary(max_size=80))
def test_no_bytes_of_a_request_raise_anything_but_malformed(data: bytes) -> None:
    try:
        request = wire.parse_request(data)
    except MalformedRecord:
        return

    assert data == wire.request_bytes(request)


@given(st.lists(CONTENT, min_size=1, max_size=5), st.lists(CONTENT, max_size=3), CONTENT)
def test_a_range_is_read_as_it_was_written(
    blocks: list[bytes], headers: list[bytes], certificate: bytes
) -> None:
    answer = Range(tuple(blocks), tuple(headers), certificate)

    assert answer == wire.parse_range(wire.range_bytes(answer))


@given(st.lists(st.tuples(CONTENT, CONTENT, CONTENT), max_size=4))
def test_boundaries_are_read_as_they_were_written(parts: list[tuple[bytes, bytes, bytes]]) -> None:
    ends = tuple(EpochEnd(*part) for part in parts)

    assert ends == wire.parse_epochs(wire.epochs_bytes(ends))


def test_a_tip_is_read_as_it_was_written() -> None:
    tip = Tip(b"header", b"certificate")

    assert tip == wire.parse_tip(wire.tip_bytes(tip))


@given(st.binary(max_size=300))
def test_no_bytes_of_an_answer_raise_anything_but_malformed(data: bytes) -> None:
    for parse in (wire.parse_range, wire.parse_epochs, wire.parse_tip):
        try:
            parse(data)
        except MalformedRecord:
            continue


@pytest.mark.parametrize(
    "data",
    [
        b"",
        wire.stream_of([(wire.CERTIFICATE_PIECE, b"c")]),
        wire.stream_of([(wire.BLOCK_PIECE, b"b")]),
        wire.stream_of([(wire.CERTIFICATE_PIECE, b"c"), (wire.BLOCK_PIECE, b"b")]),
        wire.stream_of([(wire.BLOCK_PIECE, b"b")] * 2 + [(wire.CERTIFICATE_PIECE, b"c")] * 2),
        wire.stream_of([(9, b"b"), (wire.CERTIFICATE_PIECE, b"c")]),
        wire.stream_of([(wire.BLOCK_PIECE, b"b")] * (wire.PIECES_MAX_COUNT + 1)),
        msgpack.packb([wire.BLOCK_PIECE, "text"]),
        msgpack.packb({}),
        b"\x92\xcc\x01\xc4\x00",
        wire.range_bytes(Range((b"b",), (), b"c"))[:-1],
    ],
)
def test_a_range_in_any_other_shape_is_malformed(data: bytes) -> None:
    with pytest.raises(MalformedRecord):
        wire.parse_range(data)


def test_bytes_on_the_wire_are_those_of_the_golden() -> None:
    answer = Range((b"block 1", b"block 2"), (b"header 3",), b"certificate 3")
    end = EpochEnd(b"header", b"certificate", b"authorities")
    written = {
        "get_tip": wire.request_bytes(GetTip()).hex(),
        "get_epochs": wire.request_bytes(GetEpochs(3, 64)).hex(),
        "get_range": wire.request_bytes(GetRange(812, 64)).hex(),
        "range": wire.range_bytes(answer).hex(),
        "epochs": wire.epochs_bytes([end, end]).hex(),
        "tip": wire.tip_bytes(Tip(b"header", b"certificate")).hex(),
    }

    assert golden("sync", written) == written
