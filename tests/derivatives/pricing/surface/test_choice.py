"""SURF-015 to SURF-022: what a third of liars cannot move."""

import random
from itertools import pairwise

import pytest
from hypothesis import given, strategies

from derivatives.pricing.surface.admission import (
    FAULT_BUTTERFLY,
    FAULT_FORM,
    Quote,
    SurfaceReport,
    fault_of,
)
from derivatives.pricing.surface.choice import (
    SIDE_NODES,
    Chosen,
    choose,
    distance_q62,
    lower_median,
    median_of,
    nodes_of,
    variances_of,
)
from derivatives.pricing.surface.dispersion import dispersions_ppm
from derivatives.pricing.surface.rolling import rolled_down
from derivatives.pricing.surface.svi import Slice
from tests.given import golden
from tests.given_smiles import (
    EXPIRIES_MS,
    NOW_MS,
    VOGT,
    YEAR_MS,
    decimals,
    durrleman,
    honest,
    liar,
    places,
    report,
    smile,
    variance,
)

SEEDS = strategies.integers(0, 2**32)


def round_of(seed: int, count: int) -> tuple[Chosen, list[int], int]:
    """Return what is chosen of so many reporters with a third of liars, and who is honest."""
    dice = random.Random(seed)
    liars_max = (count - 1) // 3
    lying = sorted(dice.sample(range(count), liars_max))
    reports = [(liar if index in lying else honest)(index, dice) for index in range(count)]
    chosen = choose(reports, EXPIRIES_MS, NOW_MS, count - liars_max)
    assert chosen is not None
    return chosen, [index for index in range(count) if index not in lying], liars_max


@pytest.mark.parametrize("count", [4, 7, 10])
@given(seed=SEEDS)
def test_median_lies_within_the_honest_and_the_chosen_is_as_near_as_the_best_of_them(
    count: int, seed: int
) -> None:
    chosen, honest_ones, _ = round_of(seed, count)

    seen = [each for each in chosen.admitted if each.reporter_index in honest_ones]
    assert len(seen) == len(honest_ones)
    for expiry, row in enumerate(chosen.median):
        for node, middle in enumerate(row):
            said = [each.variances[expiry][node] for each in seen]
            assert min(said) <= middle <= max(said)
    best = min(distance_q62(each.variances, chosen.median) for each in seen)
    assert chosen.distance_q62 <= best


@given(seed=SEEDS)
def test_chosen_surface_is_free_of_arbitrage(seed: int) -> None:
    chosen, _, _ = round_of(seed, 4)
    slices = [decimals(one) for one in chosen.surface.slices]

    assert fault_of(chosen.surface) is None
    for one in slices:
        assert min(durrleman(one, k) for k in places(one)[::4]) > 0
    for earlier, later in pairwise(slices):
        for k in places(earlier)[::4]:
            assert abs(k) > 4 or variance(later, k) > variance(earlier, k)


@given(seed=SEEDS)
def test_forwards_lie_within_the_honest(seed: int) -> None:
    dice = random.Random(seed)
    reports = [honest(index, dice) for index in range(3)] + [liar(3, dice)]

    chosen = choose(reports, EXPIRIES_MS, NOW_MS, 3)

    assert chosen is not None
    for place, forward_e8 in enumerate(chosen.surface.forwards_e8):
        said = [told.quotes[place].forward_e8 for told in reports[:3]]
        assert min(said) <= forward_e8 <= max(said)


def test_fewer_than_a_quorum_say_nothing() -> None:
    dice = random.Random(9)
    absurd = report(3)._replace(
        quotes=(report(3).quotes[0]._replace(one=smile(*VOGT)), *report(3).quotes[1:])
    )
    two = [honest(index, dice) for index in range(2)]

    assert choose(two, EXPIRIES_MS, NOW_MS, 3) is None
    assert choose([*two, absurd], EXPIRIES_MS, NOW_MS, 3) is None
    assert choose([*two, honest(2, dice)], EXPIRIES_MS, NOW_MS, 3) is not None


