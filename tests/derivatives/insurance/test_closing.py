"""The default account is closed: into the book at insurance's cost, else torn up at the index."""

import pytest

from chain.kit import replace
from chain.modules.ledger.balances import post
from derivatives.ids import insurance_of
from derivatives.instruments.state import TRADING, TRADING_OPEN, Trading
from derivatives.insurance.closing import close_defaults, offered
from derivatives.insurance.events import CollateralBought, DefaultSliced, PositionTornUp
from derivatives.insurance.hooks import begin_to_close
from derivatives.insurance.state import DEFAULTS
from derivatives.insurance.takeover import is_closed, tear_up_defaults
from derivatives.marks.state import MARKS
from derivatives.oracle.ladder import FeedState
from derivatives.orders.state import GOOD_TILL_CANCELLED, SIDE_BUY
from derivatives.orders.transactions import Place
from tests.given_dated import FUTURE
from tests.given_insurance import DEFAULT, MAIN
from tests.given_insurance import Insured as Closing
from tests.given_market import BTC_PERP, account_of

USD = 10**6
E8 = 10**8


def _defaulted(insurance_quantums: int = 0) -> Closing:
    """Alice, long 1,000 lots against bob's 600 and carol's 400, is taken over at 50,000."""
    market = Closing(insurance_quantums)
    for name in ("alice", "bob", "carol", "dave"):
        market.deposit(name, 10_000 * USD)
    market.trade("alice", "bob", 600, 128_000, taker="")
    market.trade("alice", "carol", 400, 128_000, taker="")
    market.gap(BTC=50_000 * E8)
    return market


def _bid(price_ticks: int, size_lots: int) -> Place:
    return Place(
        account_holder=account_of("dave"),
        instrument=BTC_PERP,
        side=SIDE_BUY,
        price_ticks=price_ticks,
        size_lots=size_lots,
        time_in_force=GOOD_TILL_CANCELLED,
        post_only=False,
        reduce_only=False,
        self_trade=0,
        client_id="",
        good_till_ms=0,
        trigger_kind=0,
        trigger_ticks=0,
    )


def _ended(market: Closing) -> list[object]:
    context = market.block_context()
    close_defaults(context)
    tear_up_defaults(context)
    return context.events


def test_what_is_open_too_long_is_torn_up_pro_rata_at_the_index() -> None:
    # INS-070, INS-071
    market = _defaulted()
    market.gap(60_000)
    before = {name: market.solvency(name) for name in ("bob", "carol", "dave")}

    events = _ended(market)

    torn = {e.account_holder: e.size_lots for e in events if isinstance(e, PositionTornUp)}
    assert {account_of("bob"): 600, account_of("carol"): 400} == torn
    assert 0 == market.lots("bob") == market.lots("carol")
    assert before == {name: market.solvency(name) for name in before}
    assert market.state.get(DEFAULTS, MAIN) is None
    assert is_closed(market.state, MAIN)
    market.close()


def test_takeovers_that_follow_one_another_do_not_put_it_off_forever() -> None:
    # INS-074: 60 s after the latest, and 300 s after the first
    market = _defaulted()
    first_ms = market.time_ms
    torn_ms = []
    for _ in range(11):
        market.gap(30_000)
        begin_to_close(market.block_context(), MAIN)
        if any(isinstance(event, PositionTornUp) for event in _ended(market)):
            torn_ms.append(market.time_ms - first_ms)

    assert [300_000] == torn_ms
    assert 0 == market.lots("bob")


def test_what_waits_for_a_feed_does_not_hurry_what_is_taken_over_later() -> None:
    # INS-074
    market = _defaulted()
    market.gap(300_000)
    market.price("BTC", 50_000 * E8, FeedState.STALE)
    assert [] == _ended(market)
    market.gap(500)

    begin_to_close(market.block_context(), MAIN)
    market.price("BTC", 50_000 * E8)

    assert [] == _ended(market)
    market.gap(60_000)
    assert 2 == len([event for event in _ended(market) if isinstance(event, PositionTornUp)])


def test_before_that_nobody_loses_a_position() -> None:
    # INS-070
    market = _defaulted()
    market.gap(59_999)

    events = _ended(market)

    assert not [event for event in events if isinstance(event, PositionTornUp)]
    assert (-600, -400) == (market.lots("bob"), market.lots("carol"))


