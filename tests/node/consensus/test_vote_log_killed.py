"""The vote log against a process that is killed, and against any bytes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.block.vote import Vote
from node.consensus.vote_log import VoteLog, VoteLogFault
from tests.programs import line_of, running

CHAIN, KEY = b"c" * 32, b"k" * 32


def begun(folder: Path) -> Path:
    VoteLog.create(folder, CHAIN, KEY)
    return folder


PROGRAM = """
import sys
from pathlib import Path
from chain.block.vote import Vote
from node.consensus.vote_log import VoteLog
log, _ = VoteLog.open(Path(sys.argv[1]), b"c" * 32, b"k" * 32, segment_max_bytes=2_000)
for view in range(1, 100_000):
    log.append((Vote(0, view, 1, b"b" * 32, 1, bytes(64)),))
    print(view, flush=True)
"""


def test_what_a_killed_process_told_is_in_the_log(tmp_path: Path) -> None:
    folder = begun(tmp_path / "signer")
    command = [sys.executable, "-c", PROGRAM, str(folder)]
    with running(command, stdout=subprocess.PIPE) as child:
        told = [int(line_of(child)) for _ in range(100)]

    log, contents = VoteLog.open(folder, CHAIN, KEY)
    log.close()
    views = [record.view for record in contents.records if isinstance(record, Vote)]

    assert told == views[:100]
    assert list(range(1, len(views) + 1)) == views
    assert len(list((folder / "votes").iterdir())) > 3


# LOG-048  A frame that was read may be one that only memory holds, of a killed process.
def test_what_a_start_reads_is_durable_before_anything_is_signed_by_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = begun(tmp_path / "signer")
    calls: list[str] = []
    sync, folder_sync = os.fdatasync, os.fsync
    monkeypatch.setattr(os, "fdatasync", lambda h: (calls.append("sync"), sync(h))[1])
    monkeypatch.setattr(os, "fsync", lambda h: (calls.append("folder"), folder_sync(h))[1])

    log, _ = VoteLog.open(folder, CHAIN, KEY)
    log.close()

    assert ["sync", "folder"] == calls


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=3))
def test_no_bytes_end_in_anything_but_a_fault_or_a_log(
    tmp_path_factory: pytest.TempPathFactory, files: list[bytes]
) -> None:
    folder = tmp_path_factory.mktemp("signer")
    (folder / "votes").mkdir()
    for number, data in enumerate(files, 1):
        (folder / "votes" / f"{number:04}.log").write_bytes(data)

    with pytest.raises(VoteLogFault) as caught:
        VoteLog.open(folder, CHAIN, KEY)

    assert "vote_log_damaged" == caught.value.slug
