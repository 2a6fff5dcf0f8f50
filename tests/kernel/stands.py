"""Random markets and accounts for the pass of step 5, from one seed, and what the twin says."""

import random
from array import array
from collections.abc import Callable
from typing import Any, NamedTuple

from chain.kit import divide_down, divide_up, multiply_ppm_up
from derivatives.margin.charges.dated import Charges
from derivatives.margin.charges.leaning import Lots, charged_of, discounted, leaning_of
from derivatives.margin.kernel.twin import NOTHING_CHARGED, Part, Pinned, Rung, risk_of, sums_of
from derivatives.options.revaluing import OptionLean

WHOLE, E18 = 1_000_000, 10**18
INSTRUMENT, COLLATERAL, DECLINED, OPTION = 0, 1, 2, 3
TRADED = (INSTRUMENT, OPTION)
LIVE, WARNED, FLAGGED, PLAIN, STALE, OPTIONS = 1, 2, 4, 8, 16, 32
MODERATE = (20, 20, 40, 70)
BITS = (MODERATE, MODERATE, (40, 20, 60, 80), (55, 62, 62, 119), (1, 61, 8, 1), (62, 40, 62, 119))
"""Of sizes, of values, of entries and amounts, of funding indices."""


class Term(NamedTuple):
    """What all accounts share of one row."""

    kind: int
    family: int
    mark: int
    index: int
    fee: int
    extra: int
    delta: int
    lean: tuple[int, ...]
    pins: tuple[int, ...]


class Family(NamedTuple):
    """A family's terms, in the order in which the kernel takes them."""

    level: int
    offsets: int
    group: int
    skew: int
    vega: int
    short: int
    long_cut: int
    short_rise: int


class Crowd(NamedTuple):
    """One market, its accounts, and what is stored of them."""

    width: int
    weights: list[list[int]]
    families: list[Family]
    pin_weights: list[list[int]]
    scales: tuple[int, int, int, int]
    terms: list[Term]
    rows: list[list[int]]
    accounts: list[list[tuple[int, int, int, int]]]
    cash: list[int]
    flags: list[int]
    is_moderate: bool


def crowd(dice: random.Random, accounts: int) -> Crowd:
    """Return a market of some families and so many accounts in it."""
    size_bits, value_bits, entry_bits, index_bits = bits = dice.choice(BITS)
    used = dice.randrange(1, 34)
    width = used + -used % 8
    count = dice.randrange(1, 4)
    groups = sorted(dice.randrange(count) for _ in range(count))
    weighed = [
        [dice.choice((WHOLE, WHOLE, 240_000, 1)) for _ in range(used)] + [0] * (width - used)
        for _ in range(count)
    ]
    offset = [dice.randrange(2) for _ in range(count)]
    weights = [weighed[group] for group in groups]
    floor = dice.choice((0, 400_000, WHOLE))
    scales = (800_000, 150_000, dice.choice((0, 500_000, WHOLE)), floor)
    terms, rows = [], []
    pinned = dice.choice((0, 0, 3, 8, 30))
    pin_width = pinned + -pinned % 8
    counted = [
        [dice.choice((WHOLE, 0, 300_000)) for _ in range(pinned)] + [0] * (pin_width - pinned)
        for _ in range(count)
    ]
    for _ in range(dice.randrange(1, 9)):
        terms.append(_term(dice, dice.randrange(count), value_bits, index_bits, pinned))
        row = [signed(dice, min(61, value_bits)) for _ in range(used)]
        rows.append(row + [0] * (width - used))
    held = []
    for _ in range(accounts):
        places = sorted(
            (dice.randrange(len(terms)) for _ in range(dice.randrange(6))),
            key=lambda place: (terms[place].family, terms[place].lean[0]),
        )
        held.append(
            [
                (
                    place,
                    signed(dice, size_bits) if terms[place].kind in TRADED else 0,
                    signed(dice, entry_bits)
                    if terms[place].kind in TRADED
                    else dice.getrandbits(entry_bits),
                    signed(dice, index_bits),
                )
                for place in places
            ]
        )
    return Crowd(
        width,
        weights,
        [_family(dice, offset[group], group) for group in groups],
        [counted[group] for group in groups],
        scales,
        terms,
        rows,
        held,
        [signed(dice, entry_bits) for _ in range(accounts)],
        [
            LIVE
            | STALE
            | dice.choice((0, WARNED, WARNED | FLAGGED))
            | OPTIONS * any(terms[place].kind == OPTION for place, *_ in positions)
            for positions in held
        ],
        bits == MODERATE,
    )


