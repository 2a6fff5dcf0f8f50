"""What is always true of instruments.

Source: docs/specs/instruments.md, INST-001 to INST-006.
"""

from collections.abc import Iterator

from chain.kit import View, hold
from chain.modules.ledger.state import ASSETS
from derivatives.ids import FEED_BYTES_MAX
from derivatives.instruments.listing.grid import strike_text
from derivatives.instruments.state import (
    CHAINS,
    EXPIRIES,
    INSTRUMENTS,
    LISTING_RULES,
    PERIOD_QUARTER,
    TRADING,
    TRADING_EXPIRED,
    Instrument,
)
from derivatives.instruments.terms import E8_SQUARED, index_value_quantums
from derivatives.oracle.state import FEEDS

OPEN_VALUE_QUANTUMS_MAX = 2**60
"""What all lots of an instrument may be worth: profits of a few fit 64 bits."""
DATE_BYTES_MAX = len("-26MAR27")
DATES_MAX_COUNT = 24
"""Of the 32 dates of a report of volatility, so many may be of a rule."""


def _every_terms(view: View) -> Iterator[tuple[str, Instrument]]:
    """Return the terms of every instrument, and of what rules would list."""
    for key, instrument in view.scan(INSTRUMENTS):
        yield str(key), instrument
    for key, rule in view.scan(LISTING_RULES):
        yield f"futures of {key!r}", rule.future
        yield f"options of {key!r}", rule.option


def terms_agree_with_each_other(view: View) -> None:
    """Hold that a tick on a lot is a whole amount, and that nobody is paid to trade."""
    for key, instrument in _every_terms(view):
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


def every_lot_is_worth_something_that_can_be_counted(view: View) -> None:
    """Hold that whatever its feed says a lot is worth a quantum, and all that may be open fits.

    Where a lot were worth nothing there would be no premium of it, and where all lots were worth
    more than 64 bits no profit could be stored: both would freeze the compartment.
    """
    valued = [(name, terms, terms.underlying) for name, terms in _every_terms(view)]
    for key, expiry in view.scan(EXPIRIES):
        dated = view.get(INSTRUMENTS, key)
        valued += [] if dated is None else [(str(key), dated, expiry.forward)]
    for name, instrument, feed_id in valued:
        feed, asset = view.get(FEEDS, feed_id), view.get(ASSETS, instrument.quote)
        if feed is None or asset is None:
            continue
        least = index_value_quantums(feed.price_min_e8, instrument, asset.decimals)
        hold(least > 0, f"{name}: a lot is worth nothing at the least price of its feed")
        most = index_value_quantums(feed.price_max_e8, instrument, asset.decimals)
        open_quantums = most * instrument.open_interest_cap_lots
        hold(
            open_quantums <= OPEN_VALUE_QUANTUMS_MAX,
            f"{name}: {open_quantums} quantums may be open at the highest price of its feed",
        )


def every_trading_state_is_one(view: View) -> None:
    """Hold that what trades is listed, and that its state is one of those there are."""
    for key, trading in view.scan(TRADING):
        hold(view.get(INSTRUMENTS, key) is not None, f"{key!r} trades and is not listed")
        hold(1 <= trading.state <= TRADING_EXPIRED, f"{key!r}: state {trading.state}")


def every_rule_can_be_followed(view: View) -> None:
    """Hold that a rule lists what is of its feed, on dates that names and reports have room for."""
    for key, rule in view.scan(LISTING_RULES):
        name = str(key)
        known = {rule.future.underlying, rule.option.underlying} == {name}
        hold(known, f"{name}: it lists another underlying")
        hold(rule.future.compartment == rule.option.compartment, f"{name}: two compartments")
        hold(len(name) + DATE_BYTES_MAX <= FEED_BYTES_MAX, f"{name}: too long for a dated name")
        periods = [cycle.period for cycle in rule.cycles]
        sound = sorted({*periods}) == periods and 1 <= periods[0] <= periods[-1] <= PERIOD_QUARTER
        hold(sound, f"{name}: periods {periods}")
        hold(all(cycle.step_ppm > 0 for cycle in rule.cycles), f"{name}: no step")
        dates_count = sum(cycle.dates_count for cycle in rule.cycles)
        hold(dates_count <= DATES_MAX_COUNT, f"{name}: {dates_count} dates")
        hold(rule.closing_ms > rule.window_ms, f"{name}: strikes are listed inside the window")


def every_chain_is_whole(view: View) -> None:
    """Hold that a chain has a call and a put at every step from its lowest strike to its highest.

    The future of its date, which has the name of the feed of its forward, is listed.
    """
    for key, chain in view.scan(CHAINS):
        listed = view.get(INSTRUMENTS, chain.forward) is not None
        hold(listed and view.get(FEEDS, chain.forward) is not None, f"{key!r}: no future")
        if chain.low_e8 == 0:
            hold(not chain.high_e8 and not chain.step_e8, f"{key!r}: strikes without a lowest")
            continue
        strikes = range(chain.low_e8, chain.high_e8 + 1, chain.step_e8)
        hold(chain.low_e8 % chain.step_e8 == 0, f"{key!r}: strikes off the grid")
        for strike_e8 in strikes:
            for letter in "CP":
                name = f"{chain.forward}-{strike_text(strike_e8)}-{letter}"
                hold(view.get(INSTRUMENTS, name) is not None, f"{key!r}: no {name}")


INVARIANTS = (
    terms_agree_with_each_other,
    every_lot_is_worth_something_that_can_be_counted,
    every_trading_state_is_one,
    every_rule_can_be_followed,
    every_chain_is_whole,
)
