from array import array

def scan(
    starts: array[int] | memoryview,
    ends: array[int] | memoryview,
    instruments: array[int],
    sizes: array[int],
    rows: array[int],
    bounds: array[int],
    weights: array[int],
    worst: array[int],
    declined: bytearray,
    losses: array[int] | None,
) -> int: ...
def use_level(level: int) -> None: ...
def level_max() -> int: ...
def value(
    starts: array[int],
    ends: array[int],
    accounts: array[int],
    places: array[int],
    entries: array[int],
    funding_low: array[int],
    funding_high: array[int],
    terms: array[int],
    sizes: array[int],
    nets: array[int],
    equity: array[int],
    index_equity: array[int],
    solvency: array[int],
    charged: array[int],
    declined: bytearray,
) -> None: ...
def charge(
    accounts: array[int],
    nets: array[int],
    worst: array[int],
    group_declined: bytearray,
    basis_ppm: array[int],
    risk: array[int],
    declined: bytearray,
) -> None: ...
def judge(
    equity: array[int],
    index_equity: array[int],
    solvency: array[int],
    risk: array[int],
    markets: array[int],
    terms: array[int],
    flags: bytearray,
    charged: array[int],
    recovered: array[int],
    declined: bytearray,
    changed: array[int],
) -> int: ...
