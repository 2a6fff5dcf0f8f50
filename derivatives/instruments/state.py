"""What can be traded, on which terms, and whether it may be now."""

from chain.kit import U8, Table, record
from derivatives.ids import INSTRUMENT

KIND_PERPETUAL = 1
KIND_FUTURE = 2
KIND_CALL = 3
KIND_PUT = 4
OPTION_KINDS = (KIND_CALL, KIND_PUT)

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


INSTRUMENTS = Table(1, "instruments", key=(INSTRUMENT,), value=Instrument, ordered=True)
TRADING = Table(2, "trading", key=(INSTRUMENT,), value=Trading, ordered=True)
EXPIRIES = Table(3, "instrument_expiries", key=(INSTRUMENT,), value=Expiry, ordered=True)
SETTLEMENTS = Table(4, "settlements", key=(INSTRUMENT,), value=Settlement, ordered=True)
STRIKES = Table(5, "strikes", key=(INSTRUMENT,), value=Strike, ordered=True)
