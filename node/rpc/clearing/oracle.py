"""Prices, who reports them, and the door through which reports come.

Source: docs/specs/reports.md, REPORT-014 to REPORT-017.
"""

import binascii
from typing import Annotated, Any

from msgspec import Meta, Struct

from chain.codec.canonical import decode
from chain.kit import View
from chain.modules.authorities.sets import authorities_of
from chain.modules.authorities.state import Authority
from chain.modules.system.standing import progress_of
from derivatives.oracle.prices import feeds_of, state_of
from derivatives.oracle.section import REPORT_BYTES_MAX, Section
from derivatives.oracle.state import PRICES, REPORTERS
from derivatives.oracle.surfaces import dates_of
from node.reports.newest import Newest
from node.rpc import limits
from node.rpc.errors import ParametersInvalid
from node.rpc.forms import hex_form, hex_from
from node.rpc.method import Answer, Call, Parameters, method
from node.rpc.methods.reading import SteadyView, read_at
from node.rpc.methods.state import REFUSALS_AT
from node.rpc.methods.trading.given import page_of
from node.rpc.methods.values import At, HashText, Limit, NumberText, PublicKeyText, height_from
from node.services import Services
from node.state_store import Head

SECTION_LOOK_BACK_COUNT = 8
"""How many blocks are looked at for the newest reports."""

ReportText = Annotated[
    str,
    Meta(
        pattern=r"^0x([0-9a-f]{2})+$",
        max_length=2 + 2 * REPORT_BYTES_MAX,
        description="canonical bytes of a signed report: 0x and hex",
    ),
]


class BroughtReport(Parameters, frozen=True):
    """A signed report as it travels: docs/specs/oracle.md."""

    report: ReportText


class TakenAnswer(Answer, frozen=True):
    """Whose report is kept now, and of which round: a half second, or five for volatility."""

    authority: str
    authority_index: int
    round: NumberText


@method("oracle_submitReport", weight=2)
async def submit_report(call: Call, asked: BroughtReport) -> TakenAnswer:
    """Keep an authority's signed report for the next block, and pass it on.

    Anybody may bring it: the signature says whose it is.
    """
    return _taken(call.services.reports.prices, asked)


@method("oracle_submitVolatility", weight=2)
async def submit_volatility(call: Call, asked: BroughtReport) -> TakenAnswer:
    """Keep an authority's signed report of volatility for the next block, and pass it on."""
    return _taken(call.services.reports.volatilities, asked)


def _taken(reports: Newest[Any], asked: BroughtReport) -> TakenAnswer:
    try:
        data = hex_from(asked.report)
    except (ValueError, binascii.Error) as fault:
        raise ParametersInvalid("report: not hex", field="report") from fault
    taken = reports.submit(data)
    return TakenAnswer(taken.authority, taken.authority_index, str(taken.round))


class ToldPrice(Struct, frozen=True):
    """What one authority last said of a feed in a block, and in which."""

    authority: str
    price_e8: NumberText
    height: NumberText


class FeedAnswer(Answer, frozen=True):
    """One feed; prices are null before its first section, `state` is then `invalid`."""

    feed: str
    state: str
    price_e8: NumberText | None
    confidence_e8: NumberText | None
    updated_ms: int | None
    average_5m_e8: NumberText | None
    average_1h_e8: NumberText | None
    pending_count: int
    """Sections in a row that said another price, which jumped too far to be taken at once."""
    sources_min_count: int
    dates_ms: list[int]
    """When the dated instruments of this underlying end: a report of volatility names them all."""
    set_price_e8: NumberText | None
    """What is set on this node by hand now; it is reported instead of what the feeder sees."""
    reporters: list[ToldPrice]
    """The reports of the newest block with a section, if one of the last eight has one."""


class WhichPage(Parameters, frozen=True):
    """Which page, and the state to look at."""

    limit: Limit = limits.LIST_ITEMS_MAX_COUNT
    cursor: str | None = None
    at: At = "finalized"


class FeedsAnswer(Answer, frozen=True):
    """Every feed as of a block, and what a report of then has to say of the chain."""

    chain_id: HashText
    epoch: NumberText
    items: list[FeedAnswer]
    next_cursor: str | None
    height: NumberText
    time_ms: int
    finalized: bool


