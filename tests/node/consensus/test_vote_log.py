import os
import random
import shutil
from pathlib import Path

import pytest

from chain.block.vote import NOTARIZE, NULLIFY, Vote
from chain.consensus.log import (
    FRAME_HEAD_BYTES,
    NOWHERE,
    SEGMENT_START_BYTES,
    Contents,
    Place,
    frame_bytes,
)
from node.consensus.vote_log import VoteLog, VoteLogFatal, VoteLogFault

CHAIN, KEY = b"c" * 32, b"k" * 32
BLOCK = b"b" * 32


def vote(view: int, epoch: int = 0) -> Vote:
    signature = bytes([view % 256, epoch % 256]) * 32
    return Vote(epoch, view, NOTARIZE, BLOCK, 1, signature)


def made(folder: Path, views: range = range(0), **tuning: int) -> Path:
    """Return a signer's folder whose log holds a frame for each view, and is closed."""
    VoteLog.create(folder, CHAIN, KEY)
    log, _ = VoteLog.open(folder, CHAIN, KEY, **tuning)  # type: ignore[arg-type]
    for view in views:
        log.append((vote(view),))
    log.close()
    return folder


def read(folder: Path) -> Contents:
    log, contents = VoteLog.open(folder, CHAIN, KEY)
    log.close()
    return contents


def views_of(contents: Contents) -> list[int]:
    return [record.view for record in contents.records if isinstance(record, Vote)]


def slug_of(folder: Path, chain_id: bytes = CHAIN, key: bytes = KEY) -> str:
    with pytest.raises(VoteLogFault) as caught:
        VoteLog.open(folder, chain_id, key)
    assert "follows the chain and signs nothing" in str(caught.value)
    return caught.value.slug


def segments(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "votes").iterdir())


def test_log_says_again_what_was_appended(tmp_path: Path) -> None:
    folder = made(tmp_path / "signer", range(1, 6))

    contents = read(folder)

    assert [1, 2, 3, 4, 5] == views_of(contents)
    assert (NOWHERE, Place(0, 5), 5) == (contents.floor, contents.highest, contents.last_seq)


def test_appending_goes_on_where_the_log_ended(tmp_path: Path) -> None:
    folder = made(tmp_path / "signer", range(1, 3))

    log, _ = VoteLog.open(folder, CHAIN, KEY)
    log.append((vote(3), vote(4)))
    log.close()

    assert [1, 2, 3, 4] == views_of(read(folder))


# LOG-040  One write and one sync a turn.
def test_records_are_on_disk_when_append_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, _ = VoteLog.open(made(tmp_path / "signer"), CHAIN, KEY)
    calls: list[str] = []
    write, sync = os.write, os.fdatasync
    monkeypatch.setattr(os, "write", lambda h, d: (calls.append("write"), write(h, d))[1])
    monkeypatch.setattr(os, "fdatasync", lambda h: (calls.append("sync"), sync(h))[1])

    log.append((vote(1), vote(2), vote(3)))

    assert ["write", "sync"] == calls
    log.close()


def test_new_segment_and_its_name_are_durable_before_the_frame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = made(tmp_path / "signer", range(1, 3))
    log, _ = VoteLog.open(folder, CHAIN, KEY, segment_max_bytes=1)
    calls: list[str] = []
    write, sync, folder_sync = os.write, os.fdatasync, os.fsync
    monkeypatch.setattr(os, "write", lambda h, d: (calls.append("write"), write(h, d))[1])
    monkeypatch.setattr(os, "fdatasync", lambda h: (calls.append("sync"), sync(h))[1])
    monkeypatch.setattr(os, "fsync", lambda h: (calls.append("folder"), folder_sync(h))[1])

    log.append((vote(3),))
    log.close()

    assert ["write", "sync", "folder", "write", "sync"] == calls
    assert ["0001.log", "0002.log"] == segments(folder)


# LOG-041  Whatever part of the last frame is missing, the log is that of the frame before.
def test_every_truncation_of_the_last_frame_is_dropped(tmp_path: Path) -> None:
    folder = made(tmp_path / "signer", range(1, 4))
    path = folder / "votes" / "0001.log"
    whole = path.read_bytes()
    length = len(frame_bytes(3, (vote(3),)))

    for cut in range(1, length + 1):
        path.write_bytes(whole[:-cut])
        assert [1, 2] == views_of(read(folder)), cut

        assert len(whole) - length == path.stat().st_size


