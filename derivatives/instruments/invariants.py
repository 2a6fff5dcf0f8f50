"""What is always true of instruments.

Source: docs/specs/instruments.md, INST-001 to INST-005.
"""

from chain.kit import View, hold
from chain.modules.ledger.state import ASSETS
from derivatives.instruments.state import INSTRUMENTS, TRADING, TRADING_EXPIRED
from derivatives.instruments.terms import E8_SQUARED
from derivatives.oracle.state import FEEDS


def terms_agree_with_each_other(view: View) -> None:
    """Hold that a tick on a lot is a whole amount, and that nobody is paid to trade."""
    for key, instrument in view.scan(INSTRUMENTS):
        asset = view.get(ASSETS, instrument.quote)
        hold(asset is not None, f"{key!r}: no asset {instrument.quote}")
        assert asset is not None
        product = instrument.tick_size_e8 * instrument.lot_size_e8 * 10**asset.decimals
        whole = instrument.tick_value_quantums * E8_SQUARED
        hold(product == whole > 0, f"{key!r}: a tick is worth {product} x 10^-16 quantums")
        feed = view.get(FEEDS, instrument.underlying)
        hold(feed is not None, f"{key!r}: no feed {instrument.underlying}")
        assert feed is not None
        hold(feed.compartment == instrument.compartment, f"{key!r}: feed of {feed.compartment}")
        paid = 0 <= instrument.maker_rebate_ppm <= instrument.taker_fee_ppm
        hold(paid, f"{key!r}: rebate above the fee")
        hold(instrument.open_interest_cap_lots > 0, f"{key!r}: nothing may be open")
        hold(instrument.auction_ms > 0, f"{key!r}: an auction takes no time")


def every_trading_state_is_one(view: View) -> None:
    """Hold that what trades is listed, and that its state is one of those there are."""
    for key, trading in view.scan(TRADING):
        hold(view.get(INSTRUMENTS, key) is not None, f"{key!r} trades and is not listed")
        hold(1 <= trading.state <= TRADING_EXPIRED, f"{key!r}: state {trading.state}")


INVARIANTS = (terms_agree_with_each_other, every_trading_state_is_one)
