"""Keep the newest genuine report of each authority, and make the leader's section of them.

Nothing here waits for anybody: what is not there when a block is built is not in it.

Source: docs/specs/reports.md, REPORT-001 to REPORT-006.
"""

from collections.abc import Callable
from dataclasses import dataclass

from chain.codec.canonical import decode, encode
from chain.codec.record import MalformedRecord
from chain.crypto.verification import is_genuine
from chain.modules.authorities.sets import authorities_of, authority_set_of
from chain.state.view import View
from derivatives.oracle.section import (
    REPORT_BYTES_MAX,
    SignedReport,
    assembled_section,
    report_bytes,
    report_fault,
)
from node.clock import Clock
from node.reports.fault import ReportFault
from node.reports.own import OwnReports
from node.state_store import StateStore

KEPT_WITHIN_MS = 5_000
"""Farther from this node's clock a report can be in no block soon."""


@dataclass(frozen=True)
class Taken:
    """Whose report was kept, and of which half second it is."""

    authority: str
    authority_index: int
    round: int


class Reports:
    """The newest genuine report of each authority; `own` are those that this node signs."""

    def __init__(
        self, *, chain_id: bytes, state_store: StateStore, clock: Clock, own: OwnReports | None
    ) -> None:
        self._chain_id = chain_id
        self._state_store = state_store
        self._clock = clock
        self._newest: dict[bytes, SignedReport] = {}
        """Oracle key -> report."""
        self._listeners: list[Callable[[bytes], None]] = []
        self.own = own
        self.set_prices_e8: dict[str, int] = {}
        """Prices that somebody set by hand: this node's feeder reports them instead of its own."""

    def tell(self, listener: Callable[[bytes], None]) -> None:
        """Have a listener hear the bytes of each report that was submitted here and kept."""
        self._listeners.append(listener)

    def submit(self, data: bytes) -> Taken:
        """Keep a report that was brought to this node, and let the others know.

        Refuses: as `take` does.
        """
        taken = self.take(data)
        for listener in self._listeners:
            listener(data)
        return taken

    def take(self, data: bytes) -> Taken:
        """Keep a report if it is genuine and newer than what is kept of its authority.

        Refuses: ReportFault.
        """
        signed = _parsed(data)
        report = signed.report
        listed = authorities_of(self._state_store.tables, report.epoch)
        wrong = report_fault(report, self._chain_id, report.epoch)
        if listed is None or wrong or signed.authority_index >= len(listed.members):
            raise ReportFault(
                "report_elsewhere",
                f"The report is not of this chain's authorities now: {wrong or 'unknown epoch'}.",
                hint="Ask oracle_getFeeds for chain, epoch and place before each report.",
                epoch=report.epoch,
            )
        member = listed.members[signed.authority_index]
        kept = self._newest.get(member.oracle_key)
        if kept is not None and report.round <= kept.report.round:
            raise ReportFault(
                "report_old",
                f"A report of round {kept.report.round} of {member.name} is here already.",
                round=report.round,
            )
        off_ms = report.observed_ms - self._clock.wall_ms()
        if abs(off_ms) > KEPT_WITHIN_MS:
            raise ReportFault(
                "report_untimely",
                f"The report was observed {off_ms} ms from this node's clock.",
                hint="Compare the clocks of both machines.",
                off_ms=off_ms,
            )
        if not is_genuine(member.oracle_key, report_bytes(report), signed.signature):
            raise ReportFault(
                "report_forged", f"The signature is not that of {member.name}'s oracle key."
            )
        self._newest[member.oracle_key] = signed
        return Taken(member.name, signed.authority_index, report.round)

    def newest_round(self, oracle_key: bytes) -> int | None:
        """Return the round of the report that is kept of an authority, None without one."""
        signed = self._newest.get(oracle_key)
        return None if signed is None else signed.report.round

    def section(self, view: View, epoch: int, time_ms: int) -> bytes:
        """Return the section of a block on this view; empty with fewer than a quorum."""
        listed = authorities_of(view, epoch)
        voters = authority_set_of(view, epoch)
        if listed is None or voters is None:
            return b""
        keys = [member.oracle_key for member in listed.members]
        if self.own is not None and self.own.public_key in keys:
            index = keys.index(self.own.public_key)
            own = self.own.report(view, epoch, index, time_ms, self.set_prices_e8)
            if own is not None:
                self._newest[self.own.public_key] = own
        newest = {
            index: signed
            for index, key in enumerate(keys)
            if (signed := self._newest.get(key)) is not None
            and signed.report.epoch == epoch
            and signed.authority_index == index
        }
        return assembled_section(
            view, newest, time_ms=time_ms, oracle_keys=keys, quorum_count=voters.quorum
        )


def signed_report_bytes(signed: SignedReport) -> bytes:
    """Return a signed report as it travels."""
    return encode(signed)


def _parsed(data: bytes) -> SignedReport:
    try:
        return decode(SignedReport, data, REPORT_BYTES_MAX)
    except MalformedRecord as fault:
        raise ReportFault(
            "report_malformed",
            f"These bytes are no signed report: {fault}.",
            hint="Its form is in docs/specs/oracle.md.",
        ) from fault
