"""Reports that a node signs itself, where it is the only authority and prices are set by hand.

Every block says again what the state holds, unless another price was set; so the price of a
chain that went back to a snapshot is that of the snapshot.

Source: docs/specs/reports.md, REPORT-010 to REPORT-013.
"""

from collections.abc import Mapping

from chain.crypto.signing import SigningKey
from chain.state.view import View
from derivatives.oracle.prices import feeds_of
from derivatives.oracle.section import (
    FeedQuote,
    Report,
    SignedReport,
    report_bytes,
    round_of,
)
from derivatives.oracle.state import FEEDS, PRICES
from derivatives.oracle.surfaces import dates_of
from derivatives.oracle.volatility import (
    SignedVolatility,
    SurfaceQuote,
    VolatilityReport,
    last_volatility_round_of,
    volatility_bytes,
    volatility_round_of,
)
from node.reports.forward import carried_e8, spot_and_expiry
from node.reports.smiles import made_up_smiles, volatility_of

UNIT_E8 = 10**8
STARTING_PRICES_E8 = {
    "BTC": 64_000 * UNIT_E8,
    "ETH": 3_200 * UNIT_E8,
    "GOLD": 4_000 * UNIT_E8,
}
"""What development chains begin with. Feeds without a line have no price until one is set."""

CONFIDENCE_PPM = 500


def confidence_of(price_e8: int) -> int:
    """Return the confidence of a price that one source says: 5 basis points, at least 1."""
    return max(1, price_e8 * CONFIDENCE_PPM // 10**6)


class OwnReports:
    """Signs what the chain's prices are, or were set to be."""

    def __init__(self, key: SigningKey, chain_id: bytes) -> None:
        self._key = key
        self._chain_id = chain_id

    @property
    def public_key(self) -> bytes:
        """The oracle key of this authority."""
        return self._key.public_key

    def report(
        self,
        view: View,
        epoch: int,
        authority_index: int,
        time_ms: int,
        set_prices_e8: Mapping[str, int],
    ) -> SignedReport | None:
        """Return the report of a block of this time, None where no feed has a price."""
        quotes = []
        for feed, terms in feeds_of(view):
            price_e8 = _said_e8(view, feed, time_ms, set_prices_e8)
            if price_e8:
                sources_count = max(1, terms.sources_min_count)
                quotes.append(FeedQuote(feed, price_e8, confidence_of(price_e8), sources_count))
        if not quotes:
            return None
        report = Report(self._chain_id, epoch, round_of(time_ms), time_ms, tuple(quotes))
        return SignedReport(authority_index, report, self._key.sign(report_bytes(report)))

    def volatility(
        self,
        view: View,
        epoch: int,
        authority_index: int,
        time_ms: int,
        set_prices_e8: Mapping[str, int],
    ) -> SignedVolatility | None:
        """Return the report of volatility of a block of this time.

        None where nothing is dated, or the chain has one of this round already.
        """
        if volatility_round_of(time_ms) <= last_volatility_round_of(view, self.public_key):
            return None
        surfaces = tuple(
            SurfaceQuote(
                underlying,
                made_up_smiles(spot_e8, expiries_ms, time_ms, volatility_of(underlying)),
            )
            for underlying, expiries_ms in dates_of(view, time_ms).items()
            if (spot_e8 := _said_e8(view, underlying, time_ms, set_prices_e8))
        )
        if not surfaces:
            return None
        report = VolatilityReport(
            self._chain_id, epoch, volatility_round_of(time_ms), time_ms, surfaces
        )
        return SignedVolatility(authority_index, report, self._key.sign(volatility_bytes(report)))


def _said_e8(view: View, feed: str, time_ms: int, set_prices_e8: Mapping[str, int]) -> int:
    """Return what is said of a feed, 0 for nothing; a forward follows its spot."""
    if feed in set_prices_e8:
        return set_prices_e8[feed]
    dated = spot_and_expiry(feed)
    if dated is not None:
        spot, expiry_ms = dated
        return carried_e8(_said_e8(view, spot, time_ms, set_prices_e8), expiry_ms - time_ms)
    price = view.get(PRICES, feed)
    return price.price_e8 if price is not None else STARTING_PRICES_E8.get(feed, 0)


def is_price_of(view: View, feed: str, price_e8: int) -> bool:
    """Return whether this is the price that the chain goes by."""
    price = view.get(PRICES, feed)
    return price is not None and price.price_e8 == price_e8 and not price.pending_count


def may_be_price_of(view: View, feed: str, price_e8: int) -> bool | None:
    """Return whether a price lies within a feed's bounds, None for a feed that is not listed."""
    terms = view.get(FEEDS, feed)
    return None if terms is None else terms.price_min_e8 < price_e8 < terms.price_max_e8
