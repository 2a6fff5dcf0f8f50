"""What can be traded, on which terms, and whether it may be now."""

from typing import Annotated

from chain.kit import U8, U16, Meta, Table, integer_key, record
from derivatives.ids import FEED, INSTRUMENT

KIND_PERPETUAL = 1
KIND_FUTURE = 2
KIND_CALL = 3
KIND_PUT = 4
KIND_SYNTHETIC = 5
OPTION_KINDS = (KIND_CALL, KIND_PUT)
UNDATED_KINDS = (KIND_PERPETUAL, KIND_SYNTHETIC)

PERIOD_DAY = 1
PERIOD_WEEK = 2
PERIOD_MONTH = 3
PERIOD_QUARTER = 4

TRADING_AUCTION = 1
TRADING_OPEN = 2
TRADING_REDUCE_ONLY = 3
TRADING_HALTED = 4
TRADING_FROZEN = 5
TRADING_EXPIRED = 6


@record
class Instrument:
    """The terms of one tradable thing; they never change while anybody holds it.

    One lot is `lot_size_e8` units of the underlying; a price of one tick is `tick_size_e8`
    per unit, so one tick on one lot is `tick_value_quantums` of the quote asset.
    """

    kind: int
    underlying: str
    quote: str
    compartment: str
    tick_size_e8: int
    lot_size_e8: int
    tick_value_quantums: int
    open_interest_cap_lots: int
    external_depth_lots: int
    half_spread_ppm: int
    impact_notional_quantums: int
    band_ppm: int
    limit_distance_ppm: int
    mark_clamp_ppm: int
    taker_fee_ppm: int
    maker_rebate_ppm: int
    auction_ms: int


@record
class Trading:
    """Whether an instrument trades.

    1 auction, 2 open, 3 reduce only, 4 halted, 5 frozen, 6 expired.  An auction with
    `auction_until_ms` zero waits for its feed; otherwise it uncrosses in the first block at
    or after that time, and the next block trades continuously.
    """

    state: U8
    since_ms: int
    auction_until_ms: int


@record
class Expiry:
    """When a dated instrument ends, and how its settlement price is made.

    Until then the feed `forward` values it.  It settles on the mean of its underlying's feed
    over the last `window_ms`; where less than `coverage_ppm` of that counted, the end moves by
    `extension_ms`, at most `extensions_max_count` times.
    """

    forward: str
    expiry_ms: int
    window_ms: int
    coverage_ppm: int
    extension_ms: int
    extensions_max_count: int


@record
class Settlement:
    """What has counted of a dated instrument's window, and at last its settlement price.

    `price_seconds_e18` is the sum of price x time over `counted_ms`; `left_ms` is the time
    until the end.  `price_ticks` is zero until it is fixed.
    """

    ends_ms: int
    extensions_count: int
    counted_ms: int
    price_seconds_e18: int
    left_ms: int
    price_ticks: int


@record
class Strike:
    """At which price an option is exercised, in its own ticks."""

    strike_ticks: int


@record
class Cycle:
    """Dates of one period that are listed ahead, and how far apart their strikes lie.

    `period`: 1 a day, 2 a week, 3 a month, 4 a quarter of a year.  Strikes are a step of about
    `step_ppm` of the forward apart, so many on each side of it.
    """

    period: U8
    dates_count: U8
    step_ppm: int
    strikes_count: U8


@record
class ListingRule:
    """What the chain lists of an underlying by itself: which dates, which strikes, which terms.

    `future` and `option` are the terms of what is listed, the latter of calls and puts alike.
    Under every schedule a date is margined by the terms of `family`.  Days end `day_end_ms`
    after midnight, UTC.  Anybody may ask for a strike within `request_reach_ppm` of the forward;
    none is added with less than `closing_ms` left, or beyond `strikes_max_count` of a date.
    What is settled leaves after `kept_ms`.
    """

    future: Instrument
    option: Instrument
    family: str
    window_ms: int
    coverage_ppm: int
    extension_ms: int
    extensions_max_count: int
    day_end_ms: int
    closing_ms: int
    kept_ms: int
    request_reach_ppm: int
    strikes_max_count: U16
    cycles: Annotated[tuple[Cycle, ...], Meta(min_length=1, max_length=4)]


@record
class Roll:
    """When an underlying's dates are looked at again: some may be due from then on."""

    next_ms: int


@record
class Chain:
    """The strikes of a date that were listed by rule: every step from `low_e8` to `high_e8`.

    Both are zero, and so is the step, until the forward has spoken; then the step stays.
    `strikes_count` has those that somebody asked for too.
    """

    forward: str
    period: U8
    step_e8: int
    low_e8: int
    high_e8: int
    strikes_count: U16


@record
class Delivery:
    """At which price a date was settled, kept when its instruments have left."""

    price_e8: int
    settled_ms: int


EXPIRY_MS = integer_key("expiry_ms", 64)

INSTRUMENTS = Table(1, "instruments", key=(INSTRUMENT,), value=Instrument, ordered=True)
TRADING = Table(2, "trading", key=(INSTRUMENT,), value=Trading, ordered=True)
EXPIRIES = Table(3, "instrument_expiries", key=(INSTRUMENT,), value=Expiry, ordered=True)
SETTLEMENTS = Table(4, "settlements", key=(INSTRUMENT,), value=Settlement, ordered=True)
STRIKES = Table(5, "strikes", key=(INSTRUMENT,), value=Strike, ordered=True)
LISTING_RULES = Table(6, "listing_rules", key=(FEED,), value=ListingRule, ordered=True)
ROLLS = Table(7, "listing_rolls", key=(FEED,), value=Roll)
CHAINS = Table(8, "option_chains", key=(FEED, EXPIRY_MS), value=Chain, ordered=True)
DELIVERIES = Table(9, "deliveries", key=(FEED, EXPIRY_MS), value=Delivery, ordered=True)
