"""What a made-up market says of volatility: a smile for each date, free of arbitrage together.

Surface SVI with phi = 1 / (2 sqrt(theta (1 + theta))) and rho = -0.2, in whole numbers:

    theta = volatility^2 x term       a = theta (1 - rho^2) / 2      b = theta phi / 2
    m     = -rho / phi                sigma = sqrt(1 - rho^2) / phi

Source: docs/specs/reports.md, REPORT-022; J. Gatheral, A. Jacquier, theorem 4.2.
"""

from collections.abc import Sequence
from math import isqrt

from derivatives.oracle.volatility import SmileQuote
from node.reports.forward import YEAR_MS, carried_e8

VOLATILITIES_PPM = {"BTC": 550_000, "ETH": 700_000}
"""A year, at the forward; any other underlying has the last."""

OTHER_VOLATILITY_PPM = 800_000

ONE_Q56 = 1 << 56
RHO_Q56 = -ONE_Q56 // 5
HEIGHT_Q56 = isqrt(ONE_Q56 * ONE_Q56 - RHO_Q56 * RHO_Q56)


def volatility_of(underlying: str) -> int:
    """Return the usual volatility of an underlying, in ppm a year."""
    return VOLATILITIES_PPM.get(underlying, OTHER_VOLATILITY_PPM)


def made_up_smiles(
    spot_e8: int, expiries_ms: Sequence[int], now_ms: int, volatility_ppm: int
) -> tuple[SmileQuote, ...]:
    """Return a smile for every date, about the forward that the spot is carried to."""
    return tuple(
        _smile(
            expiry_ms, carried_e8(spot_e8, expiry_ms - now_ms), expiry_ms - now_ms, volatility_ppm
        )
        for expiry_ms in expiries_ms
    )


def _smile(expiry_ms: int, forward_e8: int, term_ms: int, volatility_ppm: int) -> SmileQuote:
    theta_q56 = (volatility_ppm**2 * term_ms << 56) // (10**12 * YEAR_MS)
    phi_q56 = (1 << 111) // max(1, isqrt(theta_q56 * (ONE_Q56 + theta_q56)))
    flat_q56 = HEIGHT_Q56 * HEIGHT_Q56 >> 56
    return SmileQuote(
        expiry_ms=expiry_ms,
        forward_e8=forward_e8,
        a_q56=theta_q56 * flat_q56 >> 57,
        b_q56=theta_q56 * phi_q56 >> 57,
        rho_q56=RHO_Q56,
        m_q56=(-RHO_Q56 << 56) // phi_q56,
        sigma_q56=(HEIGHT_Q56 << 56) // phi_q56,
    )
