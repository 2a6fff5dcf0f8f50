"""Whether two books ever need more together than apart: random pairs, concentration aside.

`python -m tests.studies.subadditive 10000` takes so many pairs of bitcoin alone, and as many
with ether beside it, whose families offset.  A pair of rounded sums may differ by a quantum a
rounding, so up to ROUNDED are no violation.
"""

import random
import sys
from typing import NamedTuple

from tests.given_portfolio import Book, book_of, both, risk

ROUNDED = 24


class Violation(NamedTuple):
    """Two books that need more together, and by how much."""

    one: Book
    two: Book
    more_quantums: int
    needed_quantums: int


def pair(dice: random.Random, of: str) -> tuple[Book, Book]:
    """Return two random books; every third second one is nearly the first, sold."""
    one = book_of(dice, dice.randrange(1, 8), of=of)
    two = book_of(dice, dice.randrange(1, 8), of=of)
    if dice.random() < 0.33:
        sold = {name: -lots + dice.randrange(-200, 201) for name, lots in one.items()}
        two = {name: lots for name, lots in sold.items() if name != "collateral"}
    return one, two


def violations(count: int, seed: int, of: str = "") -> list[Violation]:
    """Return the pairs of so many that need more together than apart."""
    dice = random.Random(seed)
    found = []
    for _ in range(count):
        one, two = pair(dice, of)
        apart = risk(one) + risk(two)
        more = risk(both(one, two)) - apart
        if more > ROUNDED:
            found.append(Violation(one, two, more, apart))
    return found


def main() -> None:
    """Print how many pairs violate, and the worst."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    for of, what in (("BTC", "bitcoin, three dates"), ("", "bitcoin and ether")):
        found = violations(count, seed=1, of=of)
        worst = max((one.more_quantums / one.needed_quantums for one in found), default=0.0)
        print(f"{what}: {len(found)} of {count} pairs, the worst by {worst:.6%}")
        for one in found[:3]:
            print(f"    {one}")


if __name__ == "__main__":
    main()
