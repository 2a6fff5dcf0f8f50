"""Step 4 of a block: funding indices move; step 8: the premium of the second is sampled.

Both bounded by the number of perpetuals, an hour's end by its 60 minutes of samples.

Source: docs/specs/perpetuals.md, PERP-010 to PERP-034.
"""

from chain.kit import BlockContext, State, divide_down, replace
from chain.modules.ledger.balances import post
from derivatives.ids import InstrumentId, funding_house_of, insurance_of
from derivatives.instruments.state import INSTRUMENTS, Instrument
from derivatives.marks.book import ask_value_quantums, bid_value_quantums, sides_of
from derivatives.marks.state import MARKS
from derivatives.perpetuals.events import FundingRateFixed
from derivatives.perpetuals.funding import E18
from derivatives.perpetuals.rate import (
    HOUR_MS,
    mean_premium_e9,
    movement_e18,
    premium_e9,
    rate_8h_e9,
)
from derivatives.perpetuals.state import (
    FUNDING,
    FUNDING_TERMS,
    SAMPLES,
    Funding,
    FundingTerms,
    Samples,
)

SECOND_MS = 1_000
MINUTE_MS = 60_000


def accrue_funding(context: BlockContext) -> None:
    """Move every perpetual's funding index by the time elapsed, at its index value now."""
    state = context.state
    for key, terms in tuple(state.scan(FUNDING_TERMS)):
        instrument_id = str(key)
        mark = state.get(MARKS, instrument_id)
        instrument = state.get(INSTRUMENTS, instrument_id)
        if mark is None or instrument is None:
            continue
        funding = state.get(FUNDING, instrument_id)
        if funding is None:
            # Nothing accrues before the first mark, whenever in an hour it comes.
            hour_start_ms = hour_of(context.time_ms)
            state.put(FUNDING, instrument_id, Funding(0, 0, hour_start_ms, 0))
            continue
        moved = accrued(context, instrument_id, instrument, terms, funding)
        if moved != funding:
            state.put(FUNDING, instrument_id, moved)


def hour_of(time_ms: int) -> int:
    """Return when the hour of a time began."""
    return divide_down(time_ms, HOUR_MS) * HOUR_MS


def accrued(
    context: BlockContext,
    instrument_id: InstrumentId,
    instrument: Instrument,
    terms: FundingTerms,
    funding: Funding,
) -> Funding:
    """Return funding after the time since the parent, each hour's part at that hour's rate.

    An hour in which there was no block had no samples: its mean is zero.
    """
    mark = context.state.get(MARKS, instrument_id)
    assert mark is not None
    index_value_quantums = mark.index_value_quantums
    time_ms, from_ms = context.time_ms, context.parent_time_ms
    now_hour_ms = hour_of(time_ms)
    if now_hour_ms == funding.hour_start_ms:
        movement = movement_e18(funding.rate_8h_e9, index_value_quantums, time_ms - from_ms)
        return replace(funding, index_e18=funding.index_e18 + movement) if movement else funding
    ended_ms = funding.hour_start_ms + HOUR_MS
    premiums = premiums_of_hour(context, instrument_id, funding.hour_start_ms)
    mean = mean_premium_e9(premiums)
    rate = rate_8h_e9(mean, terms)
    next_end_ms = min(time_ms, ended_ms + HOUR_MS)
    silent_rate = rate_8h_e9(0, terms)
    movement = (
        movement_e18(funding.rate_8h_e9, index_value_quantums, ended_ms - from_ms)
        + movement_e18(rate, index_value_quantums, next_end_ms - ended_ms)
        + movement_e18(silent_rate, index_value_quantums, time_ms - next_end_ms)
    )
    if now_hour_ms > ended_ms:
        mean, rate, premiums = 0, silent_rate, ()
    dust_quantums = divide_down(funding.dust_e18, E18)
    post(
        context.state,
        debit=funding_house_of(instrument_id),
        credit=insurance_of(instrument.compartment),
        asset=instrument.quote,
        amount_quantums=dust_quantums,
    )
    context.emit(
        FundingRateFixed(instrument_id, now_hour_ms, len(premiums), mean, rate, dust_quantums)
    )
    return Funding(
        index_e18=funding.index_e18 + movement,
        rate_8h_e9=rate,
        hour_start_ms=now_hour_ms,
        dust_e18=funding.dust_e18 - dust_quantums * E18,
    )


def premiums_of_hour(
    context: BlockContext, instrument_id: InstrumentId, hour_start_ms: int
) -> tuple[int, ...]:
    """Return every premium that was sampled in an hour."""
    return tuple(
        premium
        for _, samples in context.state.scan(SAMPLES, (instrument_id,))
        if samples.hour_start_ms == hour_start_ms
        for premium in samples.premiums_e9
    )


def sample_premiums(context: BlockContext) -> None:
    """Sample every perpetual's premium, in the first block of each whole second.

    A premium of zero is what an empty slot says, and is not stored.
    """
    if divide_down(context.time_ms, SECOND_MS) == divide_down(context.parent_time_ms, SECOND_MS):
        return
    state = context.state
    for key, terms in tuple(state.scan(FUNDING_TERMS)):
        instrument_id = str(key)
        mark = state.get(MARKS, instrument_id)
        instrument = state.get(INSTRUMENTS, instrument_id)
        if mark is None or instrument is None:
            continue
        bids, asks = sides_of(context, instrument_id, instrument)
        premium = premium_e9(
            bid_value_quantums(bids),
            ask_value_quantums(asks),
            mark.index_value_quantums,
            terms.premium_limit_ppm,
        )
        if premium:
            record_premium(state, instrument_id, premium, context.time_ms)


def record_premium(state: State, instrument_id: InstrumentId, premium: int, time_ms: int) -> None:
    """Add a premium to those of its minute, the first of an hour in place of an older hour's."""
    hour_start_ms = hour_of(time_ms)
    key = (instrument_id, divide_down(time_ms - hour_start_ms, MINUTE_MS))
    stored = state.get(SAMPLES, key)
    known = stored is not None and stored.hour_start_ms == hour_start_ms
    earlier = stored.premiums_e9 if stored is not None and known else ()
    state.put(SAMPLES, key, Samples(hour_start_ms, (*earlier, premium)))
