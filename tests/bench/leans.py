"""What options cost in the pass of step 5: the same accounts without any, with two, and with pins.

Everybody is looked at in every pass.  Ratios are taken within one run.
"""

import statistics
import time
from typing import Any

import numpy as np

from derivatives.margin.kernel.level import kernel

WHOLE = 1_000_000
ACCOUNTS, POSITIONS, PLACES, WIDTH, SCENARIOS = 100_000, 10, 200, 40, 37
ROUNDS = 5
STALE_AND_LIVE, WITH_OPTIONS = 1 | 16, 32


def arguments(options: int, pins: int) -> list[Any]:
    """Return accounts with so many options among their ten positions, as the kernel takes them.

    The last places are options, so an account's options are its last positions.
    """
    dice = np.random.default_rng(1)
    linear = PLACES // 2
    terms = np.zeros((PLACES, 8), np.int64)
    terms[:, 0] = np.where(np.arange(PLACES) < linear, 0, 3)
    terms[:, 2:5] = (64_000_000, 64_000_000, 300 * 64_000_000)
    terms[:, 7] = 64_000_000
    rows = np.zeros((PLACES, WIDTH), np.int64)
    rows[:, :SCENARIOS] = dice.integers(-(10**7), 10**7, (PLACES, SCENARIOS))
    leans = dice.integers(1, 10**7, (PLACES, 6))
    leans[:, 0] = np.arange(PLACES) // 2
    leans[:linear] = 0
    pinned = dice.integers(-(10**7), 10**7, (PLACES, pins))
    weights = np.where(np.arange(WIDTH) < 29, WHOLE, 240_000) * (np.arange(WIDTH) < SCENARIOS)
    family = np.array((0, 0, 0, 500_000, 100_000, 3_000, 30_000, 20_000), np.int64)
    held = np.sort(
        np.where(
            np.arange(POSITIONS) < POSITIONS - options,
            dice.integers(0, linear, (ACCOUNTS, POSITIONS)),
            dice.integers(linear, PLACES, (ACCOUNTS, POSITIONS)),
        )
    )
    count = ACCOUNTS * POSITIONS
    flags = STALE_AND_LIVE | (WITH_OPTIONS if options else 0)
    return [
        terms,
        rows,
        np.full(PLACES, 10**7 + 2),
        np.zeros(PLACES, np.uint8),
        leans,
        pinned,
        np.full(pins, WHOLE),
        weights.astype(np.int64),
        family,
        np.array((800_000, 150_000, 0, WHOLE)),
        np.arange(0, count, POSITIONS, dtype=np.int32),
        np.full(ACCOUNTS, POSITIONS, np.int32),
        np.full(ACCOUNTS, 10**12),
        held.astype(np.int32).ravel(),
        np.zeros(count, np.int64),
        np.zeros(count, np.int64),
        np.zeros(count, np.int64),
        dice.integers(-1_000, 1_000, count),
        bytearray([flags]) * ACCOUNTS,
        np.zeros(6 * ACCOUNTS, np.int64),
        bytearray(ACCOUNTS),
        np.zeros(ACCOUNTS, np.int32),
    ]


def stand_ms(options: int, pins: int) -> float:
    """Return the median CPU milliseconds of a pass over all accounts."""
    assert kernel is not None
    given = arguments(options, pins)
    fresh, spent = bytes(given[18]), []
    for _ in range(ROUNDS):
        given[18][:] = fresh
        start = time.thread_time()
        _, looked = kernel.stand(*given)
        spent.append(time.thread_time() - start)
        assert looked == ACCOUNTS
    return statistics.median(spent) * 1e3


def leaning_rows() -> list[tuple[str, float, str, str]]:
    """Return name, value, unit and bar of every figure."""
    if kernel is None:
        return []
    unit = f"ms, 100,000 accounts of 10 positions, {SCENARIOS} scenarios"
    linear, bare, pinned = stand_ms(0, 0), stand_ms(2, 0), stand_ms(2, 64)
    beside = stand_ms(0, 64)
    return [
        ("margin.stand/linear", linear, unit, ""),
        ("margin.stand/linear-beside-pins", beside / linear, "over linear", "at most 1.1"),
        ("margin.stand/options=2", bare, unit, ""),
        ("margin.stand/options=2,pins=64", pinned, unit, "at most 250"),
    ]