def test_log_with_a_dropped_frame_goes_on(tmp_path: Path) -> None:
    folder = made(tmp_path / "signer", range(1, 4))
    path = folder / "votes" / "0001.log"
    path.write_bytes(path.read_bytes()[:-7])

    log, _ = VoteLog.open(folder, CHAIN, KEY)
    log.append((vote(9),))
    log.close()

    assert [1, 2, 9] == views_of(read(folder))


def test_any_lost_pages_of_the_last_frame_are_dropped(tmp_path: Path) -> None:
    folder = made(tmp_path / "signer", range(1, 3))
    log, _ = VoteLog.open(folder, CHAIN, KEY)
    log.append(tuple(vote(view) for view in range(3, 300)))
    log.close()
    path = folder / "votes" / "0001.log"
    whole = path.read_bytes()
    start = len(whole) - len(frame_bytes(3, tuple(vote(view) for view in range(3, 300))))
    dice = random.Random(7)

    for _ in range(100):
        data = bytearray(whole)
        for page in range(start, len(data), 512):
            if dice.random() < 0.5:
                data[page : page + 512] = bytes(len(data[page : page + 512]))
        if bytes(data) == whole:
            continue
        path.write_bytes(data)

        assert [1, 2] == views_of(read(folder))


def bits_of(whole: bytes, start: int, end: int) -> list[int]:
    """Return every bit of the segment's start and the heads of frames, one of every other byte."""
    length = len(frame_bytes(1, (vote(1),)))
    dense = [*range(72, SEGMENT_START_BYTES)]
    for head in range(SEGMENT_START_BYTES, len(whole), length):
        dense += range(head, head + FRAME_HEAD_BYTES + 5)
    return [
        8 * byte + bit
        for byte in range(start, end)
        for bit in (range(8) if byte in dense else (byte % 8,))
    ]


