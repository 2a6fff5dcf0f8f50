"""A call and a put in a line: listed on a future's date, valued by a flat smile."""

from chain.kit import replace
from derivatives.instruments.state import (
    EXPIRIES,
    INSTRUMENTS,
    KIND_CALL,
    KIND_PUT,
    STRIKES,
    TRADING,
    TRADING_OPEN,
    Strike,
    Trading,
)
from derivatives.oracle.ladder import FeedState
from derivatives.oracle.state import (
    SURFACE_STANDINGS,
    SURFACES,
    Smile,
    SurfaceStanding,
    VolatilitySurface,
)
from derivatives.pricing.surface.svi import ONE_Q56
from derivatives.pricing.tables import YEAR_MS
from tests.given_dated import FUTURE, Dated
from tests.given_market import UNIT_E8

CALL = "BTC-26MAR27-64000-C"
PUT = "BTC-26MAR27-64000-P"
STRIKE_TICKS = 128_000


class Optioned(Dated):
    """A market with an hour to the end of a future, a call and a put at 64,000, at 60 % a year."""

    def __init__(self) -> None:
        super().__init__()
        future = self.state.get(INSTRUMENTS, FUTURE)
        assert future is not None
        for name, kind in ((CALL, KIND_CALL), (PUT, KIND_PUT)):
            terms = replace(future, kind=kind, band_ppm=10_000, limit_distance_ppm=100_000)
            self.state.put(INSTRUMENTS, name, terms)
            self.state.put(EXPIRIES, name, self.expiry)
            self.state.put(STRIKES, name, Strike(STRIKE_TICKS))
            self.state.put(TRADING, name, Trading(TRADING_OPEN, 0, 0))
        self.volatility()
        self.block(0)

    def volatility(self, percent: int = 60) -> None:
        """Let the surface be flat at so much a year."""
        term_ms = self.expiry.expiry_ms - self.time_ms
        variance_q56 = ONE_Q56 * percent**2 * term_ms // (10**4 * YEAR_MS)
        flat = Smile(self.expiry.expiry_ms, 64_000 * UNIT_E8, variance_q56, 0, 0, 0, ONE_Q56, 0)
        self.state.put(SURFACES, "BTC", VolatilitySurface(self.time_ms, 0, 0, 4, (flat,)))
        standing = SurfaceStanding(FeedState.NORMAL, self.time_ms, 0, False)
        self.state.put(SURFACE_STANDINGS, "BTC", standing)
