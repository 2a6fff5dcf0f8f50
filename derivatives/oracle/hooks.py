"""Step 1 of a block: the section becomes prices and surfaces, and time moves every feed.

Bounded by the number of feeds, which listing bounds.

Source: docs/specs/oracle.md, ORAC-001 and ORAC-015 to ORAC-029.
"""

from chain.kit import BREAK_MS, BlockContext, divide_toward_zero, replace
from chain.modules.authorities.sets import authorities_of, authority_set_of
from derivatives.oracle.aggregation import PPM, Aggregate, Quote, aggregate, lower_median
from derivatives.oracle.events import FeedStateChanged, PriceHeld, PriceUpdated
from derivatives.oracle.prices import feeds_of, first_price, with_aggregate, with_time
from derivatives.oracle.section import Section, accepted_section
from derivatives.oracle.state import PRICES, REPORTERS, FeedTerms, Reporter
from derivatives.oracle.surfaces import let_surfaces_age, take_in_volatilities

ERROR_MEMORY_REPORTS = 64


def observe(context: BlockContext) -> None:
    """Take in the section, if there is one, then let time pass for every feed."""
    before = {feed: context.state.get(PRICES, feed) for feed, _ in feeds_of(context.state)}
    if context.oracle:
        listed = authorities_of(context.state, context.epoch)
        voters = authority_set_of(context.state, context.epoch)
        assert listed is not None
        assert voters is not None
        keys = [member.oracle_key for member in listed.members]
        section = accepted_section(
            context.state,
            context.oracle,
            chain_id=context.chain_id,
            epoch=context.epoch,
            time_ms=context.time_ms,
            oracle_keys=keys,
            quorum_count=voters.quorum,
        )
        medians = take_in(context, section, len(keys), voters.quorum)
        score(context, section, keys, medians)
        take_in_volatilities(context, section.volatilities, keys, voters.quorum)
    for feed, earlier in before.items():
        price = context.state.get(PRICES, feed)
        if price is None:
            continue
        moved = with_time(price, context.time_ms, context.parent_time_ms, BREAK_MS)
        if earlier is not None:
            moved = replace(moved, parent_price_e8=earlier.price_e8)
            if earlier.state != moved.state:
                context.emit(FeedStateChanged(feed, earlier.state, moved.state))
        if moved != price:
            context.state.put(PRICES, feed, moved)
    let_surfaces_age(context)


def take_in(
    context: BlockContext, section: Section, authorities_count: int, quorum_count: int
) -> dict[str, Aggregate]:
    """Move every feed that a quorum speaks of, and return what it said."""
    observed_ms = lower_median(sorted(s.report.observed_ms for s in section.reports))
    said: dict[str, list[Quote]] = {}
    for signed in section.reports:
        for quote in signed.report.quotes:
            said.setdefault(quote.feed, []).append(
                Quote(
                    signed.authority_index,
                    quote.price_e8,
                    quote.confidence_e8,
                    quote.sources_count,
                )
            )
    medians = {}
    for feed, terms in feeds_of(context.state):
        spoken = aggregate(
            said.get(feed, []),
            authorities_count,
            quorum_count,
            terms.sources_min_count,
        )
        if spoken is not None:
            medians[feed] = spoken
            move(context, feed, terms, spoken, observed_ms)
    return medians


def move(
    context: BlockContext, feed: str, terms: FeedTerms, spoken: Aggregate, observed_ms: int
) -> None:
    """Let one feed accept or hold what the quorum said, and tell which."""
    price = context.state.get(PRICES, feed)
    if price is None:
        first = first_price(spoken, terms, observed_ms, context.time_ms)
        if first is None:
            context.emit(PriceHeld(feed, 0, spoken.price_e8, 0))
            return
        moved = first
    else:
        moved = with_aggregate(price, terms, spoken, observed_ms, context.time_ms)
    context.state.put(PRICES, feed, moved)
    if moved.pending_count or moved.at_bound:
        context.emit(PriceHeld(feed, moved.price_e8, spoken.price_e8, moved.pending_count))
    else:
        context.emit(PriceUpdated(feed, moved.price_e8, moved.confidence_e8, len(spoken.admitted)))


def score(
    context: BlockContext, section: Section, keys: list[bytes], medians: dict[str, Aggregate]
) -> None:
    """Write down for every authority whether it was heard, and how far off it was.

    error_ppm moves by a 64th of the way to this report's worst error, towards zero.
    """
    heard = {signed.authority_index: signed.report for signed in section.reports}
    for index, key in enumerate(keys):
        record = context.state.get(REPORTERS, key) or Reporter(0, 0, 0, 0)
        report = heard.get(index)
        if report is None:
            record = replace(record, misses_count=record.misses_count + 1)
        else:
            errors = [
                divide_toward_zero(
                    abs(quote.price_e8 - medians[quote.feed].price_e8) * PPM,
                    medians[quote.feed].confidence_e8,
                )
                for quote in report.quotes
                if quote.feed in medians
            ]
            off = min(max(errors, default=0), 1_000 * PPM)
            record = replace(
                record,
                last_round=report.round,
                reports_count=record.reports_count + 1,
                error_ppm=record.error_ppm
                + divide_toward_zero(off - record.error_ppm, ERROR_MEMORY_REPORTS),
            )
        context.state.put(REPORTERS, key, record)
