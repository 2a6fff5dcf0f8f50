from array import array

def prices(
    forwards: array[int],
    strikes: array[int],
    volatilities: array[int],
    terms: array[int],
    low: array[int],
    near: array[int],
    high: array[int],
) -> None: ...
def greeks(
    forwards: array[int],
    strikes: array[int],
    volatilities: array[int],
    terms: array[int],
    delta: array[int],
    gamma: array[int],
    vega: array[int],
    theta: array[int],
    declined: bytearray,
) -> int: ...
def implied(
    forwards: array[int],
    strikes: array[int],
    prices: array[int],
    terms: array[int],
    volatilities: array[int],
) -> None: ...
