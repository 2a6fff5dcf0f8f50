"""Keep the newest genuine report of each authority, of prices or of volatility.

Source: docs/specs/reports.md, REPORT-001, REPORT-002 and REPORT-021.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from chain.codec.canonical import decode
from chain.codec.record import MalformedRecord
from chain.crypto.verification import is_genuine
from chain.modules.authorities.sets import authorities_of
from derivatives.oracle.section import (
    REPORT_BYTES_MAX,
    SignedReport,
    report_bytes,
    report_fault,
)
from derivatives.oracle.volatility import SignedVolatility, volatility_bytes, volatility_fault
from node.clock import Clock
from node.reports.fault import ReportFault
from node.state_store import StateStore

KEPT_WITHIN_MS = 5_000
"""Farther from this node's clock a report can be in no block soon."""


S = TypeVar("S", SignedReport, SignedVolatility)


@dataclass(frozen=True)
class Form(Generic[S]):
    """A kind of report: its record, what its key signs, and what is wrong with one."""

    record: type[S]
    signed_bytes: Callable[[Any], bytes]
    fault: Callable[[Any, bytes, int], str | None]


PRICES: Form[SignedReport] = Form(SignedReport, report_bytes, report_fault)
VOLATILITIES: Form[SignedVolatility] = Form(SignedVolatility, volatility_bytes, volatility_fault)


@dataclass(frozen=True)
class Taken:
    """Whose report was kept, and of which round it is."""

    authority: str
    authority_index: int
    round: int


class Newest(Generic[S]):
    """The newest genuine report of each authority, of one form."""

    def __init__(
        self, form: Form[S], *, chain_id: bytes, state_store: StateStore, clock: Clock
    ) -> None:
        self._form: Form[S] = form
        self._chain_id = chain_id
        self._state_store = state_store
        self._clock = clock
        self._kept: dict[bytes, S] = {}
        """Oracle key -> report."""
        self._listeners: list[Callable[[bytes], None]] = []

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
        signed = self._parsed(data)
        report = signed.report
        listed = authorities_of(self._state_store.tables, report.epoch)
        wrong = self._form.fault(report, self._chain_id, report.epoch)
        if listed is None or wrong or signed.authority_index >= len(listed.members):
            raise ReportFault(
                "report_elsewhere",
                f"The report is not of this chain's authorities now: {wrong or 'unknown epoch'}.",
                hint="Ask oracle_getFeeds for chain, epoch and place before each report.",
                epoch=report.epoch,
            )
        member = listed.members[signed.authority_index]
        kept = self._kept.get(member.oracle_key)
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
        if not is_genuine(member.oracle_key, self._form.signed_bytes(report), signed.signature):
            raise ReportFault(
                "report_forged", f"The signature is not that of {member.name}'s oracle key."
            )
        self._kept[member.oracle_key] = signed
        return Taken(member.name, signed.authority_index, report.round)

    def keep_own(self, oracle_key: bytes, signed: S) -> None:
        """Keep a report that this node has just signed itself."""
        self._kept[oracle_key] = signed

    def newest_round(self, oracle_key: bytes) -> int | None:
        """Return the round of the report that is kept of an authority, None without one."""
        signed = self._kept.get(oracle_key)
        return None if signed is None else signed.report.round

    def of_epoch(self, epoch: int, oracle_keys: Sequence[bytes]) -> dict[int, S]:
        """Return what is kept of an epoch's authorities, by their place in it."""
        return {
            index: signed
            for index, key in enumerate(oracle_keys)
            if (signed := self._kept.get(key)) is not None
            and signed.report.epoch == epoch
            and signed.authority_index == index
        }

    def _parsed(self, data: bytes) -> S:
        try:
            signed: S = decode(self._form.record, data, REPORT_BYTES_MAX)
        except MalformedRecord as fault:
            raise ReportFault(
                "report_malformed",
                f"These bytes are no signed report: {fault}.",
                hint="Its form is in docs/specs/oracle.md.",
            ) from fault
        return signed
