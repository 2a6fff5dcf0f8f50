"""The oracle section of a block: signed reports, as bytes and as a judgement.

A section holds reports in the order of the authorities, distinct, at least a quorum of
them, each near the block's time and each of a later round than that authority's last.
Anything else makes the block invalid; an empty section is always legitimate.

    round = floor(observed_ms / 500)

Source: docs/specs/oracle.md, ORAC-001 to ORAC-009.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Annotated

from chain.kit import (
    Hash,
    InvalidBlock,
    MalformedRecord,
    Meta,
    Signature,
    View,
    decode,
    divide_down,
    encode,
    is_genuine,
    record,
)
from derivatives.oracle.state import REPORTERS
from derivatives.oracle.volatility import (
    SignedVolatility,
    require_volatilities,
    usable_volatilities,
)

TAG_ORACLE = b"NOVATION/oracle/1"
ROUND_MS = 500
OBSERVED_WITHIN_MS = 2_000
FEEDS_MAX_COUNT = 256
REPORTS_MAX_COUNT = 100
REPORT_BYTES_MAX = 8 * 1024


@record
class FeedQuote:
    """What one report says of one feed, from how many sources."""

    feed: Annotated[str, Meta(min_length=1, max_length=16)]
    price_e8: int
    confidence_e8: int
    sources_count: int


@record
class Report:
    """What one authority's feeder observed at one moment; feeds ascend and are distinct."""

    chain_id: Hash
    epoch: int
    round: int
    observed_ms: int
    quotes: Annotated[tuple[FeedQuote, ...], Meta(max_length=FEEDS_MAX_COUNT)]


@record
class SignedReport:
    """A report with the place of its authority in the epoch's set, and its signature."""

    authority_index: int
    report: Report
    signature: Signature


@record
class Section:
    """The reports of a block, of prices and at times of volatility, ascending by authority."""

    reports: Annotated[tuple[SignedReport, ...], Meta(max_length=REPORTS_MAX_COUNT)]
    volatilities: Annotated[tuple[SignedVolatility, ...], Meta(max_length=REPORTS_MAX_COUNT)] = ()


def round_of(observed_ms: int) -> int:
    """Return the half second that a moment lies in. Rounds: down."""
    return divide_down(observed_ms, ROUND_MS)


def report_bytes(report: Report) -> bytes:
    """Return what an oracle key signs: the tag, then the report."""
    return TAG_ORACLE + encode(report)


def report_fault(report: Report, chain_id: bytes, epoch: int) -> str | None:
    """Return what is wrong with a report whatever the state, or nothing."""
    if report.chain_id != chain_id:
        return "it is of another chain"
    if report.epoch != epoch:
        return f"it is of epoch {report.epoch}, not {epoch}"
    if report.round != round_of(report.observed_ms):
        return f"round {report.round} is not that of {report.observed_ms} ms"
    feeds = [quote.feed for quote in report.quotes]
    if any(a >= b for a, b in pairwise(feeds)):
        return "its feeds do not ascend"
    return None


def is_timely(report: Report, time_ms: int, last_round: int) -> bool:
    """Return whether a report is near a block's time and later than what was used."""
    return abs(report.observed_ms - time_ms) <= OBSERVED_WITHIN_MS and report.round > last_round


def last_round_of(view: View, oracle_key: bytes) -> int:
    """Return the last round in which an authority's report was used, or -1."""
    reporter = view.get(REPORTERS, oracle_key)
    return -1 if reporter is None else reporter.last_round


def accepted_section(
    view: View,
    data: bytes,
    *,
    chain_id: bytes,
    epoch: int,
    time_ms: int,
    oracle_keys: Sequence[bytes],
    quorum_count: int,
) -> Section:
    """Return the section that these bytes are.

    Refuses: InvalidBlock, saying which report is wrong and how.
    """
    try:
        section = decode(Section, data)
    except MalformedRecord as fault:
        raise InvalidBlock(f"oracle section: {fault}") from fault
    if len(section.reports) < quorum_count:
        raise InvalidBlock(f"oracle section: {len(section.reports)} reports, {quorum_count} needed")
    previous = -1
    for signed in section.reports:
        index = signed.authority_index
        if not previous < index < len(oracle_keys):
            raise InvalidBlock(f"oracle section: report of authority {index} after {previous}")
        previous = index
        fault_found = report_fault(signed.report, chain_id, epoch)
        if fault_found is not None:
            raise InvalidBlock(f"oracle section: report of authority {index}: {fault_found}")
        if not is_timely(signed.report, time_ms, last_round_of(view, oracle_keys[index])):
            raise InvalidBlock(
                f"oracle section: report of authority {index} is early, late or used"
            )
        if not is_genuine(oracle_keys[index], report_bytes(signed.report), signed.signature):
            raise InvalidBlock(f"oracle section: report of authority {index} has a bad signature")
    require_volatilities(
        view,
        section.volatilities,
        chain_id=chain_id,
        epoch=epoch,
        time_ms=time_ms,
        oracle_keys=oracle_keys,
        quorum_count=quorum_count,
    )
    return section


def assembled_section(
    view: View,
    newest: Mapping[int, SignedReport],
    *,
    time_ms: int,
    oracle_keys: Sequence[bytes],
    quorum_count: int,
    newest_volatilities: Mapping[int, SignedVolatility] | None = None,
) -> bytes:
    """Return the section a leader makes of the newest genuine reports of each authority.

    Empty where fewer than a quorum are timely: a slow feeder never delays a block.
    """
    usable = tuple(
        newest[index]
        for index in range(len(oracle_keys))
        if index in newest
        and is_timely(newest[index].report, time_ms, last_round_of(view, oracle_keys[index]))
    )
    if len(usable) < quorum_count:
        return b""
    volatilities = usable_volatilities(
        view,
        newest_volatilities or {},
        time_ms=time_ms,
        oracle_keys=oracle_keys,
        quorum_count=quorum_count,
    )
    return encode(Section(usable, volatilities))
