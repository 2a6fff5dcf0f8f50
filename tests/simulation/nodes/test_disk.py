"""A power cut takes any of the pages that were not synced, and never one that was."""

from pathlib import Path

import plyvel
import pytest

from chain.block.vote import NOTARIZE, Vote
from node.consensus.vote_log import VoteLog
from tests.simulation.nodes.disk import PAGE_BYTES, Database, Disk
from tests.simulation.nodes.loop import PowerCut

PATH = Path("/one/votes/0001.log")
SIGNER = Path("/one/signer")
CHAIN, KEY = b"c" * 32, b"k" * 32


def written(seed: int, *, synced: bytes, risky: bytes) -> Disk:
    disk = Disk(seed)
    handle = disk.begin(PATH)
    disk.write(handle, synced)
    disk.sync(handle)
    disk.sync_folder(PATH.parent)
    disk.write(handle, risky)
    return disk


def test_what_was_synced_survives_and_what_was_not_is_anything() -> None:
    risky = bytes([7]) * (3 * PAGE_BYTES)
    tails = set()
    for seed in range(200):
        disk = written(seed, synced=b"kept", risky=risky)
        disk.power_back(cut=True)
        data = disk.read(PATH)
        assert data.startswith(b"kept")
        tails.add(data[4:])

    holes = [tail for tail in tails if len(tail) == len(risky) and 0 < tail.count(0) < len(tail)]
    assert risky in tails
    assert len(holes) > 3
    assert any(len(tail) < len(risky) for tail in tails)


def test_a_killed_process_loses_nothing_it_wrote() -> None:
    disk = written(1, synced=b"kept", risky=b"too")

    disk.power_back(cut=False)

    assert b"kepttoo" == disk.read(PATH)


def test_a_name_is_uncertain_until_its_folder_is_synced() -> None:
    there = set()
    for seed in range(50):
        disk = Disk(seed)
        disk.begin(PATH)
        disk.power_back(cut=True)
        there.add(tuple(disk.names(PATH.parent)))

    assert {(), ("0001.log",)} == there


def test_power_goes_inside_the_call_that_was_named() -> None:
    kept = set()
    for seed in range(50):
        disk = written(seed, synced=b"kept", risky=b"")
        disk.cut_at_count = disk.calls_count + 1
        with pytest.raises(PowerCut):
            disk.write_rows([(b"a", b"1"), (b"b", b"2")])
        disk.power_back(cut=True)
        kept.add(tuple(disk.rows))

    assert {(), (b"a", b"b")} == kept


def test_a_flipped_row_is_refused_as_leveldb_refuses_it() -> None:
    disk = Disk(1)
    disk.write_rows([(b"a", b"1")])
    assert disk.flip_row_bit()

    with pytest.raises(plyvel.CorruptionError):
        Database(disk).get(b"a", verify_checksums=True)


# LOG-048
def test_a_frame_that_a_start_has_read_is_there_after_the_next_power_cut() -> None:
    for seed in range(40):
        disk = Disk(seed)
        VoteLog.create(SIGNER, CHAIN, KEY, disk)
        log, _ = VoteLog.open(SIGNER, CHAIN, KEY, files=disk)
        vote = Vote(0, 1, NOTARIZE, bytes(32), 0, bytes(64))
        disk.cut_at_count = disk.calls_count + 2
        with pytest.raises(PowerCut):
            log.append((vote,))
        disk.power_back(cut=False)
        _, read = VoteLog.open(SIGNER, CHAIN, KEY, files=disk)
        assert (vote,) == read.records

        disk.power_back(cut=True)
        _, again = VoteLog.open(SIGNER, CHAIN, KEY, files=disk)

        assert (vote,) == again.records


def test_a_full_or_dying_disk_takes_nothing() -> None:
    disk = written(1, synced=b"kept", risky=b"")
    handle = disk.reopen(PATH)
    disk.full = True
    with pytest.raises(OSError, match="No space"):
        disk.write(handle, b"more")
    disk.full, disk.fails = False, True
    with pytest.raises(OSError, match="Input/output"):
        disk.sync(handle)
    with pytest.raises(plyvel.IOError):
        disk.write_rows([(b"a", b"1")])
