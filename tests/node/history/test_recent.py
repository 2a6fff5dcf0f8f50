"""HIST-025: what became final lately is kept, block upon block, until it is listed."""

from types import SimpleNamespace
from typing import Any

import pytest

from node.history import recent as subject
from node.history.recent import Recent


def notice(height: int, *receipts: bytes, name: str = "", parent: str = "") -> Any:
    """A block on the one below it, and what it told."""
    header = SimpleNamespace(
        height=height, time_ms=height * 500, parent_id=f"{height - 1}{parent}".encode()
    )
    return SimpleNamespace(
        block=SimpleNamespace(header=header),
        block_id=f"{height}{name}".encode(),
        encoded_receipts=receipts,
    )


def shown(recent: Recent, height: int, name: str = "") -> list[tuple[int, bytes, int]]:
    found = recent.after(height, f"{height}{name}".encode())
    return [(one.height, one.block_id, one.time_ms) for one in found]


def test_blocks_follow_the_one_that_was_listed_last() -> None:
    recent = Recent()

    recent.add([notice(1, b"a"), notice(2), notice(3, b"b", b"c")], end_seq=17)
    recent.add([notice(4)], end_seq=18)

    assert [1, 2, 3, 4] == [height for height, *_ in shown(recent, 0)]
    assert [(4, b"4", 2_000)] == shown(recent, 3)
    assert [] == shown(recent, 4) == shown(recent, 2, "other")
    assert (b"b", b"c") == recent.after(2, b"2")[0].encoded_receipts


def test_what_is_listed_is_let_go() -> None:
    recent = Recent()
    recent.add([notice(1), notice(2)], end_seq=6)

    recent.let_go(1)

    assert [] == shown(recent, 0)
    assert [2] == [height for height, *_ in shown(recent, 1)]


def test_a_chain_that_went_back_replaces_what_was_told_in_its_place() -> None:
    recent = Recent()
    recent.add([notice(1), notice(2), notice(3)], end_seq=9)

    recent.add([notice(2, name="other")], end_seq=5)

    assert [(1, b"1", 500), (2, b"2other", 1_000)] == shown(recent, 0)


def test_blocks_that_do_not_follow_those_that_are_kept_take_their_place() -> None:
    recent = Recent()
    recent.add([notice(1), notice(2)], end_seq=9)

    recent.add([notice(7)], end_seq=12)
    assert [] == shown(recent, 0)
    recent.add([notice(8, parent="other")], end_seq=12)

    assert [] == shown(recent, 6)
    assert [8] == [height for height, *_ in shown(recent, 7, "other")]


def test_more_events_than_are_kept_go_oldest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "KEPT_EVENTS_MAX_COUNT", 10)
    recent = Recent()

    for height in range(1, 8):
        recent.add([notice(height)], end_seq=4 * height)

    assert [] == shown(recent, 3)
    assert [5, 6, 7] == [height for height, *_ in shown(recent, 4)]


def test_blocks_that_tell_nothing_are_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "KEPT_BLOCKS_MAX_COUNT", 2)
    recent = Recent()

    for height in range(1, 6):
        recent.add([notice(height)], end_seq=0)

    assert [4, 5] == [height for height, *_ in shown(recent, 3)]
