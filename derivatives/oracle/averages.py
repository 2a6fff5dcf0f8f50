"""Exponential averages: each step keeps exp(-dt/tau) of the old and takes the rest of the new.

The factor comes from an integer table of exp(-2^j / 2^20) in Q62, one entry a binary digit of
dt/tau, so that it is the same on every machine.

Source: docs/specs/oracle.md, ORAC-040 to ORAC-042.
"""

from chain.kit import divide_down

Q62 = 2**62
STEPS_PER_TAU = 2**20
TABLE_DIGITS = 26


def _exp_minus_q62(digit: int) -> int:
    """Return exp(-2^digit / 2^20) in Q62, by its series in Q160. Rounds: down."""
    scale = 2**160
    x = scale >> (20 - digit) if digit <= 20 else scale << (digit - 20)
    halvings = max(0, digit - 18)
    x >>= halvings
    term, total, count = scale, scale, 0
    while term:
        count += 1
        term = divide_down(term * x, scale * count)
        total += -term if count % 2 else term
    for _ in range(halvings):
        total = divide_down(total * total, scale)
    return total >> 98


EXP_MINUS_Q62: tuple[int, ...] = tuple(_exp_minus_q62(digit) for digit in range(TABLE_DIGITS))


def kept_q62(elapsed_ms: int, tau_ms: int) -> int:
    """Return exp(-elapsed/tau) in Q62: what an average keeps of its past. Rounds: down.

    >>> kept_q62(0, 300_000) == 2**62, kept_q62(300_000, 300_000) * 1_000_000 >> 62
    (True, 367879)
    """
    steps = divide_down(elapsed_ms * STEPS_PER_TAU, tau_ms)
    if steps >= 1 << TABLE_DIGITS:
        return 0
    kept = Q62
    for digit, factor in enumerate(EXP_MINUS_Q62):
        if steps >> digit & 1:
            kept = kept * factor >> 62
    return kept


def decayed(average: int, value: int, elapsed_ms: int, tau_ms: int) -> int:
    """Return the average after `value` held for `elapsed_ms`. Rounds: down.

    >>> decayed(100, 200, 0, 1_000), decayed(10**12, 2 * 10**12, 1_000, 1_000)
    (100, 1632120558828)
    """
    kept = kept_q62(elapsed_ms, tau_ms)
    return (average * kept + value * (Q62 - kept)) >> 62
