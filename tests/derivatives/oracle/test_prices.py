"""ORAC-015 to ORAC-029: a feed accepts, holds, ages and recovers."""

from derivatives.oracle.aggregation import Aggregate
from derivatives.oracle.ladder import FeedState
from derivatives.oracle.prices import first_price, with_aggregate, with_time
from derivatives.oracle.state import FeedPrice, FeedTerms

TERMS = FeedTerms("main", 90, 1, 1, 2**61)
BREAK_MS = 10_000


def said(price_e8: int) -> Aggregate:
    return Aggregate(price_e8, price_e8 // 2_000, (0, 1, 2))


def feed_at(price_e8: int = 10**12, time_ms: int = 1_000_000) -> FeedPrice:
    price = first_price(said(price_e8), TERMS, time_ms, time_ms)
    assert price is not None
    return price


def step(price: FeedPrice, value_e8: int | None, time_ms: int) -> FeedPrice:
    if value_e8 is not None:
        price = with_aggregate(price, TERMS, said(value_e8), time_ms, time_ms)
    return with_time(price, time_ms, time_ms - 500, BREAK_MS)


def test_first_section_makes_a_feed_normal_at_once() -> None:
    assert FeedState.NORMAL == feed_at().state


def test_feed_climbs_down_with_age() -> None:
    price = feed_at()

    states = [
        FeedState(step(price, None, 1_000_000 + age).state).name
        for age in (1_500, 1_501, 3_000, 3_001, 30_000, 30_001)
    ]

    assert ["NORMAL", "DEGRADED", "DEGRADED", "STALE", "STALE", "AUCTION"] == states


def test_jump_is_held_until_three_sections_agree_on_its_side() -> None:
    price = feed_at()

    first = step(price, 102 * 10**10, 1_000_500)
    second = step(first, 104 * 10**10, 1_001_000)
    third = step(second, 103 * 10**10, 1_001_500)

    assert [10**12, 10**12, 103 * 10**10] == [p.price_e8 for p in (first, second, third)]
    assert [FeedState.JUMP, FeedState.JUMP, FeedState.NORMAL] == [
        p.state for p in (first, second, third)
    ]


def test_other_side_begins_the_count_anew() -> None:
    price = step(step(feed_at(), 102 * 10**10, 1_000_500), 98 * 10**10, 1_001_000)

    assert (1, False) == (price.pending_count, price.pending_above)


def test_held_value_does_not_make_a_feed_younger() -> None:
    price = step(feed_at(), 102 * 10**10, 1_000_500)

    assert 1_000_000 == price.updated_ms


def test_jump_is_no_outage_where_blocks_are_slow() -> None:
    # ORAC-024: the price is four seconds old before the third section comes
    price = feed_at()
    states, recovering = [], []
    for seconds, value_e8 in ((2, 102), (4, 103), (6, 104)):
        price = step(price, value_e8 * 10**10, 1_000_000 + 1_000 * seconds)
        states.append(price.state)
        recovering.append(price.recovery_count)

    assert [FeedState.JUMP, FeedState.JUMP, FeedState.NORMAL] == states
    assert [0, 0, 0] == recovering
    assert (0, 0) == (price.pending_ms, price.grace_until_ms)


def test_silence_after_a_held_value_is_an_outage() -> None:
    # ORAC-024
    held = step(feed_at(), 102 * 10**10, 1_002_000)
    silent = [step(held, None, time_ms) for time_ms in (1_005_000, 1_005_001)]

    assert [(0, 0), (3, 1_000_000)] == [(p.recovery_count, p.outage_from_ms) for p in silent]


def test_jumps_to_and_fro_become_an_auction_by_age() -> None:
    # ORAC-024, ORAC-020
    price = feed_at()
    for count in range(1, 16):
        value_e8 = 102 if count % 2 else 98
        price = step(price, value_e8 * 10**10, 1_000_000 + 2_000 * count)
    before = price
    price = step(price, 98 * 10**10, 1_030_500)

    assert (FeedState.JUMP, 0) == (before.state, before.recovery_count)
    assert (FeedState.AUCTION, 3) == (price.state, price.recovery_count)


def test_feed_stays_in_auction_until_it_has_recovered() -> None:
    # ORAC-022
    price = step(feed_at(), None, 1_030_500)
    states = [price.state]
    for time_ms in (1_031_000, 1_031_500, 1_032_000):
        price = step(price, 10**12, time_ms)
        states.append(price.state)

    assert [FeedState.AUCTION] * 3 + [FeedState.NORMAL] == states


def test_value_within_bound_ends_a_jump() -> None:
    price = step(step(feed_at(), 102 * 10**10, 1_000_500), 10**12 + 1, 1_001_000)

    assert (10**12 + 1, 0, FeedState.NORMAL) == (price.price_e8, price.pending_count, price.state)


def test_crash_of_one_point_two_percent_a_block_is_followed_within_three_percent() -> None:
    price, truth = feed_at(), 10**12
    worst_ppm = 0
    for block in range(1, 21):
        truth = truth * 988 // 1000
        price = step(price, truth, 1_000_000 + 500 * block)
        worst_ppm = max(worst_ppm, (price.price_e8 - truth) * 1_000_000 // truth)

    assert worst_ppm < 30_000


def test_recovery_takes_three_sections_and_a_grace_as_long_as_the_outage() -> None:
    price = step(feed_at(), None, 1_020_000)
    states = []
    for section in range(3):
        price = step(price, 10**12, 1_020_500 + 500 * section)
        states.append(FeedState(price.state).name)

    assert ["STALE", "STALE", "NORMAL"] == states
    assert 1_021_500 + 21_500 == price.grace_until_ms


def test_short_outage_does_not_cut_the_grace_of_a_long_one() -> None:
    # ORAC-023
    price = step(feed_at(), None, 1_600_000)
    for section in range(1, 4):
        price = step(price, 10**12, 1_600_000 + 500 * section)
    left_by_the_long_one = price.grace_until_ms

    price = step(price, None, 1_605_000)
    for section in range(1, 4):
        price = step(price, 10**12, 1_605_000 + 500 * section)

    assert 1_601_500 + 600_000 == left_by_the_long_one
    assert (0, left_by_the_long_one) == (price.recovery_count, price.grace_until_ms)


def test_gap_between_blocks_is_an_outage_of_every_feed() -> None:
    price = with_time(feed_at(), 1_010_001, 1_000_000, BREAK_MS)

    assert (3, FeedState.STALE) == (price.recovery_count, price.state)


def test_price_at_a_bound_is_invalid_and_not_used() -> None:
    terms = FeedTerms("main", 90, 1, 10, 2 * 10**12)

    price = with_aggregate(feed_at(), terms, said(2 * 10**12), 1_000_500, 1_000_500)
    price = with_time(price, 1_000_500, 1_000_000, BREAK_MS)

    assert (10**12, FeedState.INVALID) == (price.price_e8, price.state)
