"""ORAC-020: the ladder by age, and the grace after an outage."""

from derivatives.oracle.ladder import FeedState, grace_ms, state_by_age, worse_of


def test_each_rung_begins_one_millisecond_after_its_bound() -> None:
    ages = (0, 1_500, 1_501, 3_000, 3_001, 30_000, 30_001)

    states = [state_by_age(age).name for age in ages]

    assert ["NORMAL", "NORMAL", "DEGRADED", "DEGRADED", "STALE", "STALE", "AUCTION"] == states
    assert FeedState.AUCTION == state_by_age(10**12)


def test_grace_is_as_long_as_the_outage_and_at_most_ten_minutes() -> None:
    assert (5_000, 600_000) == (grace_ms(5_000), grace_ms(10**9))


def test_what_needs_two_feeds_is_trusted_like_the_worse() -> None:
    order = (FeedState.NORMAL, FeedState.DEGRADED, FeedState.STALE, FeedState.AUCTION)
    for place, better in enumerate(order):
        for worse in (*order[place:], FeedState.INVALID):
            assert worse is worse_of(better, worse) is worse_of(worse, better)
