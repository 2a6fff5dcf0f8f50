"""A market that is made up: the same for everybody who knows its seed, at every moment.

A price is its start, moved by waves of several lengths whose heights are digests of the seed:
nothing has to be remembered or agreed on, so feeders that never speak see one market. Each
adds a little of its own, as honest observers of a real market differ a little.

    height(k)  = digest(seed, feed, wave, k) in [-2^20, 2^20]
    wave(t)    = smooth line through its heights, one a period
    price(t)   = start x (1 + sum of waves + own noise), all in millionths
    forward(t) = price(t) of its spot, carried to its date
    volatility(t) = usual x (1 + a wave of 6 h + own noise)

Source: docs/specs/feeder.md, FEEDER-010 to FEEDER-014.
"""

import hashlib
from collections.abc import Mapping, Sequence

from derivatives.oracle.section import ROUND_MS
from derivatives.oracle.volatility import VOLATILITY_ROUND_MS
from node.agents.feeder.source import Observed
from node.reports.forward import carried_e8, spot_and_expiry
from node.reports.own import STARTING_PRICES_E8, confidence_of
from node.reports.smiles import volatility_of

ONE = 2**20
WAVES_MS_PPM = (
    (21_600_000, 50_000),
    (3_600_000, 20_000),
    (600_000, 6_000),
    (60_000, 1_500),
    (5_000, 200),
)
"""Period and greatest height of each wave: together below 8 %, and below 0.1 % a second."""

OWN_NOISE_PPM = 50
VOLATILITY_WAVE_MS = 21_600_000
VOLATILITY_WAVE_PPM = 100_000
VOLATILITY_NOISE_PPM = 2_000


class Market:
    """The made-up market of a seed, as the observer of a name sees it."""

    def __init__(self, seed: int, observer: str) -> None:
        self._seed = seed
        self._observer = observer

    def observe(self, feeds: Sequence[str], now_ms: int) -> Mapping[str, Observed]:
        """Return the prices of the feeds that this market knows."""
        return {
            feed: Observed(price_e8, confidence_of(price_e8), 1)
            for feed in feeds
            if (price_e8 := self._price_e8(feed, now_ms))
        }

    def volatility_ppm(self, underlying: str, now_ms: int) -> int | None:
        """Return the volatility a year at the forward of what this market knows."""
        if underlying not in STARTING_PRICES_E8:
            return None
        name = f"{underlying}/volatility"
        wave = self._wave(name, VOLATILITY_WAVE_MS, now_ms)
        own = self._height(f"{name}/{self._observer}", now_ms // VOLATILITY_ROUND_MS)
        moved_ppm = (VOLATILITY_WAVE_PPM * wave + VOLATILITY_NOISE_PPM * own) // ONE
        return volatility_of(underlying) * (10**6 + moved_ppm) // 10**6

    def _price_e8(self, feed: str, now_ms: int) -> int:
        dated = spot_and_expiry(feed)
        if dated is not None:
            spot, expiry_ms = dated
            return carried_e8(self._price_e8(spot, now_ms), expiry_ms - now_ms)
        start_e8 = STARTING_PRICES_E8.get(feed, 0)
        moved_ppm = sum(
            highest_ppm * self._wave(f"{feed}/{period_ms}", period_ms, now_ms) // ONE
            for period_ms, highest_ppm in WAVES_MS_PPM
        )
        own = self._height(f"{feed}/{self._observer}", now_ms // ROUND_MS)
        moved_ppm += OWN_NOISE_PPM * own // ONE
        return start_e8 * (10**6 + moved_ppm) // 10**6

    def _wave(self, name: str, period_ms: int, now_ms: int) -> int:
        number, past_ms = divmod(now_ms, period_ms)
        before, after = self._height(name, number), self._height(name, number + 1)
        share = ONE * past_ms // period_ms
        smooth = share * share * (3 * ONE - 2 * share) // ONE**2
        return before + (after - before) * smooth // ONE

    def _height(self, name: str, number: int) -> int:
        digest = hashlib.sha256(f"{self._seed}/{name}/{number}".encode()).digest()
        return int.from_bytes(digest[:8]) % (2 * ONE + 1) - ONE
