"""Prices, who reports them, and the door through which reports come.

Source: docs/specs/reports.md, REPORT-014 to REPORT-017.
"""

import binascii
from typing import Annotated, Any

from msgspec import Meta, Struct

from chain.codec.canonical import decode
from chain.modules.authorities.sets import authorities_of
from chain.modules.system.standing import progress_of
from derivatives.oracle.prices import feeds_of, state_of
from derivatives.oracle.section import REPORT_BYTES_MAX, Section
from derivatives.oracle.state import PRICES, REPORTERS
from derivatives.oracle.surfaces import dates_of
from node.reports.newest import Newest
from node.rpc.errors import ParametersInvalid
from node.rpc.forms import hex_form, hex_from
from node.rpc.method import Answer, Call, NoParameters, Parameters, method
from node.rpc.methods.values import HashText, NumberText, PublicKeyText
from node.services import Services

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
    """What was set on this node by hand; its feeder reports it instead of its own."""
    reporters: list[ToldPrice]
    """The reports of the newest block with a section, if one of the last eight has one."""


class FeedsAnswer(Answer, frozen=True):
    """Every feed as of the final block, and what a report of now has to say of the chain."""

    chain_id: HashText
    epoch: NumberText
    items: list[FeedAnswer]
    next_cursor: str | None
    height: NumberText
    time_ms: int
    finalized: bool


@method("oracle_getFeeds")
async def get_feeds(call: Call, _asked: NoParameters) -> FeedsAnswer:
    """Return every feed's price, how far it may be trusted, and what is set by hand."""
    services = call.services
    view, head = services.state_store.view_at(None)
    said = newest_told(services, head.height)
    dates = dates_of(view, head.time_ms)
    feeds = []
    for feed, terms in feeds_of(view):
        price = view.get(PRICES, feed)
        chosen_e8 = services.reports.set_prices_e8.get(feed)
        feeds.append(
            FeedAnswer(
                feed=feed,
                state=state_of(view, feed).name.lower(),
                price_e8=str(price.price_e8) if price else None,
                confidence_e8=str(price.confidence_e8) if price else None,
                updated_ms=price.updated_ms if price else None,
                average_5m_e8=str(price.average_5m_e8) if price else None,
                average_1h_e8=str(price.average_1h_e8) if price else None,
                pending_count=price.pending_count if price else 0,
                sources_min_count=terms.sources_min_count,
                dates_ms=list(dates.get(feed, ())),
                set_price_e8=str(chosen_e8) if chosen_e8 is not None else None,
                reporters=said.get(feed, []),
            )
        )
    return FeedsAnswer(
        chain_id=hex_form(services.genesis.chain_id),
        epoch=str(progress_of(view).epoch),
        items=feeds,
        next_cursor=None,
        height=str(head.height),
        time_ms=head.time_ms,
        finalized=True,
    )


def newest_told(services: Services, height: int) -> dict[str, list[ToldPrice]]:
    """Return by feed what the reports of the newest block with a section said, in their order.

    Looks at a few blocks only: where none of them has one, nobody said anything lately.
    """
    for looked in range(height, max(0, height - SECTION_LOOK_BACK_COUNT), -1):
        block = services.storage.block(looked)
        if block is None or not block.oracle:
            continue
        view = services.state_store.tables
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
    reports_count: NumberText
    misses_count: NumberText
    error_ppm: NumberText
    """Running mean of its distance from the median, in ppm of the confidence."""
    last_round: NumberText | None
    """The half second of its last report that a block used."""
    newest_round: NumberText | None
    """The half second of the newest report that this node holds of it."""


@method("oracle_getReporters")
async def get_reporters(call: Call, _asked: NoParameters) -> list[ReporterAnswer]:
    """Return how well each authority of this epoch reports, in their order."""
    services = call.services
    view, _ = services.state_store.view_at(None)
    listed = authorities_of(view, progress_of(view).epoch)
    answers = []
    for index, member in enumerate(listed.members if listed else ()):
        record = view.get(REPORTERS, member.oracle_key)
        newest = services.reports.prices.newest_round(member.oracle_key)
        answers.append(
            ReporterAnswer(
                authority=member.name,
                authority_index=index,
                oracle_key=hex_form(member.oracle_key),
                reports_count=str(record.reports_count if record else 0),
                misses_count=str(record.misses_count if record else 0),
                error_ppm=str(record.error_ppm if record else 0),
                last_round=str(record.last_round) if record and record.reports_count else None,
                newest_round=str(newest) if newest is not None else None,
            )
        )
    return answers


METHODS = (submit_report, submit_volatility, get_feeds, get_reporters)