@pytest.mark.parametrize("feed", ["BTC", FUTURE])
def test_a_future_is_torn_up_by_its_forward_and_its_underlying(feed: str) -> None:
    # INS-067
    market = Closing()
    market.price(FUTURE, 64_000 * E8)
    market.state.put(TRADING, FUTURE, Trading(TRADING_OPEN, 0, 0))
    market.gap()
    for name in ("alice", "bob"):
        market.deposit(name, 10_000 * USD)
    market.trade("alice", "bob", 1_000, 128_000, FUTURE, taker="")
    market.gap(BTC=50_000 * E8, **{FUTURE: 50_000 * E8})
    market.gap(60_000)
    market.price(feed, 50_000 * E8, FeedState.JUMP)

    waiting = _ended(market)
    market.price(feed, 50_000 * E8)
    torn = [event for event in _ended(market) if isinstance(event, PositionTornUp)]

    assert [] == waiting
    assert [account_of("bob")] == [event.account_holder for event in torn]


@pytest.mark.parametrize("state", [FeedState.JUMP, FeedState.STALE, FeedState.AUCTION])
def test_nothing_is_sliced_or_torn_up_by_a_price_that_may_not_be_used(state: FeedState) -> None:
    # INS-067
    market = _defaulted(8_000 * USD)
    market.gap(60_000)
    market.price("BTC", 50_000 * E8, state)
    default = market.state.get(DEFAULTS, MAIN)
    assert default is not None

    assert offered(market.state, MAIN, default, market.time_ms) is None
    assert [] == _ended(market)
    assert (-600, -400) == (market.lots("bob"), market.lots("carol"))

    market.price("BTC", 50_000 * E8)
    torn = [event for event in _ended(market) if isinstance(event, PositionTornUp)]

    assert 2 == len(torn)


def test_slices_go_into_the_book_at_insurances_cost_within_its_budget() -> None:
    # INS-060 to INS-063: a bid below the index costs insurance what it is below.
    market = _defaulted(10**6 * USD)
    budget = market.state.get(DEFAULTS, MAIN)
    assert budget is not None
    assert 10_000 * USD == budget.budget_quantums
    market.gap(30_000)
    market.send("dave", _bid(99_980, 1_000))
    fund = market.cash("insurance/main")

    events = _ended(market)

    assert 4 == sum(isinstance(event, DefaultSliced) for event in events)
    assert 0 < market.lots("dave") < 1_000
    cost = sum(event.cost_quantums for event in events if isinstance(event, DefaultSliced))
    left = market.state.get(DEFAULTS, MAIN)
    assert left is not None
    assert 10_000 * USD - cost == left.budget_quantums
    # It gets its share of the fees back.
    assert fund - cost < market.cash("insurance/main") < fund
    assert cost > 0
    assert 0 == market.solvency(DEFAULT)


def test_allowance_leaves_room_for_what_the_legs_lose_at_the_mark() -> None:
    # INS-061: a budget of 80; a tenth at a mark half a dollar a lot below the index loses 50.
    market = _defaulted(8_000 * USD)
    market.gap(30_000)
    mark = market.state.get(MARKS, BTC_PERP)
    default = market.state.get(DEFAULTS, MAIN)
    assert mark is not None
    assert default is not None
    ticks = mark.mark_price_ticks - 1_000
    low = replace(mark, mark_price_ticks=ticks, mark_value_quantums=ticks * 500)
    market.state.put(MARKS, BTC_PERP, low)

    offer = offered(market.state, MAIN, default, market.time_ms)

    assert offer is not None
    chosen, allowance = offer
    assert (-50 * USD, 80 * USD) == (chosen.gain_quantums, default.budget_quantums)
    assert 30 * USD == allowance


def test_insurance_buys_collateral_at_the_index_after_half_a_minute() -> None:
    # INS-065: at most 5 % of the fund in a block.
    market = Closing(10**6 * USD)
    market.deposit("alice", 1)
    market.deposit("alice", 2 * E8, "BTC")
    market.give_away("alice", 100_000 * USD + 1)
    market.owes("alice")
    market.gap(BTC=45_000 * E8)
    market.gap(30_000)

    fund = market.cash("insurance/main")

    events = _ended(market)

    bought = next(event for event in events if isinstance(event, CollateralBought))
    assert bought.amount_quantums == market.holds("insurance/main", "BTC")
    assert 0 < bought.paid_quantums <= fund // 20
    assert 0 <= -market.solvency(DEFAULT) <= 1


def test_what_the_compartment_owes_keeps_nothing_from_being_closed() -> None:
    # INS-060: nobody could pay all of the loss, and a slice makes it no deeper
    market = _defaulted(4)
    market.gap(2_000)
    default = market.state.get(DEFAULTS, MAIN)
    assert default is not None
    post(
        market.state,
        debit=DEFAULT,
        credit=insurance_of(MAIN),
        asset="USD",
        amount_quantums=5_000 * USD,
    )

    found = offered(market.state, MAIN, default, market.time_ms)

    assert 0 > market.solvency(DEFAULT)
    assert found is not None
    assert [(BTC_PERP, 100)] == [(leg.instrument, leg.size_lots) for leg in found[0].legs]