@method("oracle_getFeeds", refusals=REFUSALS_AT)
async def get_feeds(call: Call, asked: WhichPage) -> FeedsAnswer:
    """Return every feed's price, how far it may be trusted, and what is set by hand now."""
    services = call.services

    def look(view: SteadyView, head: Head) -> FeedsAnswer:
        listed = list(feeds_of(view))
        page, cursor = page_of(listed, lambda row: row[0], asked.limit, asked.cursor)
        told = newest_told(services, view, head.height)
        dates = dates_of(view, head.time_ms)
        chosen = services.reports.set_prices_e8
        return FeedsAnswer(
            chain_id=hex_form(services.genesis.chain_id),
            epoch=str(progress_of(view).epoch),
            items=[
                feed_answer(
                    view,
                    feed,
                    sources_min_count=terms.sources_min_count,
                    dates_ms=list(dates.get(feed, ())),
                    set_price_e8=str(chosen[feed]) if feed in chosen else None,
                    reporters=told.get(feed, []),
                )
                for feed, terms in page
            ],
            next_cursor=cursor,
            height=str(head.height),
            time_ms=head.time_ms,
            finalized=True,
        )

    return await read_at(services, height_from(asked.at), look)


def feed_answer(view: View, feed: str, **beside: Any) -> FeedAnswer:
    """Return what the state says of a feed, with what is known beside it."""
    price = view.get(PRICES, feed)
    return FeedAnswer(
        feed=feed,
        state=state_of(view, feed).name.lower(),
        price_e8=str(price.price_e8) if price else None,
        confidence_e8=str(price.confidence_e8) if price else None,
        updated_ms=price.updated_ms if price else None,
        average_5m_e8=str(price.average_5m_e8) if price else None,
        average_1h_e8=str(price.average_1h_e8) if price else None,
        pending_count=price.pending_count if price else 0,
        **beside,
    )


def newest_told(services: Services, view: View, height: int) -> dict[str, list[ToldPrice]]:
    """Return by feed what the reports of the newest block with a section said, in their order.

    Looks at a few blocks only: where none of them has one, nobody said anything lately.
    """
    for looked in range(height, max(0, height - SECTION_LOOK_BACK_COUNT), -1):
        block = services.storage.block(looked)
        if block is None or not block.oracle:
            continue
        listed = authorities_of(view, block.header.epoch)
        members = listed.members if listed else ()
        told: dict[str, list[ToldPrice]] = {}
        for signed in decode(Section, block.oracle).reports:
            index = signed.authority_index
            name = members[index].name if index < len(members) else str(index)
            for quote in signed.report.quotes:
                price = ToldPrice(name, str(quote.price_e8), str(looked))
                told.setdefault(quote.feed, []).append(price)
        return told
    return {}


class ReporterAnswer(Answer, frozen=True):
    """One authority as a reporter; nothing here is a punishment."""

    authority: str
    authority_index: int
    oracle_key: PublicKeyText
    reports_count: int
    misses_count: int
    error_ppm: int
    """Running mean of its distance from the median, in ppm of the confidence."""
    last_round: NumberText | None
    """The half second of its last report that a block used."""
    newest_round: NumberText | None
    """The half second of the newest report that this node holds of it."""


class ReportersAnswer(Answer, frozen=True):
    """The authorities of an epoch as reporters, in their order."""

    items: list[ReporterAnswer]
    next_cursor: str | None
    height: NumberText
    time_ms: int
    finalized: bool


@method("oracle_getReporters", refusals=REFUSALS_AT)
async def get_reporters(call: Call, asked: WhichPage) -> ReportersAnswer:
    """Return how well each authority of the epoch reports, in their order."""
    services = call.services

    def look(view: SteadyView, head: Head) -> ReportersAnswer:
        listed = authorities_of(view, progress_of(view).epoch)
        members = list(enumerate(listed.members if listed else ()))
        page, cursor = page_of(members, lambda row: row[1].name, asked.limit, asked.cursor)
        return ReportersAnswer(
            items=[reporter_answer(services, view, *one) for one in page],
            next_cursor=cursor,
            height=str(head.height),
            time_ms=head.time_ms,
            finalized=True,
        )

    return await read_at(services, height_from(asked.at), look)


def reporter_answer(
    services: Services, view: View, index: int, member: Authority
) -> ReporterAnswer:
    """Return what the state says of an authority's reports, and the newest held here."""
    record = view.get(REPORTERS, member.oracle_key)
    newest = services.reports.prices.newest_round(member.oracle_key)
    return ReporterAnswer(
        authority=member.name,
        authority_index=index,
        oracle_key=hex_form(member.oracle_key),
        reports_count=record.reports_count if record else 0,
        misses_count=record.misses_count if record else 0,
        error_ppm=record.error_ppm if record else 0,
        last_round=str(record.last_round) if record and record.reports_count else None,
        newest_round=str(newest) if newest is not None else None,
    )


METHODS = (submit_report, submit_volatility, get_feeds, get_reporters)
