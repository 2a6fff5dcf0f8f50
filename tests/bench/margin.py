"""What margining costs: the kernel over many accounts, against the twin in Python."""

import random
import statistics
import time
from array import array
from typing import NamedTuple

from derivatives.margin.account import health_of
from derivatives.margin.kernel.level import LEVEL_NAMES, kernel
from derivatives.margin.kernel.twin import losses_of, worst_of
from tests.given_margin import Margined
from tests.given_market import USD, account_of

WHOLE = 1_000_000


class Load(NamedTuple):
    """Accounts of so many positions each, packed as the kernel takes them."""

    offsets: "array[int]"
    places: "array[int]"
    sizes: "array[int]"
    rows: "array[int]"
    bounds: "array[int]"
    weights: "array[int]"


def load(accounts: int, positions: int, instruments: int, width: int) -> Load:
    """Return the same random accounts every time."""
    dice = random.Random(1)
    rows = array("q", [dice.randrange(-(10**6), 10**6) for _ in range(instruments * width)])
    count = accounts * positions
    return Load(
        array("i", range(0, count + 1, positions)),
        array("i", [dice.randrange(instruments) for _ in range(count)]),
        array("q", [dice.randrange(-1_000, 1_000) for _ in range(count)]),
        rows,
        array("q", [10**6 + 2] * instruments),
        array("q", [WHOLE] * width),
    )


def scanned_ns(one: Load, level: int) -> float:
    """Return the median CPU nanoseconds of one account at a level."""
    assert kernel is not None
    accounts = len(one.offsets) - 1
    worst, declined = array("q", bytes(8 * accounts)), bytearray(accounts)
    kernel.use_level(level)
    spent = []
    for _ in range(9):
        start = time.thread_time()
        offsets = memoryview(one.offsets)
        packed = (offsets[:-1], offsets[1:], *one[1:])
        assert kernel.scan(*packed, worst, declined, None) == 0
        spent.append(time.thread_time() - start)
    kernel.use_level(kernel.level_max())
    return statistics.median(spent) / accounts * 1e9


def twin_ns(one: Load, accounts: int) -> float:
    """Return the CPU nanoseconds of one account in Python, over the first of them."""
    width = len(one.weights)
    rows = [one.rows[at : at + width].tolist() for at in range(0, len(one.rows), width)]
    weights = one.weights.tolist()
    start = time.thread_time()
    for index in range(accounts):
        first, last = one.offsets[index], one.offsets[index + 1]
        held = [rows[place] for place in one.places[first:last]]
        worst_of(losses_of(one.sizes[first:last], held, weights))
    return (time.thread_time() - start) / accounts * 1e9


def health_us() -> float:
    """Return the CPU microseconds of margining one account with a position, orders included."""
    market = Margined()
    for name in ("alice", "bob"):
        market.deposit(name, 100_000 * USD)
    market.trade("alice", "bob", 1_000, 128_000, taker="")
    account, count = account_of("alice"), 2_000
    start = time.thread_time()
    for _ in range(count):
        health_of(market.state, account)
    return (time.thread_time() - start) / count * 1e6


def kernel_rows() -> list[tuple[str, float, str, str]]:
    """Return name, value, unit and bar of every figure."""
    one = load(100_000, 10, 1_000, 16)
    twin = twin_ns(one, 1_000)
    found = [
        ("margin.health/positions=1", health_us(), "us an account", "about 30"),
        ("margin.scan/python", twin, "ns an account of 10 positions, 16 scenarios", ""),
    ]
    if kernel is None:
        return found
    spent = [scanned_ns(one, level) for level in range(kernel.level_max() + 1)]
    for level, ns in enumerate(spent):
        name = f"margin.scan/{LEVEL_NAMES[level]}"
        found.append((name, ns, "ns an account, 100,000 accounts", ""))
    ratio = twin / spent[-1]
    found.append(("margin.scan/ratio", ratio, "twin over widest kernel", "at least 100"))
    return found
