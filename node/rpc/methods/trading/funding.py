"""What holding a perpetual costs, now, next and in the past.

Source: docs/specs/rpc.md, RPC-113.
"""

from msgspec import Struct

from chain.codec.canonical import decode
from chain.kit import divide_toward_zero
from derivatives.instruments.state import KIND_PERPETUAL
from derivatives.marks.state import MARKS
from derivatives.perpetuals.events import FundingRateFixed
from derivatives.perpetuals.queries import funding_rates
from derivatives.perpetuals.rate import HOUR_MS
from derivatives.perpetuals.state import FUNDING
from node.history.topics import rates_of
from node.rpc.errors import ParametersInvalid
from node.rpc.method import Answer, Call, Parameters, method
from node.rpc.methods.reading import SteadyView, read_at
from node.rpc.methods.state import REFUSALS_AT
from node.rpc.methods.trading.given import known_instrument
from node.rpc.methods.trading.markets import KIND_NAMES, PPM_TO_E9
from node.rpc.methods.trading.past import listed
from node.rpc.methods.values import At, Limit, NumberText, SignedText, height_from
from node.state_store import Head
from node.storage.layout import StoredEvent

HISTORY_DEFAULT_COUNT = 24


class WhichFunding(Parameters, frozen=True):
    """A perpetual, the state to look at, and how much of the past, before which hour."""

    instrument: str
    at: At = "finalized"
    limit: Limit = HISTORY_DEFAULT_COUNT
    cursor: NumberText | None = None


class FixedRate(Struct, frozen=True):
    """A rate that held for the hour from `hour_start_ms` on, and what it was made of."""

    hour_start_ms: int
    rate_8h_e9: SignedText
    mean_premium_e9: SignedText
    samples_count: int
    height: NumberText


class FundingAnswer(Answer, frozen=True):
    """What a perpetual's longs pay its shorts, or the other way where it is below zero.

    Rates are for eight hours, in 10^-9 of the index value; the rate of this hour holds until
    `next_hour_ms`, and `predicted_8h_e9` is what the premiums so far make of the next.
    `history` are the rates of past hours, the newest first.
    `index_e18` has grown by what one lot long has paid, in 10^-18 quantums.
    """

    instrument: str
    rate_8h_e9: SignedText
    predicted_8h_e9: SignedText
    funding_rate_ppm: int
    premiums_count: int
    hour_start_ms: int
    next_hour_ms: int
    index_e18: SignedText
    eight_hours_per_lot_quantums: SignedText
    history: list[FixedRate]
    next_cursor: NumberText | None
    height: NumberText
    time_ms: int
    finalized: bool


@method(
    "market_getFunding",
    weight=5,
    refusals=("lookup.instrument_unknown", "node.history_behind", *REFUSALS_AT),
)
async def get_funding(call: Call, asked: WhichFunding) -> FundingAnswer:
    """Return a perpetual's funding rate of this hour, what the next would be, and past ones."""
    terms = known_instrument(call.services.state_store.tables, asked.instrument)
    if terms.kind != KIND_PERPETUAL:
        kind = KIND_NAMES.get(terms.kind, str(terms.kind))
        raise ParametersInvalid(
            f"instrument: {asked.instrument} is a {kind}, and perpetuals alone pay funding",
            field="instrument",
        )
    past = await listed(call.services, rates_of(asked.instrument), asked.limit, asked.cursor)

    def look(view: SteadyView, head: Head) -> FundingAnswer:
        known_instrument(view, asked.instrument)
        rates = funding_rates(view, asked.instrument)
        funding = view.get(FUNDING, asked.instrument)
        mark = view.get(MARKS, asked.instrument)
        value = 0 if mark is None else mark.index_value_quantums
        start_ms = 0 if funding is None else funding.hour_start_ms
        return FundingAnswer(
            instrument=asked.instrument,
            rate_8h_e9=str(rates.rate_8h_e9),
            predicted_8h_e9=str(rates.predicted_8h_e9),
            funding_rate_ppm=divide_toward_zero(rates.rate_8h_e9, PPM_TO_E9),
            premiums_count=rates.premiums_count,
            hour_start_ms=start_ms,
            next_hour_ms=start_ms + HOUR_MS if start_ms else 0,
            index_e18="0" if funding is None else str(funding.index_e18),
            eight_hours_per_lot_quantums=str(divide_toward_zero(rates.rate_8h_e9 * value, 10**9)),
            history=[_fixed(stored) for stored in past.events if stored.height <= head.height],
            next_cursor=past.next_cursor,
            height=str(head.height),
            time_ms=head.time_ms,
            finalized=True,
        )

    return await read_at(call.services, height_from(asked.at), look)


def _fixed(stored: StoredEvent) -> FixedRate:
    event = decode(FundingRateFixed, stored.payload)
    return FixedRate(
        hour_start_ms=event.hour_start_ms,
        rate_8h_e9=str(event.rate_8h_e9),
        mean_premium_e9=str(event.mean_premium_e9),
        samples_count=event.samples_count,
        height=str(stored.height),
    )


METHODS = (get_funding,)
