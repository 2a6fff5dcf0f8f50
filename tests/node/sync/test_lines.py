"""SYNC-030: nobody who catches up takes more of the line than is his."""

from node.sync.lines import (
    AUTHORITY_BYTES_PER_S,
    BURST_MS,
    FOLLOWER_BYTES_PER_S,
    FOLLOWERS_BYTES_PER_S,
    LINES_MAX_COUNT,
    RANGES_PER_S,
    Lines,
)


def served_bytes(lines: Lines, peer: str, *, seconds: int, authority: bool) -> int:
    total = 0
    for now_ms in range(0, seconds * 1_000, 250):
        if lines.may_serve(peer, now_ms, is_authority=authority):
            lines.served(peer, 1024 * 1024, now_ms, is_authority=authority)
            total += 1024 * 1024
    return total


def test_a_follower_gets_two_mebibytes_a_second() -> None:
    total = served_bytes(Lines(), "f", seconds=60, authority=False)

    burst_bytes = FOLLOWER_BYTES_PER_S * BURST_MS // 1_000
    assert FOLLOWER_BYTES_PER_S * 60 <= total <= FOLLOWER_BYTES_PER_S * 60 + burst_bytes


def test_all_followers_together_get_eight() -> None:
    lines, total = Lines(), 0
    for now_ms in range(0, 60_000, 250):
        for peer in range(20):
            if lines.may_serve(peer, now_ms, is_authority=False):
                lines.served(peer, 1024 * 1024, now_ms, is_authority=False)
                total += 1024 * 1024

    limit_bytes = FOLLOWERS_BYTES_PER_S * 60
    assert limit_bytes * 9 // 10 <= total <= limit_bytes + FOLLOWERS_BYTES_PER_S * 3


def test_an_authority_does_not_wait_for_followers() -> None:
    lines = Lines()
    for peer in range(20):
        lines.served(peer, 64 * 1024 * 1024, 0, is_authority=False)

    assert lines.may_serve("a", 0, is_authority=True)
    assert not lines.may_serve("f", 0, is_authority=False)


def test_four_ranges_a_second_are_answered() -> None:
    lines, count = Lines(), 0
    for now_ms in range(0, 10_000, 10):
        if lines.may_serve("a", now_ms, is_authority=True):
            lines.served("a", 10, now_ms, is_authority=True)
            count += 1

    assert RANGES_PER_S * 10 <= count <= RANGES_PER_S * 12 + 1
    assert AUTHORITY_BYTES_PER_S > count


def test_a_clock_that_goes_back_gives_nothing_away() -> None:
    lines = Lines()
    lines.may_serve("f", 10_000, is_authority=False)
    lines.served("f", FOLLOWER_BYTES_PER_S * 60, 10_000, is_authority=False)

    assert not lines.may_serve("f", 0, is_authority=False)
    assert not lines.may_serve("f", 10_001, is_authority=False)


def test_lines_are_forgotten_oldest_first() -> None:
    lines = Lines()
    lines.served("first", FOLLOWER_BYTES_PER_S * 60, 0, is_authority=True)
    for peer in range(LINES_MAX_COUNT):
        lines.may_serve(peer, 0, is_authority=True)

    assert lines.may_serve("first", 0, is_authority=True)
