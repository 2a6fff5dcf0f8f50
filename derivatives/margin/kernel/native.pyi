from array import array

def scan(
    offsets: array[int],
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
