"""LOG-001 to LOG-009: whatever a disk does to the last frame is survived, and nothing else is."""

from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from chain.block.vote import FINALIZE, NOTARIZE, NULLIFY
from chain.codec.record import MalformedRecord
from chain.consensus.log import (
    FRAME_HEAD_BYTES,
    NOWHERE,
    SEGMENT_START_BYTES,
    Contents,
    KeptBlock,
    LogRecord,
    Place,
    SegmentStart,
    frame_bytes,
    join_segments,
    parse_records,
    parse_segment,
    parse_segment_start,
    place_of,
    segment_start_bytes,
)
from tests.given import golden
from tests.simulation.bench import Bench, id_of

BENCH = Bench()
BLOCK = BENCH.block(BENCH.genesis, 1, transactions=(b"one transaction",))
BODY = KeptBlock(BLOCK, id_of(BLOCK))
VOTE = BENCH.vote(0, NOTARIZE, 1, id_of(BLOCK))
NOTARIZATION = BENCH.certificate(NOTARIZE, 1, id_of(BLOCK))
FINAL_VOTE = BENCH.vote(0, FINALIZE, 1, id_of(BLOCK))
PROPOSAL = BENCH.proposal(BENCH.block(BLOCK, 2), 2, parent_view=1, parent_certificate=NOTARIZATION)
TURNS: list[tuple[LogRecord, ...]] = [(BODY, VOTE), (NOTARIZATION, FINAL_VOTE), (PROPOSAL,)]
START = SegmentStart(b"\x01" * 32, b"\x02" * 32, NOWHERE, 0)


def segment(turns: list[tuple[LogRecord, ...]], start: SegmentStart = START) -> bytes:
    first = start.previous_seq + 1
    frames = [frame_bytes(first + place, turn) for place, turn in enumerate(turns)]
    return segment_start_bytes(start) + b"".join(frames)


def read(*segments: bytes) -> Contents:
    return join_segments([parse_segment(data) for data in segments])


WHOLE = segment(TURNS)
LAST_AT = len(segment(TURNS[:2]))


def test_bytes_are_the_golden_ones() -> None:
    found = {"start": segment_start_bytes(START).hex(), "frame": frame_bytes(1, TURNS[0]).hex()}

    assert golden("consensus_log", found) == found


def test_what_is_written_is_read_again() -> None:
    contents = read(WHOLE)

    assert tuple(record for turn in TURNS for record in turn) == contents.records
    assert (3, "", Place(0, 1)) == (contents.last_seq, contents.broken, contents.highest)
    assert START == parse_segment_start(WHOLE)


@settings(max_examples=300)
@examples(st.data())
def test_a_last_frame_of_which_any_part_is_lost_is_dropped_whole(data: st.DataObject) -> None:
    end = data.draw(st.integers(LAST_AT, len(WHOLE)))
    torn = bytearray(WHOLE[:end])
    for start, length in data.draw(
        st.lists(st.tuples(st.integers(LAST_AT, len(WHOLE)), st.integers(1, 200)), max_size=4)
    ):
        for place in range(start, min(start + length, end)):
            torn[place] = 0

    contents = read(bytes(torn))

    whole = bytes(torn) == WHOLE
    assert "" == contents.broken
    assert (3 if whole else 2) == contents.last_seq
    assert contents.records == tuple(r for turn in TURNS[: contents.last_seq] for r in turn)


@settings(max_examples=300)
@examples(st.integers(SEGMENT_START_BYTES, LAST_AT - 1), st.integers(1, 255))
def test_a_damaged_frame_before_a_good_one_breaks_the_log(place: int, flip: int) -> None:
    damaged = bytearray(WHOLE)
    damaged[place] ^= flip

    contents = read(bytes(damaged))

    assert contents.broken
    assert contents.last_seq < 2


def test_a_torn_last_frame_that_holds_what_looks_like_a_frame_is_still_torn() -> None:
    image = frame_bytes(4, (VOTE,))
    body = BENCH.block(BLOCK, 2, transactions=(image, b"."))
    third = bytearray(frame_bytes(3, (KeptBlock(body, id_of(body)),)))
    third[-1] ^= 1

    contents = read(segment(TURNS[:2]) + bytes(third))

    assert ("", 2) == (contents.broken, contents.last_seq)


def test_a_gap_in_the_numbers_breaks_the_log() -> None:
    data = segment(TURNS[:1]) + frame_bytes(3, TURNS[1])

    assert read(data).broken


def test_a_good_frame_of_unknown_records_breaks_the_log() -> None:
    alien = bytearray(frame_bytes(1, (VOTE,)))
    alien[FRAME_HEAD_BYTES] = 9
    from zlib import crc32

    body = bytes(alien[FRAME_HEAD_BYTES:])
    alien[4:8] = crc32(body, crc32((1).to_bytes(8, "big"))).to_bytes(4, "big")

    assert read(segment_start_bytes(START) + bytes(alien)).broken


def test_segments_follow_each_other_by_number() -> None:
    first, second = TURNS[:1], TURNS[1:]
    start = SegmentStart(START.chain_id, START.public_key, Place(0, 1), 1)

    joined = read(segment(first), segment(second, start))
    torn = read(segment(first) + b"torn tail", segment(second, start))
    lost = read(segment([]), segment(second, start))

    assert ("", 3, NOWHERE) == (joined.broken, joined.last_seq, joined.floor)
    assert joined == torn
    assert lost.broken


def test_floor_is_that_of_the_oldest_segment_and_highest_of_all() -> None:
    start = SegmentStart(START.chain_id, START.public_key, Place(2, 7), 40)
    newer = SegmentStart(START.chain_id, START.public_key, Place(2, 9), 41)

    contents = read(segment([(VOTE,)], start), segment([], newer))

    assert (Place(2, 7), Place(2, 9)) == (contents.floor, contents.highest)


def test_a_torn_start_is_fine_in_the_last_segment_alone() -> None:
    torn = segment_start_bytes(START)[:50]

    assert ("", 3) == (read(WHOLE, torn).broken, read(WHOLE, torn).last_seq)
    assert read(torn, WHOLE).broken
    assert read(torn).broken


def test_a_body_belongs_to_the_view_of_its_first_proposal() -> None:
    assert Place(0, 1) == place_of(BODY)
    assert Place(0, 2) == place_of(PROPOSAL)


@settings(max_examples=200)
@examples(st.binary(max_size=400))
def test_any_bytes_are_read_or_called_broken(data: bytes) -> None:
    contents = read(data)
    behind = read(segment_start_bytes(START) + data)

    assert isinstance(contents.broken, str)
    assert isinstance(behind.broken, str)
    try:
        parse_records(data)
    except MalformedRecord:
        return


def test_numbers_of_later_epochs_count_more_than_views() -> None:
    later = BENCH.vote(0, NULLIFY, 1, epoch=1)

    contents = read(segment([(VOTE,), (later,), (BENCH.vote(0, NULLIFY, 9),)]))

    assert Place(1, 1) == contents.highest
