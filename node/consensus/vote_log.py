"""The vote log on disk: what this key has signed, and why it could.

Files `signer/votes/NNNN.log`, beside the key and never apart from it, only ever appended to.
A turn's records are one frame, one write, one fdatasync; what depends on them leaves after that.
What a file's bytes mean, and whether they may be signed by, `chain.consensus.log` decides.

A log that is missing, foreign, damaged or held elsewhere is a `VoteLogFault`: the node follows
and signs nothing.  A write that fails is a `VoteLogFatal`: it signs nothing from that moment,
and there is no second try, since after a failed sync nobody knows what is on disk.

Source: docs/specs/vote_log_files.md.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from chain.block.vote import Vote
from chain.consensus.log import (
    NOWHERE,
    SEGMENT_BYTES_MAX,
    Contents,
    LogRecord,
    Place,
    Segment,
    SegmentStart,
    frame_bytes,
    join_segments,
    parse_segment,
    place_of,
    segment_start_bytes,
)
from node.consensus.lock import Held
from node.faults import NodeFault
from node.storage.files import DISK, Files, Hold

VOTES = "votes"
LOCK = "lock"
FOLLOWS = "The node follows the chain and signs nothing."
LOST = (
    "A key whose log is lost or stale must not sign again: make a new key with a new log "
    "(novation node init) and have it put in the old one's place."
)
_NAME = re.compile(r"[0-9]{4,}\.log")


class VoteLogFault(NodeFault):
    """This log must not be signed by. The chain can still be followed."""

    NUMBERS: ClassVar[dict[str, int]] = {
        "vote_log_missing": 1550,
        "vote_log_foreign": 1551,
        "vote_log_damaged": 1552,
        "vote_log_locked": 1553,
        "vote_log_exists": 1554,
        "vote_log_unreadable": 1555,
    }
    EXIT_CODE: ClassVar[int] = 8

    def __init__(self, slug: str, happened: str, *, hint: str = "", **facts: int | str) -> None:
        super().__init__(slug, happened, spared=FOLLOWS, hint=hint, **facts)


class VoteLogFatal(NodeFault):
    """Something could not be made durable: nothing may be signed or sent from here on."""

    NUMBERS: ClassVar[dict[str, int]] = {"vote_log_unwritable": 1556}
    EXIT_CODE: ClassVar[int] = 8


@dataclass(frozen=True)
class Mark:
    """How far a log has come: what `go_back` needs."""

    number: int
    size_bytes: int
    seq: int
    highest: Place


class VoteLog:
    """The log of one key, held by this process alone. Made by `open`."""

    def __init__(
        self,
        folder: Path,
        lock: Hold,
        start: SegmentStart,
        *,
        segment_max_bytes: int,
        flush: bool,
        files: Files,
    ) -> None:
        self._folder = folder
        self._files = files
        self._lock = lock
        self._chain_id = start.chain_id
        self._public_key = start.public_key
        self._segment_max_bytes = segment_max_bytes
        self._flush = flush
        self._highest = start.floor
        self._seq = start.previous_seq
        self._number = 0
        self._size_bytes = 0
        self._handle = -1
        self._reach: dict[int, Place] = {}
        """Number of each segment -> the highest place of any record in it."""
        self._failed = ""
        self._closed = False

    @classmethod
    def create(
        cls, signer_folder: Path, chain_id: bytes, public_key: bytes, files: Files = DISK
    ) -> None:
        """Make the empty log of a new key, durably, before the key can sign anything.

        Refuses: vote_log_exists, when the key has signed before, or may have; vote_log_unreadable.
        """
        folder = signer_folder / VOTES
        try:
            files.make_folder(folder)
            start = SegmentStart(chain_id, public_key, NOWHERE, 0)
            files.close(_begin_segment(files, folder, 1, start, flush=True))
            files.sync_folder(signer_folder)
            files.sync_folder(signer_folder.parent)
        except FileExistsError as fault:
            raise VoteLogFault(
                "vote_log_exists",
                f"{folder} is there already: what it holds must never be forgotten.",
                hint="Use another folder for another key.",
            ) from fault
        except OSError as fault:
            raise _unreadable(folder, fault) from fault

    @classmethod
    def open(
        cls,
        signer_folder: Path,
        chain_id: bytes,
        public_key: bytes,
        *,
        segment_max_bytes: int = SEGMENT_BYTES_MAX,
        flush: bool = True,
        files: Files = DISK,
    ) -> tuple["VoteLog", Contents]:
        """Return the log, ready to be appended to, and everything it says.

        The last frame, when it is torn, is cut off: nothing of it was sent.

        Refuses: vote_log_locked, vote_log_missing, vote_log_foreign, vote_log_damaged,
        vote_log_unreadable.
        """
        folder = signer_folder / VOTES
        if not files.is_folder(folder):
            raise _missing(folder)
        lock = _locked(files, signer_folder / LOCK)
        try:
            numbers, segments = _read(files, folder)
            contents = join_segments(segments)
            _require_own(folder, numbers, segments, (chain_id, public_key))
            _require_sound(folder, numbers, contents)
            start = SegmentStart(chain_id, public_key, contents.highest, contents.last_seq)
            log = cls(
                folder, lock, start, segment_max_bytes=segment_max_bytes, flush=flush, files=files
            )
            log._resume(numbers, segments)
        except OSError as fault:
            lock.release()
            raise _unreadable(folder, fault) from fault
        except BaseException:
            lock.release()
            raise
        return log, contents

    def append(self, records: Sequence[LogRecord]) -> None:
        """Make the records of one turn durable, as one frame, before this returns.

        Refuses: VoteLogFatal, and then for ever.
        """
        assert records, "a turn without records has no frame"
        if self._failed:
            raise self._fatal()
        frame = frame_bytes(self._seq + 1, records)
        try:
            if self._size_bytes > self._segment_max_bytes:
                self._roll()
            self._files.write(self._handle, frame)
            if self._flush:
                self._files.sync(self._handle)
        except OSError as fault:
            self._failed = fault.strerror or str(fault)
            raise self._fatal() from fault
        self._seq += 1
        self._size_bytes += len(frame)
        self._account(self._number, records)

    def forget(self, durable_final: Place) -> int:
        """Delete segments whose every record is at or below a certificate durable in the store.

        The segment being written stays, and with it the floor. Returns how many were deleted.

        Refuses: VoteLogFatal.
        """
        deleted_count = 0
        try:
            for number in sorted(self._reach):
                if number == self._number or self._reach[number] > durable_final:
                    break
                self._files.delete(_path_of(self._folder, number))
                # One by one and oldest first: a power cut must never leave a hole.
                self._files.sync_folder(self._folder)
                del self._reach[number]
                deleted_count += 1
        except OSError as fault:
            self._failed = fault.strerror or str(fault)
            raise self._fatal() from fault
        return deleted_count

    def mark(self) -> Mark:
        """Return how far the log has come."""
        return Mark(self._number, self._size_bytes, self._seq, self._highest)

    def go_back(self, mark: Mark) -> None:
        """Forget what was appended since a mark.

        Only for a development chain of one authority, whose state goes back at the same time:
        anywhere else this makes a double signer, for there others have seen what is forgotten.

        Refuses: VoteLogFatal.
        """
        assert mark.number in self._reach, "the marked segment is still here"
        try:
            self._let_go()
            for number in range(self._number, mark.number, -1):
                self._files.delete(_path_of(self._folder, number))
                self._files.sync_folder(self._folder)
                del self._reach[number]
            self._handle = self._files.reopen(_path_of(self._folder, mark.number))
            self._files.cut(self._handle, mark.size_bytes)
        except OSError as fault:
            self._failed = fault.strerror or str(fault)
            raise self._fatal() from fault
        self._number, self._size_bytes = mark.number, mark.size_bytes
        self._seq, self._highest = mark.seq, mark.highest

    def close(self) -> None:
        """Let the folder go. Everything appended is durable already."""
        if self._closed:
            return
        self._closed = True
        self._failed = self._failed or "the log is closed"
        self._let_go()
        self._lock.release()

    @property
    def highest(self) -> Place:
        """The highest place ever signed."""
        return self._highest

    @property
    def seq(self) -> int:
        """The number of the last durable frame."""
        return self._seq

    # -- inside

    def _resume(self, numbers: Sequence[int], segments: Sequence[Segment]) -> None:
        """Cut off what is torn and stand at the end of the last segment."""
        for number, segment in zip(numbers, segments, strict=True):
            self._reach[number] = NOWHERE
            for _, records in segment.frames:
                self._account(number, records)
        number, segment = numbers[-1], segments[-1]
        if segment.start is None:  # the process died while it made this segment
            self._files.delete(_path_of(self._folder, number))
            self._files.sync_folder(self._folder)
            del self._reach[number]
            self._number = number - 1
            self._roll()
            return
        self._number = number
        self._handle = self._files.reopen(_path_of(self._folder, number))
        self._size_bytes = segment.good_bytes
        if segment.torn:
            self._files.cut(self._handle, segment.good_bytes)
        elif self._flush:
            # A process that was killed between write and sync leaves a frame that only memory
            # holds. It was read; before anything is signed by it, it must not be lost again.
            self._files.sync(self._handle)
        if self._flush:
            self._files.sync_folder(self._folder)

    def _let_go(self) -> None:
        handle, self._handle = self._handle, -1
        if handle >= 0:
            self._files.close(handle)

    def _roll(self) -> None:
        """Begin the next segment, durably, and let the one before it be."""
        start = SegmentStart(self._chain_id, self._public_key, self._highest, self._seq)
        handle = _begin_segment(
            self._files, self._folder, self._number + 1, start, flush=self._flush
        )
        self._let_go()
        self._handle = handle
        self._number += 1
        self._size_bytes = len(segment_start_bytes(start))
        self._reach[self._number] = NOWHERE

    def _account(self, number: int, records: Sequence[LogRecord]) -> None:
        for record in records:
            place = place_of(record)
            self._reach[number] = max(self._reach[number], place)
            if isinstance(record, Vote):
                self._highest = max(self._highest, place)

    def _fatal(self) -> VoteLogFatal:
        return VoteLogFatal(
            "vote_log_unwritable",
            f"The vote log {self._folder} cannot be written: {self._failed}.",
            spared="What was about to be signed was not sent; nothing is signed from here on.",
            hint="Free or mend the disk, then start the node again: it goes on where the log ends.",
        )


def _path_of(folder: Path, number: int) -> Path:
    return folder / f"{number:04}.log"


def _begin_segment(
    files: Files, folder: Path, number: int, start: SegmentStart, *, flush: bool
) -> int:
    """Return the handle of a new segment; its start and its name are durable."""
    handle = files.begin(_path_of(folder, number))
    try:
        files.write(handle, segment_start_bytes(start))
        if flush:
            files.sync(handle)
            files.sync_folder(folder)
    except OSError:
        files.close(handle)
        raise
    return handle


def _read(files: Files, folder: Path) -> tuple[list[int], list[Segment]]:
    names = [name for name in files.names(folder) if _NAME.fullmatch(name)]
    numbers = sorted(int(name.removesuffix(".log")) for name in names)
    return numbers, [parse_segment(files.read(_path_of(folder, n))) for n in numbers]


def _require_own(
    folder: Path, numbers: Sequence[int], segments: Sequence[Segment], own: tuple[bytes, bytes]
) -> None:
    for number, segment in zip(numbers, segments, strict=True):
        start = segment.start
        if start is not None and (start.chain_id, start.public_key) != own:
            what = "chain" if start.chain_id != own[0] else "key"
            raise VoteLogFault(
                "vote_log_foreign",
                f"{_path_of(folder, number)} is the log of another {what}.",
                hint=f"Put key and log of one {what} together. {LOST}",
            )


def _require_sound(folder: Path, numbers: Sequence[int], contents: Contents) -> None:
    if not numbers:
        raise _missing(folder)
    broken = contents.broken
    if not broken and list(numbers) != list(range(numbers[0], numbers[0] + len(numbers))):
        broken = "a segment is missing between others"
    if broken:
        raise VoteLogFault(
            "vote_log_damaged", f"The vote log {folder} is damaged: {broken}.", hint=LOST
        )


def _locked(files: Files, path: Path) -> Hold:
    try:
        return files.hold(path)
    except Held as held:
        raise VoteLogFault(
            "vote_log_locked",
            f"Another process signs with this key (pid {held.holder or 'unknown'}).",
            hint="Stop it first: two processes with one key are a double signer.",
        ) from held
    except OSError as fault:
        raise _unreadable(path, fault) from fault


def _missing(folder: Path) -> VoteLogFault:
    return VoteLogFault(
        "vote_log_missing",
        f"There is no vote log in {folder}, and nothing replaces one.",
        hint=LOST,
    )


def _unreadable(path: Path, fault: OSError) -> VoteLogFault:
    return VoteLogFault(
        "vote_log_unreadable",
        f"{path} cannot be read or made: {fault.strerror or fault}.",
        hint="Look at the disk and at who owns the folder.",
    )
