"""Reports of volatility that authorities sign, from what a reporter sees of a surface."""

from collections.abc import Mapping, Sequence

from chain.crypto.signing import SigningKey
from derivatives.oracle.volatility import (
    SignedVolatility,
    SmileQuote,
    SurfaceQuote,
    VolatilityReport,
    volatility_bytes,
    volatility_round_of,
)
from derivatives.pricing.surface.svi import Slice
from tests.given_smiles import YEAR_MS, market_slice, smile


def smile_quotes(
    expiries_ms: Sequence[int],
    now_ms: int,
    *,
    level: float = 0.6,
    skew: float = -0.2,
    spot_e8: int = 64_000 * 10**8,
    twisted: Slice | None = None,
) -> tuple[SmileQuote, ...]:
    """Return a sane quote of every date, or of the last one what is twisted."""
    slices = [smile(*market_slice((ms - now_ms) / YEAR_MS, level, skew)) for ms in expiries_ms]
    if twisted is not None:
        slices[-1] = twisted
    return tuple(
        SmileQuote(expiry_ms, spot_e8, *one)
        for expiry_ms, one in zip(expiries_ms, slices, strict=True)
    )


def signed_volatility(
    index: int,
    key: SigningKey,
    chain_id: bytes,
    observed_ms: int,
    surfaces: Mapping[str, tuple[SmileQuote, ...]],
    *,
    epoch: int = 0,
) -> SignedVolatility:
    """Return a report of volatility with its signature."""
    quotes = tuple(SurfaceQuote(name, smiles) for name, smiles in sorted(surfaces.items()))
    report = VolatilityReport(
        chain_id, epoch, volatility_round_of(observed_ms), observed_ms, quotes
    )
    return SignedVolatility(index, report, key.sign(volatility_bytes(report)))
