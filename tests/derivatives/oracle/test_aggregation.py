"""ORAC-010 to ORAC-014: one price from a quorum, robust to a third of liars."""

import random

from hypothesis import given, strategies

from derivatives.oracle.aggregation import Quote, aggregate, is_admitted, is_jump, lower_median

BYZANTINE_TRIALS = 30_000


def test_confidence_outside_one_to_two_hundred_basis_points_abstains() -> None:
    price = 1_000_000

    verdicts = [is_admitted(Quote(0, price, c, 1), 1) for c in (99, 100, 20_000, 20_001)]

    assert [False, True, True, False] == verdicts


def test_too_few_sources_abstain() -> None:
    assert not is_admitted(Quote(0, 1_000_000, 500, 2), 3)


def test_fewer_than_a_quorum_say_nothing() -> None:
    quotes = [Quote(index, 1_000_000, 500, 1) for index in range(2)]

    assert aggregate(quotes, 4, 3, 1) is None


def test_of_two_middles_the_lower_wins() -> None:
    assert 2 == lower_median([1, 2, 3, 4])


def test_confidence_covers_what_honest_reporters_disagree_about() -> None:
    quotes = [Quote(0, 99_000, 50, 1), Quote(1, 100_000, 50, 1), Quote(2, 100_500, 50, 1),
              Quote(3, 200_000, 50, 1)]  # fmt: skip

    spoken = aggregate(quotes, 4, 3, 1)

    assert spoken is not None
    # Removing one from each end leaves 100,000 and 100,500: the wider side is 500.
    assert (100_000, 500) == (spoken.price_e8, spoken.confidence_e8)


def test_no_third_of_liars_moves_the_price_out_of_the_honest_range() -> None:
    dice = random.Random(20_261_124)
    for trial in range(BYZANTINE_TRIALS):
        count = dice.randint(1, 31)
        liars_max = (count - 1) // 3
        quorum = count - liars_max
        order = dice.sample(range(count), count)
        liars = order[: dice.randint(0, liars_max)]
        honest = order[len(liars) :]
        # Honest reports may be withheld down to a bare quorum.
        kept = honest[: max(quorum - len(liars), len(honest) - trial % (len(honest) + 1))]
        truth = 10**12
        quotes = [
            Quote(i, truth + dice.randint(-(10**9), 10**9), dice.randint(10**8, 10**9), 1)
            for i in kept
        ]
        honest_prices = [quote.price_e8 for quote in quotes]
        low, high = min(honest_prices), max(honest_prices)
        honest_confidences = [quote.confidence_e8 for quote in quotes]
        for liar in liars:
            # Far off, unusable, and just beyond or at what somebody honest said.
            near = (low - 1, low, dice.choice(honest_prices), high, high + 1)
            price = dice.choice([truth * 3, truth // 100, 1, *near])
            confidence = max(1, price * dice.choice([1, 200]) // 10_000)
            quotes.append(Quote(liar, price, confidence, 1))

        spoken = aggregate(quotes, count, quorum, 1)

        if spoken is None:
            assert any(not is_admitted(quote, 1) for quote in quotes)
            continue
        assert low <= spoken.price_e8 <= high
        spread = high - low
        # A liar's confidence of 200 bp of a lie may be the median only if honest ones are as wide.
        assert spoken.confidence_e8 <= max(spread, *honest_confidences)


@given(
    strategies.integers(1, 2**40),
    strategies.integers(1, 2**40),
    strategies.integers(1, 1_000),
    strategies.integers(0, 10**6),
)
def test_jump_bound_is_the_larger_of_one_percent_and_six_sigmas(
    price: int, last: int, sigma_ppm: int, elapsed_ms: int
) -> None:
    relative_squared = (price - last) ** 2 * 10**12
    six_sigmas_squared = 36 * sigma_ppm**2 * last**2 * elapsed_ms
    expected = abs(price - last) * 100 > last and relative_squared * 1000 > six_sigmas_squared

    assert expected == is_jump(price, last, sigma_ppm, elapsed_ms)


def test_of_six_one_is_removed_from_each_end() -> None:
    # ORAC-013: (6 - 1) // 3 = 1; what is left reaches from 90 to 102 about 100
    thousands = (10, 90, 100, 101, 102, 500)
    quotes = [Quote(index, 1_000 * one, 50, 1) for index, one in enumerate(thousands)]

    spoken = aggregate(quotes, 6, 5, 1)

    assert spoken is not None
    assert (100_000, 10_000) == (spoken.price_e8, spoken.confidence_e8)


def test_after_a_long_silence_six_sigmas_are_no_jump_and_no_more_than_those() -> None:
    # ORAC-015: 6 x 90 ppm x sqrt(400) = 10,800 ppm
    steps = (10_800_000, 10_800_001, -10_800_000, -10_800_001)

    assert [False, True, False, True] == [
        is_jump(10**9 + step, 10**9, 90, 400_000) for step in steps
    ]
