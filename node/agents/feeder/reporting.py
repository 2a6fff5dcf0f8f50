"""Look, sign, hand over: one report each half second, to a node that may be away.

Source: docs/specs/feeder.md, FEEDER-040 to FEEDER-045.
"""

from collections.abc import Sequence
from typing import Any

from chain.codec.canonical import encode
from chain.crypto.signing import SigningKey
from derivatives.oracle.section import FeedQuote, Report, SignedReport, report_bytes, round_of
from node.agents.feeder.source import Observed, Source
from node.client.failures import Failure
from node.client.transport import Client
from node.clock import Clock
from node.reports.forward import carried_e8, spot_and_expiry
from node.reports.own import confidence_of
from node.telemetry.logs import log_of


class Reporting:
    """One feeder at work."""

    def __init__(self, key: SigningKey, client: Client, source: Source, clock: Clock) -> None:
        self._key = key
        self._client = client
        self._source = source
        self._clock = clock
        self._place: tuple[int, int] | None = None
        """Epoch, and our index in its authorities."""
        self._said = ""
        self._log = log_of("feeder")

    def once(self) -> bool:
        """Report what is seen now, and return whether the node kept it.

        Whatever keeps it from that is logged when it changes, and the next turn tries again.
        """
        try:
            signed = self._seen()
            if signed is None:
                return self._tell("nothing to report")
            self._client.call("oracle_submitReport", report=f"0x{encode(signed).hex()}")
        except Failure as failure:
            # The set of authorities may be another one when the node is back.
            self._place = None
            return self._tell(failure.message)
        self._tell("")
        return True

    def _seen(self) -> SignedReport | None:
        """Return the report of this moment, None where nothing is known or nobody asks us."""
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
        quotes = tuple(
            FeedQuote(feed, one.price_e8, one.confidence_e8, one.sources_count)
            for feed, one in sorted(seen.items())
        )
        chain_id = bytes.fromhex(told["chain_id"].removeprefix("0x"))
        report = Report(chain_id, epoch, round_of(now_ms), now_ms, quotes)
        return SignedReport(index, report, self._key.sign(report_bytes(report)))

    def _index(self, epoch: int) -> int | None:
        if self._place is not None and self._place[0] == epoch:
            return self._place[1]
        own = f"0x{self._key.public_key.hex()}"
        for reporter in self._client.call("oracle_getReporters"):
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
