"""What pricing costs: the fixed-point kernel beside floats in numpy and scipy, and the twin."""

import importlib
import math
import random
import statistics
import time
from array import array
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import ndtr

from derivatives.pricing.black import call_price
from derivatives.pricing.kernel.batch import Options, call_prices
from derivatives.pricing.kernel.level import kernel
from derivatives.pricing.surface.choice import choose
from tests.given_smiles import EXPIRIES_MS, NOW_MS, honest

COUNT = 100_000
INSTRUMENTS = 1_000
DAY_MS = 86_400_000
YEAR_MS = 365 * DAY_MS


def options() -> Options:
    """Return the same calls every time, each with a term of its own."""
    dice = random.Random(1)
    rows = []
    for _ in range(COUNT):
        forward = int(10 ** dice.uniform(4, 12))
        strike = int(forward * 10 ** dice.uniform(-1, 1))
        volatility = int(10 ** dice.uniform(7, 9.7))
        rows.append((forward, strike, volatility, int(10 ** dice.uniform(4.8, 11.2))))
    return Options(*(array("q", column) for column in zip(*rows, strict=True)))


def by_floats(one: Options) -> Callable[[], object]:
    """Return the same prices in floats, their columns made floats beforehand."""
    forwards, strikes, volatilities, terms = (np.array(column, dtype=float) for column in one)
    volatilities /= 1e9
    years = terms / YEAR_MS

    def price() -> object:
        total = volatilities * np.sqrt(years)
        d1 = np.log(forwards / strikes) / total + total / 2
        return forwards * ndtr(d1) - strikes * ndtr(d1 - total)

    return price


def usual() -> Options:
    """Return calls as they are listed: one forward, dates up to ten months, none far out."""
    dice = random.Random(2)
    rows = []
    for _ in range(COUNT):
        strike, volatility = (
            int(6_400_000 * 10 ** dice.uniform(-0.15, 0.15)),
            dice.uniform(4e8, 9e8),
        )
        rows.append((6_400_000, strike, int(volatility), int(dice.uniform(1, 300) * DAY_MS)))
    return Options(*(array("q", column) for column in zip(*rows, strict=True)))


def grid() -> Options:
    """Return a thousand listed calls, each at every move of a grid of 33, of one term each."""
    listed = zip(*(column[:INSTRUMENTS] for column in usual()), strict=True)
    rows = [
        (forward * (100 + move) // 100, strike, volatility * (3 + shift) // 3, term)
        for forward, strike, volatility, term in listed
        for move in range(-15, 18, 3)
        for shift in (-1, 0, 1)
    ]
    return Options(*(array("q", column) for column in zip(*rows, strict=True)))


def quantlib_ns(one: Options) -> float:
    """Return what a call of QuantLib's formula costs, nan where it is not installed.

    It is given the root of the variance, as the kernel has it of options of one term.
    """
    try:
        quantlib: Any = importlib.import_module("QuantLib")
    except ImportError:
        return math.nan
    formula, call = quantlib.blackFormula, quantlib.Option.Call
    rows = [
        (float(strike), float(forward), volatility / 1e9 * math.sqrt(term / YEAR_MS))
        for forward, strike, volatility, term in zip(*one, strict=True)
    ]

    def price() -> None:
        for strike, forward, total in rows:
            formula(call, strike, forward, total)

    return each_ns(price, COUNT)


def each_ns(work: Callable[[], object], count: int) -> float:
    """Return the median CPU nanoseconds of one of so many options."""
    spent = []
    for _ in range(9):
        start = time.thread_time()
        work()
        spent.append(time.thread_time() - start)
    return statistics.median(spent) / count * 1e9


def surface_ms(reporters_count: int) -> float:
    """Return the median CPU milliseconds of choosing a surface of five dates."""
    dice = random.Random(1)
    reports = [honest(index, dice) for index in range(reporters_count)]
    quorum_count = reporters_count - (reporters_count - 1) // 3
    spent_ns = each_ns(lambda: choose(reports, EXPIRIES_MS, NOW_MS, quorum_count), 1)
    return spent_ns / 1e6


def pricing_rows() -> list[tuple[str, float, str, str]]:
    """Return name, value, unit and bar of every figure."""
    one = options()
    few = list(zip(*(column[:2_000] for column in one), strict=True))
    floats_ns = each_ns(by_floats(one), COUNT)
    twin_ns = each_ns(lambda: [call_price(*option) for option in few], len(few))
    found = [
        ("pricing.call/numpy", floats_ns, "ns a price, 100,000 calls", ""),
        ("pricing.call/python", twin_ns, "ns a price", ""),
        ("surface.choose/reporters=4", surface_ms(4), "ms a round of five dates", ""),
        ("surface.choose/reporters=31", surface_ms(31), "ms a round of five dates", ""),
    ]
    if kernel is None:
        return found
    kernel_ns = each_ns(lambda: call_prices(one), COUNT)
    shared = one._replace(terms=array("q", [one.terms[0]]) * COUNT)
    shared_ns = each_ns(lambda: call_prices(shared), COUNT)
    listed = usual()
    listed_ns, listed_floats_ns = (
        each_ns(lambda: call_prices(listed), COUNT),
        each_ns(by_floats(listed), COUNT),
    )
    moved = grid()
    assert len(moved.terms) == 33 * INSTRUMENTS
    grid_ms = each_ns(lambda: call_prices(moved), 1) / 1e6
    quantlib = quantlib_ns(one)
    absent = " (it is not installed)" if math.isnan(quantlib) else ""
    return [
        *found,
        ("pricing.call/c", kernel_ns, "ns a price, each of a term of its own", ""),
        ("pricing.call/c,terms=1", shared_ns, "ns a price", ""),
        ("pricing.call/c,listed", listed_ns, "ns a price, of options as they are listed", ""),
        ("pricing.call/ratio", kernel_ns / floats_ns, "c over numpy and scipy", "at most 2.5"),
        (
            "pricing.call/ratio,listed",
            listed_ns / listed_floats_ns,
            "c over numpy and scipy",
            "at most 2.5",
        ),
        ("pricing.grid/instruments=1000,scenarios=33", grid_ms, "ms, by the kernel", "at most 4"),
        ("pricing.call/quantlib", quantlib, f"ns a call of its formula{absent}", ""),
        ("pricing.call/quantlib-ratio", quantlib / kernel_ns, "QuantLib over c", ""),
        (
            "pricing.call/quantlib-ratio,terms=1",
            quantlib / shared_ns,
            "QuantLib over c, neither of which takes a root",
            "at least 3",
        ),
    ]
