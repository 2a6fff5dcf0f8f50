"""HIST-025: what became final lately is kept without a gap until it is listed."""

from types import SimpleNamespace
from typing import Any

import pytest

from node.history import recent as subject
from node.history.recent import Recent


def notice(height: int, *events_counts: int, name: str = "") -> Any:
    """A block whose receipts have so many events each."""
    return SimpleNamespace(
        block=SimpleNamespace(header=SimpleNamespace(height=height, time_ms=height * 500)),
        block_id=f"{height}{name}".encode(),
        receipts=tuple(SimpleNamespace(events=(None,) * count) for count in events_counts),
    )


def shown(recent: Recent, first_seq: int) -> list[tuple[int, int, bytes, int]]:
    return [
        (one.block.height, one.block.first_seq, one.block_id, one.time_ms)
        for one in recent.from_seq(first_seq)
    ]


def test_blocks_are_numbered_from_the_end_and_those_without_events_left_out() -> None:
    recent = Recent()

    recent.add([notice(1, 2, 0, 1), notice(2), notice(3, 4)], end_seq=17)
    recent.add([notice(4, 1)], end_seq=18)

    assert [(1, 10, b"1", 500), (3, 13, b"3", 1_500), (4, 17, b"4", 2_000)] == shown(recent, 10)
    assert [(3, 13, b"3", 1_500), (4, 17, b"4", 2_000)] == shown(recent, 13)
    assert [] == shown(recent, 11)


def test_what_is_listed_is_let_go() -> None:
    recent = Recent()
    recent.add([notice(1, 3), notice(2, 3)], end_seq=6)

    recent.let_go(3)

    assert [] == shown(recent, 0)
    assert [2] == [height for height, *_ in shown(recent, 3)]


def test_a_chain_that_went_back_replaces_what_was_told_in_its_place() -> None:
    recent = Recent()
    recent.add([notice(1, 3), notice(2, 3), notice(3, 3)], end_seq=9)

    recent.add([notice(2, 2, name="other")], end_seq=5)

    assert [(1, 0, b"1", 500), (2, 3, b"2other", 1_000)] == shown(recent, 0)


def test_more_than_is_kept_goes_oldest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "KEPT_MAX_COUNT", 10)
    recent = Recent()

    for height in range(1, 8):
        recent.add([notice(height, 4)], end_seq=4 * height)

    assert [] == shown(recent, 0)
    assert [6, 7] == [height for height, *_ in shown(recent, 20)]
