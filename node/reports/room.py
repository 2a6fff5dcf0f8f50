"""What authorities reported, and the section that a leader makes of it.

Nothing here waits for anybody: what is not there when a block is built is not in it.

Source: docs/specs/reports.md, REPORT-001 to REPORT-006 and REPORT-021.
"""

from chain.modules.authorities.sets import authorities_of, authority_set_of
from chain.state.view import View
from derivatives.oracle.section import SignedReport, assembled_section
from derivatives.oracle.volatility import SignedVolatility
from node.clock import Clock
from node.reports.newest import PRICES, VOLATILITIES, Newest
from node.reports.own import OwnReports
from node.state_store import StateStore


class Reports:
    """The newest genuine reports of each authority; `own` are those that this node signs."""

    def __init__(
        self, *, chain_id: bytes, state_store: StateStore, clock: Clock, own: OwnReports | None
    ) -> None:
        self.prices: Newest[SignedReport] = Newest(
            PRICES, chain_id=chain_id, state_store=state_store, clock=clock
        )
        self.volatilities: Newest[SignedVolatility] = Newest(
            VOLATILITIES, chain_id=chain_id, state_store=state_store, clock=clock
        )
        self.own = own
        self.set_prices_e8: dict[str, int] = {}
        """Prices that somebody set by hand: this node's feeder reports them instead of its own."""

    def section(self, view: View, epoch: int, time_ms: int) -> bytes:
        """Return the section of a block on this view; empty with fewer than a quorum."""
        listed = authorities_of(view, epoch)
        voters = authority_set_of(view, epoch)
        if listed is None or voters is None:
            return b""
        keys = [member.oracle_key for member in listed.members]
        if self.own is not None and self.own.public_key in keys:
            self._sign_own(self.own, view, epoch, keys.index(self.own.public_key), time_ms)
        return assembled_section(
            view,
            self.prices.of_epoch(epoch, keys),
            time_ms=time_ms,
            oracle_keys=keys,
            quorum_count=voters.quorum,
            newest_volatilities=self.volatilities.of_epoch(epoch, keys),
        )

    def _sign_own(
        self, own: OwnReports, view: View, epoch: int, authority_index: int, time_ms: int
    ) -> None:
        price = own.report(view, epoch, authority_index, time_ms, self.set_prices_e8)
        if price is not None:
            self.prices.keep_own(own.public_key, price)
        volatility = own.volatility(view, epoch, authority_index, time_ms, self.set_prices_e8)
        if volatility is not None:
            self.volatilities.keep_own(own.public_key, volatility)