def test_who_is_refused_is_told_why() -> None:
    dice = random.Random(10)
    reports = [honest(index, dice) for index in range(5)]
    reports[1] = reports[1]._replace(quotes=())
    quotes = (*reports[4].quotes[:-1], reports[4].quotes[-1]._replace(one=smile(*VOGT)))
    reports[4] = reports[4]._replace(quotes=quotes)

    chosen = choose(reports, EXPIRIES_MS, NOW_MS, 3)

    assert chosen is not None
    assert ((1, FAULT_FORM), (4, FAULT_BUTTERFLY)) == chosen.refused
    assert [0, 2, 3] == [each.reporter_index for each in chosen.admitted]


def test_equally_near_reporters_are_taken_in_their_order() -> None:
    chosen = choose([report(index) for index in (2, 5, 6)], EXPIRIES_MS, NOW_MS, 3)

    assert chosen is not None
    assert (2, 0) == (chosen.reporter_index, chosen.distance_q62)


def test_a_middle_reporter_is_nearest() -> None:
    levels = [0.60, 0.66, 0.57, 0.61]
    reports = [report(index, level=level) for index, level in enumerate(levels)]

    chosen = choose(reports, EXPIRIES_MS, NOW_MS, 3)

    assert chosen is not None
    assert (0, 0) == (chosen.reporter_index, chosen.distance_q62)


def test_nodes_reach_five_total_volatilities_and_two_and_a_half() -> None:
    chosen = choose([report(index) for index in range(3)], EXPIRIES_MS, NOW_MS, 3)
    assert chosen is not None

    nodes = nodes_of([chosen.surface])

    assert chosen.nodes == nodes
    for row, one in zip(nodes, chosen.surface.slices, strict=True):
        assert 67 == len(row)
        assert (0, -(5 << 55), 5 << 55) == (row[SIDE_NODES], *row[-2:])
        reach = min(4, 5 * variance(decimals(one), 0) ** 0.5)
        assert abs(row[64] / 2**56 - reach) < 1e-9
    assert variances_of(chosen.surface, nodes) == chosen.median


def test_median_is_taken_node_by_node() -> None:
    assert ((2, 5),) == median_of([((1, 9),), ((2, 5),), ((7, 3),)])
    assert 2 == lower_median([4, 1, 3, 2])


def test_a_round_is_its_golden() -> None:
    """Four reporters in whole numbers, so that no machine's float has a say."""
    terms_ms = (86_400_000, 30 * 86_400_000)
    reports = []
    for index, (level_ppm, rho_ppm, forward_e8) in enumerate(
        ((360_000, -200_000, 6_400_000), (366_000, -190_000, 6_401_000),
         (351_000, -240_000, 6_399_500), (900_000, 500_000, 9_000_000))
    ):  # fmt: skip
        quotes = []
        for term_ms in terms_ms:
            w_q56 = (level_ppm * term_ms << 56) // (YEAR_MS * 10**6)
            one = Slice(w_q56 // 2, w_q56, (rho_ppm << 56) // 10**6, 0, 1 << 55)
            quotes.append(Quote(forward_e8 * 10**6, one))
        reports.append(SurfaceReport(index, NOW_MS - 300 * index, tuple(quotes)))
    expiries_ms = [NOW_MS + term_ms for term_ms in terms_ms]

    chosen = choose(reports, expiries_ms, NOW_MS, 3)

    assert chosen is not None
    found = {
        "reporter": chosen.reporter_index,
        "forwards_e8": list(chosen.surface.forwards_e8),
        "slices": [list(one) for one in chosen.surface.slices],
        "distance_q62": chosen.distance_q62,
        "median": [list(row[::8]) for row in chosen.median],
        "refused": [list(each) for each in chosen.refused],
        "dispersions_ppm": list(dispersions_ppm(chosen, 1)),
        "rolled": [list(one) for one in rolled_down(chosen.surface, NOW_MS + 5_000).slices],
    }
    assert golden("pricing_surface", found) == found
