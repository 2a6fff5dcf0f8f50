"""LIQ-040 to LIQ-059: slices that go to a keeper, or into the book."""

from chain.modules.ledger.state import BALANCES
from derivatives.accounts.state import DEBTORS
from derivatives.ids import insurance_of
from derivatives.instruments.state import TRADING, TRADING_AUCTION, TRADING_OPEN, Trading
from derivatives.liquidation.choice import cut_of, next_slice, whole_of
from derivatives.liquidation.taking import MakersOnly, Sent, feed_insurance, give, send_into_book
from derivatives.orders.state import SIDE_SELL
from derivatives.trades.state import TRADE_COUNTS
from tests.given_failing import Failing, short_of_puts
from tests.given_market import BTC_PERP, UNIT_E8, account_of
from tests.given_options import PUT

ALICE, CAROL = account_of("alice"), account_of("carol")


def _falling() -> Failing:
    market = Failing()
    market.falls()
    return market


def test_a_keeper_gets_the_lots_at_the_mark_and_the_allowance_in_cash() -> None:
    # LIQ-041
    market = _falling()
    slice_ = next_slice(market.state, ALICE)
    assert slice_ is not None
    before = market.cash("carol")

    legs = give(market.context("carol"), ALICE, CAROL, slice_, 25_300_000)

    assert [(100, 124_400, 6_220_000_000)] == [
        (leg.size_lots, leg.price_ticks, leg.value_quantums) for leg in legs
    ]
    assert before + 25_300_000 == market.cash("carol")
    assert (900, 100) == (market.lots("alice"), market.lots("carol"))
    market.settled()


def test_a_keeper_gets_a_single_lot_on_its_side() -> None:
    # LIQ-011: of five lots one
    market = Failing(20)
    market.trade("bob", "alice", 995, 128_000, taker="")
    market.falls()
    slice_ = next_slice(market.state, ALICE)
    assert slice_ is not None

    give(market.context("carol"), ALICE, CAROL, slice_, 0)

    assert (4, 1) == (market.lots("alice"), market.lots("carol"))


def test_insurance_may_leave_an_account_in_debt_and_known_as_such() -> None:
    # LIQ-053, ACCT-050
    market = _falling()
    market.state.delete(BALANCES, (ALICE, "USD"))

    feed_insurance(market.block_context(), ALICE, Sent((), 0, 0), 5, 1_000_000)

    assert -5 == market.cash("alice")
    assert market.state.get(DEBTORS, ("main", ALICE)) is not None


def test_the_house_closes_in_the_book_within_the_allowance() -> None:
    # LIQ-051: 100 lots a tick below the mark cost 5 USD and a fee of 1.8645
    market = _falling()
    market.bids("carol", 500, 124_300)
    slice_ = next_slice(market.state, ALICE)
    assert slice_ is not None

    sent = send_into_book(market.block_context(), ALICE, slice_, 25_300_000)

    assert sent is not None
    assert 5_000_000 + 1_864_500 == sent.spent_quantums
    assert 900 == market.lots("alice")
    counted = market.state.get(TRADE_COUNTS, BTC_PERP)
    assert counted is not None
    assert 128_000 == counted.last_price_ticks  # MARK-016: alice's own trade
    market.settled()


def test_what_costs_more_is_undone_whole() -> None:
    # LIQ-052
    market = _falling()
    market.bids("carol", 500, 124_300)
    slice_ = next_slice(market.state, ALICE)
    assert slice_ is not None
    context = market.block_context()

    assert send_into_book(context, ALICE, slice_, 6_864_499) is None
    assert [] == context.events
    assert 1_000 == market.lots("alice")
    market.settled()


def test_collateral_and_what_gathers_for_an_auction_are_for_keepers() -> None:
    # LIQ-052: what the book would fill is sent with neither
    market = _falling()
    market.fund("alice", UNIT_E8, "BTC")
    market.deposit("alice", UNIT_E8, "BTC")
    market.bids("carol", 500, 124_300)
    whole = whole_of(market.state, ALICE)
    alone = next_slice(market.state, ALICE)
    assert alone is not None
    cut = cut_of(market.state, whole.pledges[0], 1_000, "USD")
    with_coins = alone._replace(collateral=(cut,))

    assert send_into_book(market.block_context(), ALICE, with_coins, 25_300_000) is None
    market.state.put(TRADING, BTC_PERP, Trading(TRADING_AUCTION, 0, 0))
    assert send_into_book(market.block_context(), ALICE, alone, 25_300_000) is None
    market.state.put(TRADING, BTC_PERP, Trading(TRADING_OPEN, 0, 0))
    assert send_into_book(market.block_context(), ALICE, alone, 25_300_000) is not None


def test_what_the_book_fills_in_part_alone_is_undone() -> None:
    # LIQ-052
    market = _falling()
    market.bids("carol", 99, 124_300)
    slice_ = next_slice(market.state, ALICE)
    assert slice_ is not None

    assert send_into_book(market.block_context(), ALICE, slice_, 25_300_000) is None
    assert 1_000 == market.lots("alice")


def test_the_house_goes_as_far_as_the_band_of_an_option() -> None:
    # LIQ-051, OPTI-006: a share of the strike, not of a premium
    market = short_of_puts()
    slice_ = next_slice(market.state, ALICE)
    assert slice_ is not None
    assert (PUT, -30) == slice_.legs[0][:2]
    beyond_ticks = slice_.legs[0].price_ticks + 1_281
    market.rest("carol", SIDE_SELL, 500, beyond_ticks, PUT)
    too_far = send_into_book(market.block_context(), ALICE, slice_, 10**9)
    market.rest("carol", SIDE_SELL, 500, beyond_ticks - 1, PUT)

    sent = send_into_book(market.block_context(), ALICE, slice_, 10**9)

    assert too_far is None
    assert sent is not None
    assert -270 == market.lots("alice", PUT)


def test_insurance_gets_a_fifth_of_the_allowance_at_most() -> None:
    # LIQ-053
    market = _falling()
    market.bids("carol", 500, 124_300)
    slice_ = next_slice(market.state, ALICE)
    assert slice_ is not None
    context = market.block_context()
    sent = send_into_book(context, ALICE, slice_, 25_300_000)
    assert sent is not None
    before = market.cash(insurance_of("main"))

    fed = feed_insurance(context, ALICE, sent, 25_300_000, 200_000)

    assert 5_060_000 == fed.insurance_quantums
    assert before + 5_060_000 == market.cash(insurance_of("main"))


def test_the_account_that_is_closed_is_not_judged_by_section_four() -> None:
    # LIQ-054
    market = _falling()
    judge = MakersOnly(ALICE)

    assert judge.before(market.state, ALICE) is None
    assert judge.refusal(market.state, ALICE, None) is None
    assert judge.before(market.state, CAROL) is not None
