"""A scan range that follows the market: measured in state, announced an hour ahead, in small steps.

    r       ln(price / price of the last sample), on a grid of 300 s of header time; what came
            after n of them counts as one return, r^2 / n
    v       v + ((r^2 - v) x alpha >> 40), half-lives 30 d (slow) and 2 h (fast)
    target  (1 - stress share) x multiple x sqrt(288 v_slow) + stress share x stress
            kept from the range of the family's scenarios up to its cap
    step    every hour what was announced comes into effect, and the next is announced: the
            target, at most 10 % above the range and 2 % a day below it

Scenarios that count whole move with the range; others stay, and their weight moves with it.
Initial margin counts what a range that is about to grow would ask: the largest of the range,
what is announced, and the target by the fast variance.

Source: docs/specs/margin.md, MARG-110 to MARG-115.
"""

from typing import TypeAlias

from chain.kit import (
    PPM,
    BlockContext,
    View,
    divide_down,
    divide_up,
    multiply_ppm_down,
    multiply_ppm_up,
    replace,
)
from derivatives.ids import CompartmentId
from derivatives.margin.events import RangeScheduled
from derivatives.margin.state import (
    FAMILIES,
    RANGE_TERMS,
    RANGES,
    FamilyTerms,
    Range,
    RangeTerms,
    Scenario,
)
from derivatives.oracle.state import PRICES
from derivatives.pricing.logarithm import ln_ratio_q62
from derivatives.pricing.q62 import BITS_Q62, square_root_down

GRID_MS = 300_000
HOUR_MS = 3_600_000
DAY_HOURS = 24
DAY_SAMPLES = 288
ALPHA_BITS = 40
# 2^40 x (1 - 2^(-1/n)), n samples: 30 days and 2 hours.
SLOW_ALPHA_Q40 = 88_205_187
FAST_ALPHA_Q40 = 31_300_961_722
MEMO_MAX = 256


Place: TypeAlias = tuple[CompartmentId, str, str]
"""Whose terms: a compartment's, under a schedule, of a family."""


def sampled(found: Range, price_e8: int, time_ms: int) -> Range:
    """Return a range's variances with the price of a new sample, unchanged within one.

    Rounds: down.
    """
    slots = divide_down(time_ms, GRID_MS) - divide_down(found.sampled_ms, GRID_MS)
    if slots < 1:
        return found
    return_q62 = ln_ratio_q62(price_e8, found.price_e8)
    squared = divide_down(return_q62 * return_q62 >> BITS_Q62, slots)
    slow, fast = (
        variance + ((squared - variance) * alpha >> ALPHA_BITS)
        for variance, alpha in (
            (found.slow_variance_q62, SLOW_ALPHA_Q40),
            (found.fast_variance_q62, FAST_ALPHA_Q40),
        )
    )
    return replace(
        found,
        sampled_ms=time_ms,
        price_e8=price_e8,
        slow_variance_q62=slow,
        fast_variance_q62=fast,
    )


def target_ppm(variance_q62: int, terms: RangeTerms, floor_ppm: int) -> int:
    """Return the range that a variance of 300 s asks for. Rounds: up.

    >>> terms = RangeTerms(4_000_000, 300_000, 250_000, 600_000, 100_000, 20_000)
    >>> [target_ppm(((1 << 62) * x // 10**4) ** 2 >> 62, terms, 160_000) for x in (0, 17, 40, 200)]
    [160000, 161550, 278649, 600000]
    """
    day_ppm_squared = divide_up(variance_q62 * DAY_SAMPLES * PPM * PPM, 1 << BITS_Q62)
    day_ppm = square_root_down(day_ppm_squared)
    day_ppm += day_ppm * day_ppm < day_ppm_squared
    measured = multiply_ppm_up(day_ppm * terms.multiple_ppm, PPM - terms.stress_share_ppm)
    asked_ppm = divide_up(measured, PPM) + multiply_ppm_up(terms.stress_ppm, terms.stress_share_ppm)
    return min(terms.cap_ppm, max(floor_ppm, asked_ppm))


def stepped(found: Range, terms: RangeTerms, floor_ppm: int, time_ms: int) -> Range:
    """Return a range after its hour: what was announced is in effect, and the next announced.

    Rounds: a rise down, a fall to a smaller one.

    >>> terms = RangeTerms(4_000_000, 300_000, 250_000, 600_000, 100_000, 20_000)
    >>> wild = Range(0, 1, 1 << 56, 0, 160_000, 176_000, 0, 160_000)
    >>> found = stepped(wild, terms, 160_000, 5)
    >>> found.range_ppm, found.scheduled_ppm, found.scheduled_from_ms
    (176000, 193600, 3600005)
    """
    now_ppm = found.scheduled_ppm
    rise_ppm = multiply_ppm_down(now_ppm, terms.rise_hour_ppm)
    fall_ppm = divide_down(now_ppm * terms.fall_day_ppm, PPM * DAY_HOURS)
    target = target_ppm(found.slow_variance_q62, terms, floor_ppm)
    least_ppm = max(floor_ppm, now_ppm - fall_ppm)
    return replace(
        found,
        range_ppm=now_ppm,
        scheduled_ppm=max(least_ppm, min(target, now_ppm + rise_ppm)),
        scheduled_from_ms=time_ms + HOUR_MS,
    )