def _term(dice: random.Random, family: int, value_bits: int, index_bits: int, pinned: int) -> Term:
    """Return what a random instrument, option or asset is."""
    kind = dice.choice((INSTRUMENT, OPTION, COLLATERAL))
    extra = signed(dice, index_bits) if kind in TRADED else 10 ** dice.randrange(12)
    values = [dice.getrandbits(value_bits) for _ in range(2)]
    fee = min(2**62 - 1, 300 * values[0]) if kind in TRADED else 100_000
    delta = signed(dice, value_bits)
    lean = (0,) * 6
    if kind == OPTION:
        leans = (signed(dice, min(61, value_bits)) for _ in range(5))
        lean = (dice.randrange(1, 4), *leans)
    pins = [signed(dice, min(61, value_bits)) for _ in range(pinned)]
    padded = (*pins, *(0,) * (-pinned % 8))
    return Term(kind, family, *values, fee, extra, delta, lean, padded)


def _family(dice: random.Random, offsets: int, group: int) -> Family:
    charges = (dice.choice((0, 1, 500_000)) for _ in range(3))
    cuts = (dice.choice((0, 30_001)) for _ in range(2))
    return Family(dice.choice((0, 5_000, 5_000, 25_000)), offsets, group, *charges, *cuts)


def signed(dice: random.Random, bits: int) -> int:
    """Return a number of so many bits at most, of either sign."""
    value = dice.choice((dice.getrandbits(bits), dice.getrandbits(max(1, bits // 2))))
    return value if dice.random() < 0.5 else -value


def expected(one: Crowd, account: int) -> tuple[int, ...]:
    """Return the six figures of an account, in integers without bounds."""
    equity = indexed = solvency = one.cash[account]
    charged = 0
    by_family: dict[int, list[tuple[Term, int, list[int], int]]] = {}
    for place, lots, entry, funding in one.accounts[account]:
        size = lots
        term = one.terms[place]
        if term.kind in TRADED:
            gone = entry + divide_up(size * (term.extra - funding), E18)
            value = size * term.delta
            equity += size * term.mark - gone
            indexed += size * term.index - gone
            solvency += size * term.index - gone
            charged += divide_up(abs(size) * term.fee, WHOLE)
        else:
            value = divide_down(entry * term.mark, term.extra)
            size = divide_down(value, WHOLE)
            equity += value
            indexed += value
            solvency += divide_down(entry * term.index, term.extra)
            charged += multiply_ppm_up(value, term.fee)
        by_family.setdefault(term.family, []).append((term, size, one.rows[place], value))
    leans = any(one.terms[place].kind == OPTION for place, *_ in one.accounts[account])
    parts = [part_of(one, family, held, is_pinned=leans) for family, held in by_family.items()]
    maintenance_ppm, recovery_ppm, offset_ppm, floor_ppm = one.scales
    risk = risk_of(parts, offset_ppm, floor_ppm)
    required = multiply_ppm_up(risk, maintenance_ppm) + charged
    recovered = required + multiply_ppm_up(risk, recovery_ppm)
    return equity, indexed, solvency, risk, required, recovered


def part_of(
    one: Crowd, family: int, held: list[tuple[Term, int, list[int], int]], *, is_pinned: bool
) -> Part:
    """Return what an account holds of a family, as the twin sums it."""
    terms = one.families[family]
    charges = Charges(terms.level, *terms[3:])
    plain = [each for each in held if each[0].kind != OPTION]
    sums = sums_of([size for _, size, *_ in plain], [row for *_, row, _ in plain], one.width)
    pins = [
        sum(size * term.pins[at] for term, size, *_ in plain)
        for at in range(len(one.pin_weights[family]))
    ]
    options = [
        Lots(size, row, term.pins, OptionLean(*term.lean, 0, 0))
        for term, size, row, _ in held
        if term.kind == OPTION
    ]
    charged = NOTHING_CHARGED
    if options:
        leaning = leaning_of(options, one.width, len(pins))
        shocked = discounted(leaning.losses_quantums, leaning, charges)
        sums = [a + b for a, b in zip(sums, shocked, strict=True)]
        shocked = discounted(leaning.pins_quantums, leaning, charges)
        pins = [a + b for a, b in zip(pins, shocked, strict=True)]
        charged = charged_of(leaning, charges)
    rung = Rung(terms.level, sum(value for *_, value in held))
    return Part(
        sums,
        one.weights[family],
        (),
        rung,
        str(terms.group),
        bool(terms.offsets),
        charged,
        Pinned(pins, one.pin_weights[family]) if is_pinned and pins else None,
    )


def says(figures: tuple[int, ...], flags: int) -> int:
    """Return whether step 5 has something to say of an account."""
    equity, indexed, solvency, _, maintenance, recovered = figures
    if solvency < 0 or bool(flags & WARNED) != (equity < recovered):
        return 1
    below = equity < maintenance and indexed < maintenance
    return int(bool(flags & WARNED) and below and not flags & FLAGGED)


def arguments(one: Crowd) -> dict[str, Any]:
    """Return a crowd as the kernel takes it."""
    starts, held = [], []
    for positions in one.accounts:
        starts.append(len(held))
        held.extend(positions)
    terms: list[int] = []
    for term in one.terms:
        extra = (term.extra, 0)
        if term.kind in TRADED:
            extra = halves_of(term.extra)
        terms.extend((term.kind, term.family, term.mark, term.index, term.fee, *extra, term.delta))
    halves = [halves_of(position[3]) for position in held]
    count = len(one.accounts)
    return {
        "terms": array("q", terms),
        "rows": array("q", [value for row in one.rows for value in row]),
        "bounds": array(
            "q",
            [
                2 + max(map(abs, (*row, *term.pins, *term.lean[1:])))
                for row, term in zip(one.rows, one.terms, strict=True)
            ],
        ),
        "new": bytearray(len(one.rows)),
        "leans": array("q", [number for term in one.terms for number in term.lean]),
        "pins": array("q", [number for term in one.terms for number in term.pins]),
        "pin_weights": array("q", [weight for row in one.pin_weights for weight in row]),
        "weights": array("q", [weight for row in one.weights for weight in row]),
        "families": array("q", [number for family in one.families for number in family]),
        "scales": array("q", one.scales),
        "starts": array("i", starts),
        "counts": array("i", map(len, one.accounts)),
        "cash": array("q", one.cash),
        "places": array("i", [position[0] for position in held]),
        "entries": array("q", [position[2] for position in held]),
        "funding_low": array("q", [low for low, _ in halves]),
        "funding_high": array("q", [high for _, high in halves]),
        "sizes": array("q", [position[1] for position in held]),
        "flags": bytearray(one.flags),
        "figures": array("q", bytes(48 * count)),
        "says": bytearray(count),
        "listed": array("i", bytes(4 * count)),
    }


def halves_of(index: int) -> tuple[int, int]:
    """Return a number of 128 bits in two halves, each with its sign."""
    low = index & (2**64 - 1)
    return low - 2**64 if low >= 2**63 else low, index >> 64


def differences(stand: Callable[..., Any], seed: int, crowds: int) -> tuple[int, int]:
    """Return how many accounts stand otherwise than the twin says, and how many were declined.

    None of moderate numbers may be declined: one that is counts as a difference.
    """
    dice = random.Random(seed)
    wrong = declined = 0
    for _ in range(crowds):
        one = crowd(dice, 20)
        given = arguments(one)
        found, _ = stand(*given.values())
        said = list(given["says"])
        for account, flags in enumerate(one.flags):
            figures = expected(one, account)
            shown = tuple(given["figures"][6 * account : 6 * account + 6])
            if said[account] == 2:
                declined += 1
                wrong += one.is_moderate
            else:
                wrong += figures != shown or said[account] != says(figures, flags)
        spoken = [account for account, one_says in enumerate(said) if one_says]
        wrong += list(given["listed"][:found]) != spoken
    return wrong, declined
