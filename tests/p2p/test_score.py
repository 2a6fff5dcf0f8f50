"""NET-040 to NET-043: points, bans, rates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p import limits, score
from p2p.score import Bucket, Scores


@pytest.mark.parametrize("offence", ["undecodable", "consensus.bad_signature", "oversize_frame"])
def test_a_grave_offence_bans_at_once_for_ten_minutes(offence: str) -> None:
    # NET-040
    scores = Scores()
    ban = scores.charge("x", offence, authority=False, now=5)

    assert ban is not None
    assert limits.BAN_S == ban.seconds
    assert scores.is_banned("x", 5 + limits.BAN_S - 1)
    assert not scores.is_banned("x", 5 + limits.BAN_S)


def test_an_authority_is_banned_for_ten_seconds_only() -> None:
    # NET-041
    scores = Scores()
    scores.charge("x", "undecodable", authority=True, now=0)

    assert [True, False] == [scores.is_banned("x", now) for now in (9, 10)]


def test_ordinary_offences_add_up_and_time_forgives() -> None:
    # NET-042
    scores = Scores()
    for now in (0, 1, 2):
        assert scores.charge("x", "whatever", authority=False, now=now) is None
    before = scores.score("x", 2)
    later = scores.score("x", 602)

    assert (-748, -148) == (before, later)
    assert scores.charge("x", "whatever", authority=False, now=602) is None
    assert scores.charge("x", "undecodable", authority=False, now=602) is not None


def test_one_who_comes_back_from_a_ban_begins_anew() -> None:
    # NET-042
    scores = Scores()
    scores.charge("x", "undecodable", authority=True, now=0)

    assert 0 == scores.score("x", 0)
    assert scores.charge("x", "whatever", authority=True, now=11) is None


def test_the_charged_peer_alone_is_banned() -> None:
    scores = Scores()
    scores.charge("x", "undecodable", authority=False, now=0)

    assert ["x"] == list(scores.banned(1))
    assert not scores.is_banned("y", 1)
    assert 0 == scores.score("y", 1)


def test_the_table_stays_bounded_and_keeps_the_banned() -> None:
    # NET-043
    scores = Scores()
    scores.charge("banned", "undecodable", authority=False, now=0)
    for number in range(score.REMEMBERED_MAX_COUNT + 100):
        scores.charge(f"peer{number}", "whatever", authority=False, now=1)

    assert scores.is_banned("banned", 2)
    assert score.REMEMBERED_MAX_COUNT >= len(scores._accounts)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 30))))
def test_a_bucket_never_gives_more_than_its_burst_and_its_rate(
    acts: list[tuple[int, int]],
) -> None:
    # NET-043
    bucket = Bucket(10, 20, 0)
    now = given_count = 0
    for passed, amount in acts:
        now += passed
        given_count += amount if bucket.take(amount, now) else 0

        assert given_count <= 20 + 10 * now


def test_debt_is_paid_by_waiting() -> None:
    # NET-043
    bucket = Bucket(10, 20, 0)

    assert 0 == bucket.owe(20, 0)
    assert 3000 == bucket.owe(30, 0)
    assert 2000 == bucket.owe(0, 1)
