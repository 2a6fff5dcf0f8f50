"""Look, sign, hand over: prices each half second, volatility each five, to a node that may be away.

Source: docs/specs/feeder.md, FEEDER-040 to FEEDER-047.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from chain.codec.canonical import encode
from chain.crypto.signing import SigningKey
from derivatives.oracle.section import FeedQuote, Report, SignedReport, report_bytes, round_of
from derivatives.oracle.volatility import (
    SignedVolatility,
    SurfaceQuote,
    VolatilityReport,
    volatility_bytes,
    volatility_round_of,
)
from node.agents.feeder.source import Observed, Source
from node.client.failures import Failure
from node.client.transport import Client
from node.clock import Clock
from node.reports.forward import carried_e8, spot_and_expiry
from node.reports.own import confidence_of
from node.reports.smiles import made_up_smiles
from node.telemetry.logs import log_of


class Moment(NamedTuple):
    """What is known at one moment: of the chain, of our place in it, and of the market."""

    chain_id: bytes
    epoch: int
    authority_index: int
    now_ms: int
    prices: dict[str, Observed]
    dates_ms: dict[str, tuple[int, ...]]
    """Underlying -> when its dated instruments end."""


class Reporting:
    """One feeder at work."""

    def __init__(self, key: SigningKey, client: Client, source: Source, clock: Clock) -> None:
        self._key = key
        self._client = client
        self._source = source
        self._clock = clock
        self._place: tuple[int, int] | None = None
        """Epoch, and our index in its authorities."""
        self._volatility_round = -1
        self._said = ""
        self._log = log_of("feeder")

    def once(self) -> bool:
        """Report what is seen now, and return whether the node kept it.

        Whatever keeps it from that is logged when it changes, and the next turn tries again.
        """
        try:
            moment = self._look()
            if moment is None:
                return self._tell("nothing to report")
            self._submit("oracle_submitReport", self._price_report(moment))
            volatility = self._volatility_report(moment)
            if volatility is not None:
                self._submit("oracle_submitVolatility", volatility)
                self._volatility_round = volatility.report.round
        except Failure as failure:
            # The set of authorities may be another one when the node is back.
            self._place = None
            return self._tell(failure.message)
        self._tell("")
        return True

    def _submit(self, method: str, signed: SignedReport | SignedVolatility) -> None:
        self._client.call(method, report=f"0x{encode(signed).hex()}")

    def _look(self) -> Moment | None:
        """Return what is known now, None where nothing is or nobody asks us."""
        told = self._client.call("oracle_getFeeds")
        epoch = int(told["epoch"])
        index = self._index(epoch)
        if index is None:
            return None
        now_ms = self._clock.wall_ms()
        seen = dict(self._source.observe([feed["feed"] for feed in told["items"]], now_ms))
        seen |= _set_by_hand(told["items"], now_ms)
        if not seen:
            return None
        return Moment(
            bytes.fromhex(told["chain_id"].removeprefix("0x")),
            epoch,
            index,
            now_ms,
            seen,
            {feed["feed"]: tuple(feed["dates_ms"]) for feed in told["items"] if feed["dates_ms"]},
        )

    def _price_report(self, moment: Moment) -> SignedReport:
        quotes = tuple(
            FeedQuote(feed, one.price_e8, one.confidence_e8, one.sources_count)
            for feed, one in sorted(moment.prices.items())
        )
        chain_id, epoch, index, now_ms, *_ = moment
        report = Report(chain_id, epoch, round_of(now_ms), now_ms, quotes)
        return SignedReport(index, report, self._key.sign(report_bytes(report)))

    def _volatility_report(self, moment: Moment) -> SignedVolatility | None:
        """Return what is known of volatility, None where nothing is or it was said this round."""
        chain_id, epoch, index, now_ms, prices, dates_ms = moment
        number = volatility_round_of(now_ms)
        if number <= self._volatility_round:
            return None
        surfaces = tuple(
            SurfaceQuote(
                underlying,
                made_up_smiles(prices[underlying].price_e8, expiries_ms, now_ms, volatility_ppm),
            )
            for underlying, expiries_ms in sorted(dates_ms.items())
            if underlying in prices
            and (volatility_ppm := self._source.volatility_ppm(underlying, now_ms))
        )
        if not surfaces:
            return None
        report = VolatilityReport(chain_id, epoch, number, now_ms, surfaces)
        return SignedVolatility(index, report, self._key.sign(volatility_bytes(report)))

    def _index(self, epoch: int) -> int | None:
        if self._place is not None and self._place[0] == epoch:
            return self._place[1]
        own = f"0x{self._key.public_key.hex()}"
        for reporter in self._client.call("oracle_getReporters")["items"]:
            if reporter["oracle_key"] == own:
                self._place = (epoch, reporter["authority_index"])
                return self._place[1]
        self._place = None
        return None

    def _tell(self, why: str) -> bool:
        if why != self._said:
            self._said = why
            if why:
                self._log.warning("not reported", why=why)
            else:
                self._log.info("reporting")
        return False


def _set_by_hand(feeds: Sequence[dict[str, Any]], now_ms: int) -> dict[str, Observed]:
    """Return what the node was told by hand; a forward follows a spot that was set."""
    chosen_e8 = {feed["feed"]: int(feed["set_price_e8"]) for feed in feeds if feed["set_price_e8"]}
    for feed in feeds:
        dated = spot_and_expiry(feed["feed"])
        if dated is not None and dated[0] in chosen_e8 and feed["feed"] not in chosen_e8:
            chosen_e8[feed["feed"]] = carried_e8(chosen_e8[dated[0]], dated[1] - now_ms)
    return {
        feed["feed"]: Observed(price_e8, confidence_of(price_e8), max(1, feed["sources_min_count"]))
        for feed in feeds
        if (price_e8 := chosen_e8.get(feed["feed"]))
    }
