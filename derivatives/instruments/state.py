"""What can be traded, on which terms, and whether it may be now."""

from chain.kit import U8, Table, record
from derivatives.ids import INSTRUMENT

KIND_PERPETUAL = 1

TRADING_AUCTION = 1
TRADING_OPEN = 2
TRADING_REDUCE_ONLY = 3
TRADING_HALTED = 4
TRADING_FROZEN = 5


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
    """Whether an instrument trades: 1 auction, 2 open, 3 reduce only, 4 halted, 5 frozen.

    An auction with `auction_until_ms` zero waits for its feed; otherwise it uncrosses in
    the first block at or after that time, and the next block trades continuously.
    """

    state: U8
    since_ms: int
    auction_until_ms: int


INSTRUMENTS = Table(1, "instruments", key=(INSTRUMENT,), value=Instrument, ordered=True)
TRADING = Table(2, "trading", key=(INSTRUMENT,), value=Trading, ordered=True)
