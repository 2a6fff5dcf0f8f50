"""NET-010 to NET-014: frames as bytes, and frames that wait."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p.frame import BadFrame, FrameReader, OutboundQueue, encoded
from p2p.network import Frame, TrafficClass

VOTES, PROPOSALS, SYNC, TRANSACTIONS = TrafficClass
KINDS = {1: 10, 2: 1000}

frames_of_known_kinds = st.lists(
    st.one_of(
        st.builds(Frame, st.just(1), st.binary(max_size=10)),
        st.builds(Frame, st.just(2), st.binary(max_size=1000)),
    )
)


def test_a_frame_is_its_length_its_kind_and_its_payload() -> None:
    # NET-010
    assert "00000004" + "02" + "616263" == encoded(2, b"abc").hex()


@given(frames_of_known_kinds, st.lists(st.integers(1, 40), min_size=1))
def test_frames_come_out_as_they_went_in_whatever_the_pieces(
    frames: list[Frame], sizes: list[int]
) -> None:
    # NET-011
    stream = b"".join(encoded(frame.kind, frame.payload) for frame in frames)
    reader = FrameReader(KINDS)
    out = []
    number = 0
    while stream:
        size = sizes[number % len(sizes)]
        out += reader.feed(stream[:size])
        stream = stream[size:]
        number += 1

    assert frames == out
    assert reader.is_between_frames


@given(st.lists(st.binary(max_size=40)))
def test_any_bytes_give_frames_or_a_bad_frame_and_nothing_else(pieces: list[bytes]) -> None:
    # NET-012
    reader = FrameReader(KINDS)
    try:
        frames = [frame for piece in pieces for frame in reader.feed(piece)]
    except BadFrame:
        return

    assert all(len(frame.payload) <= KINDS[frame.kind] for frame in frames)


@pytest.mark.parametrize(
    ("head", "offence"),
    [
        ("0000000001", "empty_frame"),
        ("0000000207", "unknown_kind"),
        ("0000000c01", "oversize_frame"),
        ("ffffffff02", "oversize_frame"),
    ],
)
def test_a_bad_frame_is_refused_by_its_head_alone(head: str, offence: str) -> None:
    # NET-012
    with pytest.raises(BadFrame) as refused:
        FrameReader(KINDS).feed(bytes.fromhex(head))

    assert offence == refused.value.offence


def test_a_payload_of_exactly_its_limit_is_accepted() -> None:
    # NET-012
    assert [Frame(1, bytes(10))] == FrameReader(KINDS).feed(encoded(1, bytes(10)))


def test_votes_are_written_first_and_small_frames_together() -> None:
    # NET-013
    queue = OutboundQueue()
    for traffic in (TRANSACTIONS, SYNC, PROPOSALS, VOTES):
        queue.push(b"%d" % traffic * 3, traffic, 0)

    assert b"000111222333" == queue.take(100)
    assert b"" == queue.take(100)


def test_a_write_holds_whole_frames_up_to_its_size_and_a_larger_one_alone() -> None:
    # NET-013
    queue = OutboundQueue()
    for frame in (b"aaaa", b"bbbb", b"cccccccccccccccc"):
        queue.push(frame, VOTES, 0)

    assert [b"aaaabbbb", b"cccccccccccccccc", b""] == [queue.take(10) for _ in range(3)]


def test_a_later_class_does_not_overtake_what_did_not_fit() -> None:
    # NET-013
    queue = OutboundQueue()
    queue.push(b"aaaa", VOTES, 0)
    queue.push(b"bbbbbbbbbbbb", VOTES, 0)
    queue.push(b"c", SYNC, 0)

    assert b"aaaa" == queue.take(6)


@pytest.mark.parametrize("traffic", [SYNC, TRANSACTIONS])
def test_sync_and_transactions_beyond_their_bytes_are_dropped(traffic: TrafficClass) -> None:
    # NET-014
    queue = OutboundQueue((10, 10, 10, 10))
    queue.push(bytes(8), traffic, 0)

    assert not queue.push(bytes(3), traffic, 0)
    assert queue.push(bytes(2), traffic, 0)
    assert 1 == queue.dropped_count


def test_votes_take_the_room_of_transactions_first_then_of_sync_then_of_proposals() -> None:
    # NET-014
    queue = OutboundQueue((10, 10, 10, 10))
    for traffic in (PROPOSALS, SYNC, TRANSACTIONS):
        queue.push(bytes(10), traffic, 0)
    waiting = []
    for _ in range(4):
        queue.push(bytes(10), VOTES, 0)
        waiting.append([queue.waiting_bytes(traffic) for traffic in TrafficClass])

    assert [[10, 10, 10, 10], [20, 10, 10, 0], [30, 10, 0, 0], [40, 0, 0, 0]] == waiting


def test_a_vote_is_dropped_only_when_nothing_but_votes_waits() -> None:
    # NET-014
    queue = OutboundQueue((10, 10, 10, 10))
    accepted = [queue.push(bytes(10), VOTES, 0) for _ in range(5)]

    assert [True, True, True, True, False] == accepted


@given(st.lists(st.tuples(st.sampled_from(TrafficClass), st.integers(0, 12), st.integers(0, 30))))
def test_never_more_waits_than_all_classes_together(
    acts: list[tuple[TrafficClass, int, int]],
) -> None:
    # NET-014
    queue = OutboundQueue((10, 10, 10, 10))
    for traffic, size, taken in acts:
        queue.push(bytes(size), traffic, 0)
        queue.take(taken)

        assert queue.queued_bytes <= 40
        assert queue.waiting_bytes(SYNC) <= 10
        assert queue.waiting_bytes(TRANSACTIONS) <= 10


def test_a_queue_is_full_from_the_first_drop_until_it_is_half_empty() -> None:
    # NET-014
    queue = OutboundQueue((10, 10, 10, 10))
    for now in range(4):
        queue.push(bytes(4), SYNC, now)
    full_since = [queue.full_since]
    queue.take(4)
    full_since.append(queue.full_since)
    queue.push(bytes(4), SYNC, 9)

    assert [2, None] == full_since
    assert queue.full_since is None
