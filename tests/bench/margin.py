"""What margining costs: the kernel over many accounts, against what else could do it.

All are given the same accounts, and ratios are taken within one run.
"""

import importlib.machinery
import importlib.util
import statistics
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from derivatives.margin import kernel as kernel_room
from derivatives.margin.account import health_under, standing_of
from derivatives.margin.kernel.level import LEVEL_NAMES, kernel
from derivatives.margin.kernel.twin import losses_of, worst_of
from derivatives.margin.rows import losses_of_lot
from derivatives.margin.state import Scenario
from tests.bench.book import book_rows
from tests.bench.leans import leaning_rows
from tests.given_margin import Margined
from tests.given_market import USD, account_of

WHOLE = 1_000_000
ROUNDS = 9
INSTRUMENTS, POSITIONS = 1_000, 10


class Load(NamedTuple):
    """Accounts of ten positions each, packed as the kernel takes them."""

    starts: Any
    ends: Any
    places: Any
    sizes: Any
    rows: Any
    bounds: Any
    weights: Any

    @property
    def accounts(self) -> int:
        """Return how many accounts there are."""
        return len(self.starts)

    @property
    def width(self) -> int:
        """Return how many scenarios, padding included."""
        return len(self.weights)


def load(accounts: int, scenarios: int) -> Load:
    """Return the same random accounts every time."""
    dice = np.random.default_rng(1)
    width, count = scenarios + -scenarios % 8, accounts * POSITIONS
    rows = np.zeros((INSTRUMENTS, width), np.int64)
    rows[:, :scenarios] = dice.integers(-(10**6), 10**6, (INSTRUMENTS, scenarios))
    offsets = np.arange(0, count + 1, POSITIONS, dtype=np.int32)
    return Load(
        offsets[:-1],
        offsets[1:],
        dice.integers(0, INSTRUMENTS, count, dtype=np.int32),
        dice.integers(-1_000, 1_000, count),
        rows,
        np.full(INSTRUMENTS, 10**6 + 2),
        np.where(np.arange(width) < scenarios, WHOLE, 0),
    )


def median_ns(what: Callable[[], object], accounts: int, rounds: int = ROUNDS) -> float:
    """Return the median CPU nanoseconds of one account."""
    spent = []
    for _ in range(rounds):
        start = time.thread_time()
        what()
        spent.append(time.thread_time() - start)
    return statistics.median(spent) / accounts * 1e9


def scanned_ns(one: Load, level: int, native: ModuleType) -> float:
    """Return what one account costs at a level."""
    worst, declined = np.zeros(one.accounts, np.int64), bytearray(one.accounts)
    native.use_level(level)
    found = median_ns(lambda: native.scan(*one, worst, declined, None), one.accounts)
    native.use_level(native.level_max())
    return found


def scipy_ns(one: Load) -> float:
    """Return the same of a sparse product of 64-bit integers, and the largest of each row."""
    offsets = np.append(one.starts, one.ends[-1:])
    shape = (one.accounts, INSTRUMENTS)
    held = sparse.csr_matrix((one.sizes, one.places, offsets), shape=shape)
    return median_ns(lambda: (held @ one.rows).max(axis=1), one.accounts, 5)


def beside_streaming_ns(one: Load, native: ModuleType) -> tuple[float, float]:
    """Return what an account costs, and what only reading and writing as many bytes does.

    By turns: what others leave of the memory's pace changes within a run.
    """
    read = [column.view(np.int64) for column in (one.starts, one.ends, one.places, one.sizes)]
    worst, declined = np.zeros(one.accounts, np.int64), bytearray(one.accounts)
    written = np.zeros(one.accounts, np.int64)

    def stream() -> None:
        for column in read:
            column.sum()
        written.fill(1)

    def scan() -> None:
        native.scan(*one, worst, declined, None)

    turns = [
        [median_ns(work, one.accounts, 1) for work in (scan, stream)] for _ in range(2 * ROUNDS)
    ]
    scanned, streamed = map(statistics.median, zip(*turns, strict=True))
    return scanned, streamed


