"""Smiles in a line: slices from decimals, surfaces that reporters might see, and how they lie."""

import math
import random
from collections.abc import Sequence

from derivatives.pricing.surface.admission import Quote, SurfaceReport
from derivatives.pricing.surface.svi import ONE_Q56, Slice, scaled

DAY_MS = 86_400_000
YEAR_MS = 365 * DAY_MS
NOW_MS = 1_800_000_000_000
TERMS_MS = (3_600_000, DAY_MS, 7 * DAY_MS, 30 * DAY_MS, 180 * DAY_MS)
EXPIRIES_MS = tuple(NOW_MS + term_ms for term_ms in TERMS_MS)
FORWARD_E8 = 64_000 * 10**8

Decimals = tuple[float, float, float, float, float]
"""a, b, rho, m, sigma."""

VOGT: Decimals = (-0.0410, 0.1331, 0.3060, 0.3586, 0.4153)


def smile(*parameters: float) -> Slice:
    return Slice(*(int(number * ONE_Q56) for number in parameters))


def variance(one: Decimals, k: float) -> float:
    a, b, rho, m, sigma = one
    return a + b * (rho * (k - m) + math.hypot(k - m, sigma))


def durrleman(one: Decimals, k: float) -> float:
    _, b, rho, m, sigma = one
    root = math.hypot(k - m, sigma)
    w, slope = variance(one, k), b * (rho + (k - m) / root)
    curvature = b * sigma * sigma / root**3
    return (1 - k * slope / (2 * w)) ** 2 - slope**2 / 4 * (1 / w + 0.25) + curvature / 2


def decimals(one: Slice) -> Decimals:
    a, b, rho, m, sigma = (number / ONE_Q56 for number in one)
    return a, b, rho, m, sigma


def places(one: Decimals) -> list[float]:
    """Return log-moneyness where a slice may bend: about its middle, and about the forward."""
    _, _, _, m, sigma = one
    scale = math.sqrt(variance(one, 0))
    about = [m + sigma * math.sinh(step / 20) for step in range(-320, 321)]
    return about + [scale * step / 40 for step in range(-400, 401)]


def any_slice(dice: random.Random) -> Decimals:
    """Return a slice of any term from a minute to five years, sane or not."""
    volatility, years = 10 ** dice.uniform(-1, 0.5), 10 ** dice.uniform(-5.7, 0.7)
    scale = volatility * math.sqrt(years)
    sigma = scale * 10 ** dice.uniform(-1.5, 1)
    b = min(1.8, scale * 10 ** dice.uniform(-1.5, 0.5))
    rho, m = dice.uniform(-0.95, 0.95), dice.uniform(-1, 1) * scale
    return (scale * scale - b * (math.hypot(m, sigma) - rho * m), b, rho, m, sigma)


def market_slice(years: float, level: float, skew: float) -> Decimals:
    """Return a surface-SVI slice of this at-the-money volatility: free of arbitrage together."""
    theta = level * level * years
    phi = 0.5 / math.sqrt(theta * (1 + theta))
    return (
        theta / 2 * (1 - skew * skew),
        theta * phi / 2,
        skew,
        -skew / phi,
        math.sqrt(1 - skew * skew) / phi,
    )


def report(
    index: int, *, level: float = 0.6, skew: float = -0.2, basis: float = 1.0, late_ms: int = 0
) -> SurfaceReport:
    """Return what a reporter sees: its volatility, skew, basis and clock."""
    quotes = []
    for expiry_ms in EXPIRIES_MS:
        years = (expiry_ms - NOW_MS - late_ms) / YEAR_MS
        carry = 1 + 0.05 * years
        quotes.append(
            Quote(int(FORWARD_E8 * basis * carry), smile(*market_slice(years, level, skew)))
        )
    return SurfaceReport(index, NOW_MS + late_ms, tuple(quotes))


def lifted(told: SurfaceReport, numerator: int, denominator: int) -> SurfaceReport:
    """Return the report with a fraction of its variance everywhere."""
    quotes = (q._replace(one=scaled(q.one, numerator, denominator)) for q in told.quotes)
    return told._replace(quotes=tuple(quotes))


def honest(index: int, dice: random.Random) -> SurfaceReport:
    return report(
        index,
        level=0.6 * dice.uniform(0.98, 1.02),
        skew=-0.2 + dice.uniform(-0.03, 0.03),
        basis=dice.uniform(0.9995, 1.0005),
        late_ms=dice.randrange(-1_500, 1_500),
    )


def _with(told: SurfaceReport, place: int, one: Slice) -> SurfaceReport:
    quotes: Sequence[Quote] = told.quotes
    changed = [q._replace(one=one) if p == place else q for p, q in enumerate(quotes)]
    return told._replace(quotes=tuple(changed))


def liar(index: int, dice: random.Random) -> SurfaceReport:
    """Return a lie: loud, absurd, malformed, or one that only just passes."""
    kind = dice.randrange(8)
    place = dice.randrange(len(EXPIRIES_MS))
    told = honest(index, dice)
    if kind == 0:
        return report(index, level=dice.choice((0.05, 0.3, 1.2, 5.0)))
    if kind == 1:
        return report(index, skew=dice.uniform(-0.7, 0.7), basis=dice.choice((0.5, 1, 3)))
    if kind == 2:
        return _with(told, place, smile(*VOGT))
    if kind == 3:
        return _with(told, place, smile(*any_slice(dice)))
    if kind == 4:
        return told._replace(quotes=told.quotes[1:])
    if kind == 5:
        return told._replace(quotes=told.quotes[::-1])
    if kind == 6:
        return _with(told, place, Slice(*(dice.randrange(-(2**63), 2**63) for _ in range(5))))
    a, b, rho, m, sigma = told.quotes[place].one
    bent = Slice(a, b * dice.randrange(1, 4), rho, m, sigma * dice.randrange(1, 4))
    return _with(told, place, bent)
