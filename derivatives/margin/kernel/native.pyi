from array import array

REVISION: int

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
def stand(
    terms: array[int],
    rows: array[int],
    bounds: array[int],
    new: bytearray,
    leans: array[int],
    pins: array[int],
    pin_weights: array[int],
    weights: array[int],
    families: array[int],
    scales: array[int],
    starts: array[int],
    counts: array[int],
    cash: array[int],
    places: array[int],
    entries: array[int],
    funding_low: array[int],
    funding_high: array[int],
    sizes: array[int],
    flags: bytearray,
    figures: array[int],
    says: bytearray,
    listed: array[int],
) -> tuple[int, int]: ...
def gain(
    terms: array[int],
    moved: array[int],
    before_low: array[int],
    before_high: array[int],
    starts: array[int],
    counts: array[int],
    places: array[int],
    sizes: array[int],
    funding_low: array[int],
    funding_high: array[int],
    flags: bytearray,
    figures: array[int],
    says: bytearray,
    gains: array[int],
    held: array[int],
) -> int: ...