def twin_ns(one: Load, accounts: int) -> float:
    """Return the CPU nanoseconds of one account in Python, over the first of them."""
    rows, weights = one.rows.tolist(), one.weights.tolist()
    places = one.places[: accounts * POSITIONS].tolist()
    sizes = one.sizes[: accounts * POSITIONS].tolist()
    start = time.thread_time()
    for first in range(0, accounts * POSITIONS, POSITIONS):
        held = [rows[place] for place in places[first : first + POSITIONS]]
        worst_of(losses_of(sizes[first : first + POSITIONS], held, weights))
    return (time.thread_time() - start) / accounts * 1e9


def unguarded(folder: str) -> ModuleType:
    """Return the kernel built without its guard against overflow."""
    sources = sorted(Path(kernel_room.__file__).parent.glob("*.c"))
    target = Path(folder) / "native.so"
    flags = ["-shared", "-fPIC", "-O3", "-std=gnu11", "-DSCAN_GUARDED=0"]
    include = f"-I{sysconfig.get_paths()['include']}"
    subprocess.run(["cc", *flags, include, *map(str, sources), "-o", str(target)], check=True)
    loader = importlib.machinery.ExtensionFileLoader("native", str(target))
    spec = importlib.util.spec_from_loader("native", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def health_us() -> float:
    """Return the CPU microseconds of margining one account with a position, orders included."""
    market = Margined()
    for name in ("alice", "bob"):
        market.deposit(name, 100_000 * USD)
    market.trade("alice", "bob", 1_000, 128_000, taker="")
    account, count = account_of("alice"), 2_000
    standing = standing_of(market.state, account)
    assert standing is not None
    start = time.thread_time()
    for _ in range(count):
        health_under(market.state, account, standing)  # nothing of it is remembered
    return (time.thread_time() - start) / count * 1e6


def rows_ms() -> float:
    """Return the CPU milliseconds of the rows of a thousand instruments."""
    scenarios = tuple(
        Scenario(shock_ppm, WHOLE, 0) for shock_ppm in range(-160_000, 160_001, 10_000)
    )
    assert len(scenarios) == 33
    start = time.thread_time()
    for value in range(INSTRUMENTS):
        losses_of_lot(64 * USD + value, scenarios)
    return (time.thread_time() - start) * 1e3


def kernel_rows() -> list[tuple[str, float, str, str]]:
    """Return name, value, unit and bar of every figure."""
    one = load(100_000, 16)
    twin = twin_ns(one, 1_000)
    found = [
        ("margin.health/positions=1", health_us(), "us an account", "about 30"),
        ("margin.scan/python", twin, "ns an account of 10 positions, 16 scenarios", ""),
    ]
    if kernel is None:
        return found
    spent = [scanned_ns(one, level, kernel) for level in range(kernel.level_max() + 1)]
    wide = load(100_000, 33)
    for level, ns in enumerate(spent):
        name = f"margin.scan/{LEVEL_NAMES[level]}"
        found.append((name, ns, "ns an account, 100,000 accounts", ""))
        of_wide = scanned_ns(wide, level, kernel)
        found.append((f"{name},scenarios=33", of_wide, "ns an account, 100,000 accounts", ""))
    sparse_ns, sparse_wide_ns = scipy_ns(one), scipy_ns(wide)
    with tempfile.TemporaryDirectory() as folder:
        bare = scanned_ns(one, kernel.level_max(), unguarded(folder))
    guarded = scanned_ns(one, kernel.level_max(), kernel)
    many = load(1_000_000, 16)
    whole, streamed = beside_streaming_ns(many, kernel)
    return [
        *found,
        ("margin.scan/ratio", twin / spent[-1], "twin over widest kernel", "at least 100"),
        ("margin.scan/scipy", sparse_ns, "ns an account, int64 CSR x dense, max", ""),
        ("margin.scan/scipy-ratio", sparse_ns / spent[-1], "scipy over kernel", "at least 5"),
        (
            "margin.scan/scipy-ratio,scenarios=33",
            sparse_wide_ns / of_wide,
            "scipy over kernel",
            "at least 5",
        ),
        ("margin.scan/guard", guarded / bare, "kernel over kernel unguarded", "at most 1.4"),
        ("margin.scan/accounts=1000000", whole, "ns an account", ""),
        ("margin.scan/stream-ratio", whole / streamed, "kernel over streaming", "at most 2.5"),
        ("margin.rows/instruments=1000,scenarios=33", rows_ms(), "ms, every mark new", ""),
        *leaning_rows(),
        *book_rows(),
    ]
