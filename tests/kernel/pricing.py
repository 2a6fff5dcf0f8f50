"""Random options for the C kernel and its twin, from one seed: usual, extreme and at every edge.

`python -m tests.kernel.pricing 1000000` compares a million of them, `... 1000000 SEED` others.
"""

import random
import sys
from array import array
from collections.abc import Callable, Mapping
from typing import NamedTuple

from derivatives.pricing.black import call_greeks, call_price
from derivatives.pricing.implied import implied_volatility_e9
from derivatives.pricing.volatility import TERM_MS_MAX, VOLATILITY_E9_MAX

TICKS_MAX = 2**63 - 1
SEARCHED = 50
"""One in so many is also searched for its volatility: that costs the twin forty prices."""

Row = tuple[int, ...]
Answering = Callable[["Columns"], list[Row]]


class Columns(NamedTuple):
    """Options as a kernel takes them, with a call's price to find the volatility of."""

    forwards: "array[int]"
    strikes: "array[int]"
    volatilities: "array[int]"
    terms: "array[int]"
    calls: "array[int]"


def _ticks(dice: random.Random) -> int:
    if dice.random() < 0.02:
        return dice.choice((1, 2, 3, TICKS_MAX, TICKS_MAX - 1, 2**62, 2**62 - 1))
    return dice.randrange(1, 2 ** dice.randrange(1, 64))


def _strike(dice: random.Random, forward: int) -> int:
    kind = dice.random()
    if kind < 0.1:
        return _ticks(dice)
    if kind < 0.2:
        return min(TICKS_MAX, max(1, forward + dice.randrange(-3, 4)))
    return min(TICKS_MAX, max(1, int(forward * 10 ** dice.uniform(-1, 1))))


def _volatility(dice: random.Random) -> int:
    if dice.random() < 0.05:
        return dice.choice((0, 1, 2, VOLATILITY_E9_MAX, VOLATILITY_E9_MAX - 1))
    return dice.choice(
        (int(10 ** dice.uniform(7, 9.7)), dice.randrange(2 ** dice.randrange(1, 37)))
    )


def _term(dice: random.Random) -> int:
    if dice.random() < 0.05:
        return dice.choice((0, 1, 2, TERM_MS_MAX, TERM_MS_MAX - 1))
    return dice.choice(
        (int(10 ** dice.uniform(3, 11.2)), dice.randrange(2 ** dice.randrange(1, 41)))
    )


def options(seed: int, count: int) -> Columns:
    """Return so many options; half of them share the term of the one before."""
    dice = random.Random(seed)
    rows = []
    term = _term(dice)
    for place in range(count):
        forward = _ticks(dice)
        strike, volatility = _strike(dice, forward), _volatility(dice)
        term = term if dice.random() < 0.5 else _term(dice)
        call = -1
        if place % SEARCHED == 0:
            near = call_price(forward, strike, volatility, term).near_ticks
            call = dice.choice((near, near + dice.randrange(-2, 3), dice.randrange(-5, TICKS_MAX)))
        rows.append((forward, strike, volatility, term, min(call, TICKS_MAX)))
    return Columns(*(array("q", column) for column in zip(*rows, strict=True)))


def by_twin(columns: Columns) -> list[Row]:
    """Return what is right: price, greeks, whether they are too large for C, volatility."""
    rows = []
    for forward, strike, volatility, term, call in zip(*columns, strict=True):
        greeks = call_greeks(forward, strike, volatility, term)
        wide = any(abs(number) > TICKS_MAX for number in greeks)
        found = implied_volatility_e9(forward, strike, call, term)
        told = (0, 0, 0, 0) if wide else greeks
        price = call_price(forward, strike, volatility, term)
        rows.append((*price, *told, int(wide), -1 if found is None else found))
    return rows


def by_module(module: object) -> Answering:
    """Return how an extension module answers."""

    def answer(columns: Columns) -> list[Row]:
        count = len(columns.forwards)
        found = [array("q", bytes(8 * count)) for _ in range(8)]
        declined = bytearray(count)
        inputs = columns[:4]
        module.prices(*inputs, *found[:3])  # type: ignore[attr-defined]
        refused = module.greeks(*inputs, *found[3:7], declined)  # type: ignore[attr-defined]
        implied = (columns.forwards, columns.strikes, columns.calls, columns.terms)
        module.implied(*implied, found[7])  # type: ignore[attr-defined]
        assert refused == sum(declined)
        return list(zip(*found[:7], declined, found[7], strict=True))

    return answer


def differences(answer: Answering, seed: int, count: int) -> int:
    """Return in how many of so many options a kernel and the twin differ."""
    return differences_of({"": answer}, seed, count)[""]


def differences_of(answers: Mapping[str, Answering], seed: int, count: int) -> dict[str, int]:
    """Return the same of several kernels: the twin, which is slow, is asked once for all."""
    wrong = dict.fromkeys(answers, 0)
    for first in range(0, count, 10_000):
        columns = options(seed + first, min(10_000, count - first))
        right = by_twin(columns)
        for name, answer in answers.items():
            found = zip(answer(columns), right, strict=True)
            wrong[name] += sum(one != expected for one, expected in found)
    return wrong


def main() -> None:
    from derivatives.pricing.kernel import native

    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    wrong = differences(by_module(native), seed, count)
    print(f"{count} options from seed {seed}: {wrong} differ")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