def keep_ranges(context: BlockContext) -> None:
    """Sample every range's price, and take the step whose time has come."""
    state, time_ms = context.state, context.time_ms
    for key, terms in [*state.scan(RANGE_TERMS)]:
        assert isinstance(key, tuple)
        place = (str(key[0]), str(key[1]), str(key[2]))
        price, family = state.get(PRICES, place[2]), state.get(FAMILIES, place)
        if price is None or family is None:
            continue
        floor_ppm = range_of(family)
        known = state.get(RANGES, place)
        found = known or Range(
            time_ms, price.price_e8, 0, 0, floor_ppm, floor_ppm, time_ms + HOUR_MS, floor_ppm
        )
        found = sampled(found, price.price_e8, time_ms)
        if found.sampled_ms == time_ms:
            fast_ppm = target_ppm(found.fast_variance_q62, terms, floor_ppm)
            found = replace(found, fast_ppm=fast_ppm)
        if time_ms >= found.scheduled_from_ms:
            found = stepped(found, terms, floor_ppm, time_ms)
            if not found.range_ppm == found.scheduled_ppm == (known or found).range_ppm:
                facts = (found.range_ppm, found.scheduled_ppm, found.scheduled_from_ms)
                context.emit(RangeScheduled(*place, *facts))
        if found != known:
            state.put(RANGES, place, found)


def range_of(terms: FamilyTerms) -> int:
    """Return a family's scan range: its largest move that counts whole, in ppm."""
    whole = [abs(one.shock_ppm) for one in terms.scenarios if one.weight_ppm == PPM]
    return max(whole, default=0)


def ranged(terms: FamilyTerms, range_ppm: int, floor_ppm: int) -> FamilyTerms:
    """Return a family's terms at another range than that of its scenarios.

    Rounds: moves away from nothing, weights up, to at most the whole.

    >>> both = (Scenario(-160_000, PPM, 0), Scenario(500_000, 240_000, 0))
    >>> terms = FamilyTerms(both, False, "", 0, 0, 0, 1, 0, 0)
    >>> [(one.shock_ppm, one.weight_ppm) for one in ranged(terms, 176_001, 160_000).scenarios]
    [(-176001, 1000000), (500000, 264002)]
    """

    def moved(one: Scenario) -> Scenario:
        if one.weight_ppm < PPM:
            weight_ppm = divide_up(one.weight_ppm * range_ppm, floor_ppm)
            return replace(one, weight_ppm=min(PPM, weight_ppm))
        away_ppm = divide_up(abs(one.shock_ppm) * range_ppm, floor_ppm)
        return replace(one, shock_ppm=away_ppm if one.shock_ppm > 0 else -away_ppm)

    return replace(terms, scenarios=tuple(moved(one) for one in terms.scenarios))


_KNOWN: dict[Place, tuple[FamilyTerms, int, FamilyTerms]] = {}


def terms_under(
    view: View, compartment: CompartmentId, schedule: str, family: str
) -> FamilyTerms | None:
    """Return a family's terms at its range now, None where the schedule has none of it.

    What moves with another has that one's range.  The same object while nothing differs.
    """
    place = (compartment, schedule, family)
    terms = view.get(FAMILIES, place)
    if terms is None:
        return None
    found = view.get(RANGES, (compartment, schedule, terms.moves_with or family))
    if found is None:
        return terms
    known = _KNOWN.get(place)
    if known is not None and known[0] is terms and known[1] == found.range_ppm:
        return known[2]
    floor_ppm = range_of(terms)
    made = terms if found.range_ppm == floor_ppm else ranged(terms, found.range_ppm, floor_ppm)
    if len(_KNOWN) >= MEMO_MAX:
        _KNOWN.clear()
    _KNOWN[place] = (terms, found.range_ppm, made)
    return made


def growth_ppm(view: View, compartment: CompartmentId, schedule: str, group: str) -> int:
    """Return what a loss counts in initial margin, for what a range is about to grow to.

    Rounds: up.
    """
    found = view.get(RANGES, (compartment, schedule, group))
    if found is None:
        return PPM
    most_ppm = max(found.range_ppm, found.scheduled_ppm, found.fast_ppm)
    return divide_up(most_ppm * PPM, found.range_ppm)