# LOG-042  A flipped bit before the last frame forbids signing; in the last frame it drops it.
def test_no_flipped_bit_before_the_last_frame_is_signed_by(tmp_path: Path) -> None:
    folder = made(tmp_path / "signer", range(1, 4))
    path = folder / "votes" / "0001.log"
    whole = path.read_bytes()
    last = len(whole) - len(frame_bytes(3, (vote(3),)))

    signed_by = []
    for bit in bits_of(whole, 0, last):
        data = bytearray(whole)
        data[bit // 8] ^= 1 << bit % 8
        path.write_bytes(data)
        try:
            read(folder)
            signed_by.append(bit)
        except VoteLogFault:
            continue

    assert [] == signed_by


def test_every_flipped_bit_of_the_last_frame_drops_it(tmp_path: Path) -> None:
    folder = made(tmp_path / "signer", range(1, 4))
    path = folder / "votes" / "0001.log"
    whole = path.read_bytes()
    last = len(whole) - len(frame_bytes(3, (vote(3),)))

    for bit in bits_of(whole, last, len(whole)):
        data = bytearray(whole)
        data[bit // 8] ^= 1 << bit % 8
        path.write_bytes(data)

        assert [1, 2] == views_of(read(folder)), bit


def test_frame_cut_out_of_the_middle_forbids_signing(tmp_path: Path) -> None:
    folder = made(tmp_path / "signer", range(1, 4))
    path = folder / "votes" / "0001.log"
    whole = path.read_bytes()
    length = len(frame_bytes(1, (vote(1),)))

    path.write_bytes(whole[:SEGMENT_START_BYTES] + whole[SEGMENT_START_BYTES + length :])

    assert "vote_log_damaged" == slug_of(folder)


def test_frame_that_comes_twice_forbids_signing(tmp_path: Path) -> None:
    folder = made(tmp_path / "signer", range(1, 3))
    path = folder / "votes" / "0001.log"
    whole = path.read_bytes()

    path.write_bytes(whole + whole[-len(frame_bytes(2, (vote(2),))) :])

    assert "vote_log_damaged" == slug_of(folder)


# LOG-043  Missing, foreign, locked twice.
def test_missing_log_forbids_signing(tmp_path: Path) -> None:
    folder = made(tmp_path / "signer", range(1, 3))
    (folder / "votes" / "0001.log").unlink()
    empty_folder = slug_of(folder)
    shutil.rmtree(folder / "votes")

    assert ("vote_log_missing", "vote_log_missing") == (empty_folder, slug_of(folder))


def test_missing_first_start_forbids_signing(tmp_path: Path) -> None:
    folder = made(tmp_path / "signer")
    path = folder / "votes" / "0001.log"
    whole = path.read_bytes()

    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert "vote_log_damaged" == slug_of(folder)


@pytest.mark.parametrize(("chain_id", "key"), [(b"x" * 32, KEY), (CHAIN, b"x" * 32)])
def test_foreign_log_forbids_signing(tmp_path: Path, chain_id: bytes, key: bytes) -> None:
    folder = made(tmp_path / "signer", range(1, 3))

    assert "vote_log_foreign" == slug_of(folder, chain_id, key)


def test_log_held_by_another_is_refused_and_left_alone(tmp_path: Path) -> None:
    folder = made(tmp_path / "signer", range(1, 3))
    log, _ = VoteLog.open(folder, CHAIN, KEY)

    assert "vote_log_locked" == slug_of(folder)

    log.append((vote(3),))
    log.close()
    assert [1, 2, 3] == views_of(read(folder))


def test_refused_log_is_not_held(tmp_path: Path) -> None:
    folder = made(tmp_path / "signer")

    slug_of(folder, b"x" * 32)

    read(folder)


def test_log_is_never_made_twice(tmp_path: Path) -> None:
    folder = made(tmp_path / "signer", range(1, 3))

    with pytest.raises(VoteLogFault) as caught:
        VoteLog.create(folder, CHAIN, KEY)

    assert "vote_log_exists" == caught.value.slug
    assert [1, 2] == views_of(read(folder))


def test_unreadable_segment_is_a_fault(tmp_path: Path) -> None:
    folder = made(tmp_path / "signer")
    (folder / "votes" / "0001.log").unlink()
    (folder / "votes" / "0001.log").mkdir()

    assert "vote_log_unreadable" == slug_of(folder)


# LOG-044  Whatever cannot be made durable ends signing, at once and for good.
@pytest.mark.parametrize("fails", ["write", "fdatasync", "short"])
def test_failed_write_ends_signing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    log, _ = VoteLog.open(made(tmp_path / "signer", range(1, 3)), CHAIN, KEY)
    write = os.write

    def fail(*told: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        if fails == "short":
            patch.setattr(os, "write", lambda handle, data: write(handle, data[:5]))
        else:
            patch.setattr(os, fails, fail)
        with pytest.raises(VoteLogFatal) as caught:
            log.append((vote(3),))
    with pytest.raises(VoteLogFatal):
        log.append((vote(4),))
    log.close()

    assert "nothing is signed from here on" in str(caught.value)
    assert views_of(read(tmp_path / "signer")) in ([1, 2], [1, 2, 3])


def test_failed_folder_sync_ends_signing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made(tmp_path / "signer", range(1, 3))
    log, _ = VoteLog.open(folder, CHAIN, KEY, segment_max_bytes=1)

    def fail(handle: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(VoteLogFatal, match="Input/output error"):
            log.append((vote(3),))
    log.close()

    assert [1, 2] == views_of(read(folder))


def test_closed_log_takes_nothing(tmp_path: Path) -> None:
    log, _ = VoteLog.open(made(tmp_path / "signer"), CHAIN, KEY)
    log.close()
    log.close()

    with pytest.raises(VoteLogFatal, match="closed"):
        log.append((vote(1),))


# LOG-045, LOG-046  Segments: rolled by size, deleted when all in them is history, the floor stays.
def test_segments_join_to_one_log(tmp_path: Path) -> None:
    folder = made(tmp_path / "signer", range(1, 50), segment_max_bytes=1000)

    contents = read(folder)

    assert list(range(1, 50)) == views_of(contents)
    assert len(segments(folder)) > 3


def test_history_is_deleted_and_the_floor_stays(tmp_path: Path) -> None:
    folder = made(tmp_path / "signer", range(1, 50), segment_max_bytes=1000)
    log, _ = VoteLog.open(folder, CHAIN, KEY, segment_max_bytes=1000)
    before = segments(folder)

    deleted_count = log.forget(Place(0, 20))
    log.close()

    contents = read(folder)
    assert deleted_count > 0
    assert before[deleted_count:] == segments(folder)
    assert Place(0, 0) < contents.floor <= Place(0, 20)
    assert set(range(21, 50)) <= set(views_of(contents))
    assert Place(0, 49) == contents.highest


def test_last_segment_is_never_deleted(tmp_path: Path) -> None:
    folder = made(tmp_path / "signer", range(1, 50), segment_max_bytes=1000)
    log, _ = VoteLog.open(folder, CHAIN, KEY, segment_max_bytes=1000)

    log.forget(Place(9, 0))
    log.append((vote(60),))
    log.close()

    contents = read(folder)
    assert 1 == len(segments(folder))
    assert 60 in views_of(contents)
    assert contents.floor > NOWHERE


def test_deletion_compares_epoch_before_view(tmp_path: Path) -> None:
    folder = tmp_path / "signer"
    VoteLog.create(folder, CHAIN, KEY)
    log, _ = VoteLog.open(folder, CHAIN, KEY, segment_max_bytes=SEGMENT_START_BYTES)
    log.append((vote(1000, epoch=1),))
    log.append((vote(1, epoch=2),))
    log.append((vote(2, epoch=2),))

    counts = [log.forget(Place(1, 999)), log.forget(Place(2, 0)), log.forget(Place(2, 2))]
    log.close()

    assert [0, 1, 1] == counts


def test_missing_middle_segment_forbids_signing(tmp_path: Path) -> None:
    folder = made(tmp_path / "signer", range(1, 50), segment_max_bytes=1000)
    (folder / "votes" / segments(folder)[1]).unlink()

    assert "vote_log_damaged" == slug_of(folder)


def test_torn_start_of_the_newest_segment_is_made_anew(tmp_path: Path) -> None:
    folder = made(tmp_path / "signer", range(1, 3))
    log, _ = VoteLog.open(folder, CHAIN, KEY, segment_max_bytes=1)
    log.append((vote(3),))
    log.close()
    path = folder / "votes" / "0002.log"
    start = path.read_bytes()[:SEGMENT_START_BYTES]

    for length in range(SEGMENT_START_BYTES):
        path.write_bytes(start[:length])
        assert [1, 2] == views_of(read(folder))

    log, _ = VoteLog.open(folder, CHAIN, KEY)
    log.append((vote(4),))
    log.close()
    assert [1, 2, 4] == views_of(read(folder))


def test_damaged_start_with_frames_after_it_forbids_signing(tmp_path: Path) -> None:
    folder = made(tmp_path / "signer", range(1, 3))
    log, _ = VoteLog.open(folder, CHAIN, KEY, segment_max_bytes=1)
    log.append((vote(3),))
    log.close()
    path = folder / "votes" / "0002.log"
    data = bytearray(path.read_bytes())
    data[20] ^= 1
    path.write_bytes(data)

    assert "vote_log_damaged" == slug_of(folder)


def test_restored_old_segment_forbids_signing(tmp_path: Path) -> None:
    folder = made(tmp_path / "signer", range(1, 9))
    log, _ = VoteLog.open(folder, CHAIN, KEY, segment_max_bytes=1)
    log.append((vote(9),))
    log.close()
    path = folder / "votes" / "0001.log"
    whole = path.read_bytes()
    path.write_bytes(whole[: -len(frame_bytes(8, (vote(8),)))])

    assert "vote_log_damaged" == slug_of(folder)


def test_frames_behind_each_other_carry_their_place(tmp_path: Path) -> None:
    folder = made(tmp_path / "signer", range(1, 3))
    data = (folder / "votes" / "0001.log").read_bytes()

    expected = frame_bytes(1, (vote(1),)) + frame_bytes(2, (vote(2),))

    assert expected == data[SEGMENT_START_BYTES:]
    assert FRAME_HEAD_BYTES == 16


def test_nullify_counts_for_the_floor(tmp_path: Path) -> None:
    folder = tmp_path / "signer"
    VoteLog.create(folder, CHAIN, KEY)
    log, _ = VoteLog.open(folder, CHAIN, KEY)

    log.append((Vote(3, 7, NULLIFY, bytes(32), 0, bytes(64)),))

    assert (Place(3, 7), 1) == (log.highest, log.seq)
    log.close()


# LOG-047  A chain of one goes back together with its state.
def test_log_of_a_chain_of_one_goes_back_over_segments(tmp_path: Path) -> None:
    folder = made(tmp_path / "signer", range(1, 4))
    log, _ = VoteLog.open(folder, CHAIN, KEY, segment_max_bytes=300)
    mark = log.mark()
    for view in range(4, 20):
        log.append((vote(view),))
    made_count = len(segments(folder))

    log.go_back(mark)
    log.append((vote(50),))
    log.close()

    contents = read(folder)
    assert made_count > 2
    assert ([1, 2, 3, 50], 4, Place(0, 50)) == (
        views_of(contents),
        contents.last_seq,
        contents.highest,
    )
