"""PERP-010 to PERP-034: indices move with time, hours end, dust goes to insurance."""

from chain.kit import replace
from derivatives.ids import funding_house_of, insurance_of
from derivatives.marks.state import MARKS
from derivatives.orders.state import SIDE_BUY, SIDE_SELL
from derivatives.perpetuals.events import FundingRateFixed
from derivatives.perpetuals.hooks import hour_of, record_premium, sample_premiums
from derivatives.perpetuals.rate import movement_e18
from derivatives.perpetuals.state import FUNDING, SAMPLES, Funding, Samples
from tests.given_market import BTC_PERP, HOUR_MS, USD, Market

LOT_VALUE = 64_000_000


def funding_of(market: Market) -> Funding:
    funding = market.state.get(FUNDING, BTC_PERP)
    assert funding is not None
    return funding


def with_rate(market: Market, rate_8h_e9: int) -> Market:
    market.state.put(FUNDING, BTC_PERP, replace(funding_of(market), rate_8h_e9=rate_8h_e9))
    return market


def rates_told(events: list[object]) -> list[object]:
    return [e for e in events if isinstance(e, FundingRateFixed) and e.instrument == BTC_PERP]


def test_nothing_accrues_before_the_first_mark() -> None:
    market = Market()
    market.state.delete(MARKS, BTC_PERP)
    market.state.delete(FUNDING, BTC_PERP)

    market.block(7 * HOUR_MS)

    assert Funding(0, 0, hour_of(market.time_ms), 0) == funding_of(market)


def test_index_moves_with_the_time_elapsed() -> None:
    market = with_rate(Market(), 800_000)

    market.block(1_000)
    market.block(250)

    moved = movement_e18(800_000, LOT_VALUE, 1_000) + movement_e18(800_000, LOT_VALUE, 250)
    assert moved == funding_of(market).index_e18 > 0


def test_part_of_a_block_before_the_hour_is_at_the_old_rate() -> None:
    market = with_rate(Market(), 800_000)
    market.block(HOUR_MS - 400)
    before_e18 = funding_of(market).index_e18

    told = rates_told(market.block(1_000))

    # No premiums: the mean is zero and the rate is the interest.
    old = movement_e18(800_000, LOT_VALUE, 400)
    new = movement_e18(100_000, LOT_VALUE, 600)
    assert before_e18 + old + new == funding_of(market).index_e18
    assert [FundingRateFixed(BTC_PERP, hour_of(market.time_ms), 0, 0, 100_000, 0)] == told


def test_premiums_of_an_hour_make_the_rate_of_the_next_and_of_no_later_one() -> None:
    market = Market()
    hour_ms = funding_of(market).hour_start_ms
    for minute in range(60):
        market.state.put(SAMPLES, (BTC_PERP, minute), Samples(hour_ms, (5_000_000,) * 60))

    first = rates_told(market.block(HOUR_MS))
    second = rates_told(market.block(HOUR_MS))

    assert [FundingRateFixed(BTC_PERP, hour_ms + HOUR_MS, 3_600, 5_000_000, 4_500_000, 0)] == first
    assert [FundingRateFixed(BTC_PERP, hour_ms + 2 * HOUR_MS, 0, 0, 100_000, 0)] == second


def test_hours_without_a_block_are_at_the_rate_of_no_premium() -> None:
    market = with_rate(Market(), 800_000)
    hour_ms = funding_of(market).hour_start_ms
    for minute in range(60):
        market.state.put(SAMPLES, (BTC_PERP, minute), Samples(hour_ms, (5_000_000,) * 60))

    market.block(5 * HOUR_MS + 7)

    moved = (
        movement_e18(800_000, LOT_VALUE, HOUR_MS)
        + movement_e18(4_500_000, LOT_VALUE, HOUR_MS)
        + movement_e18(100_000, LOT_VALUE, 3 * HOUR_MS + 7)
    )
    assert Funding(moved, 100_000, hour_ms + 5 * HOUR_MS, 0) == funding_of(market)


def test_whole_quantums_of_dust_go_to_insurance_on_the_hour() -> None:
    market = Market()
    for name in ("alice", "bob"):
        market.deposit(name, 1_000 * USD)
    market.trade("alice", "bob", 10, 128_000, taker="")
    for index_e18 in (10**17 + 1, 2 * 10**17 + 7):
        market.state.put(FUNDING, BTC_PERP, replace(funding_of(market), index_e18=index_e18))
        market.trade("alice", "bob", 1, 128_000, taker="")
    dust_e18 = funding_of(market).dust_e18

    market.block(HOUR_MS)

    assert dust_e18 >= 10**18
    assert dust_e18 % 10**18 == funding_of(market).dust_e18
    assert dust_e18 // 10**18 == market.cash(insurance_of("main"))
    market.settled()


def test_samples_of_a_minute_gather_and_begin_anew_in_the_next_hour() -> None:
    market = Market()
    hour_ms = hour_of(market.time_ms)
    key = (BTC_PERP, 5)

    record_premium(market.state, BTC_PERP, 7, hour_ms + 5 * 60_000)
    record_premium(market.state, BTC_PERP, 8, hour_ms + 5 * 60_000 + 59_999)
    gathered = market.state.get(SAMPLES, key)
    record_premium(market.state, BTC_PERP, 9, hour_ms + HOUR_MS + 5 * 60_000)
    anew = market.state.get(SAMPLES, key)

    assert (Samples(hour_ms, (7, 8)), Samples(hour_ms + HOUR_MS, (9,))) == (gathered, anew)


def test_dust_stays_with_the_funding_house_within_the_hour() -> None:
    market = Market()
    for name in ("alice", "bob"):
        market.deposit(name, 1_000 * USD)
    market.trade("alice", "bob", 1, 128_000, taker="")
    market.state.put(FUNDING, BTC_PERP, replace(funding_of(market), index_e18=10**17))
    market.trade("alice", "bob", 1, 128_000, taker="")

    market.block(1_000)

    assert 1 == market.cash(funding_house_of(BTC_PERP))
    market.settled()


def samples_of(market: Market) -> list[Samples]:
    return [samples for _, samples in market.state.scan(SAMPLES, (BTC_PERP,))]


def test_premium_is_sampled_in_the_first_block_of_each_second() -> None:
    market = Market()
    hour_ms = hour_of(market.time_ms)
    market.rest(SIDE_BUY, 128_128, 5_000)
    market.rest(SIDE_SELL, 128_400, 5_000)
    market.block(2_000)
    for _ in range(8):
        market.block(250)
        sample_premiums(market.block_context())

    # The bid stands 0.1 % above the index; of eight quarters two begin a second.
    assert [Samples(hour_ms, (1_000_000, 1_000_000))] == samples_of(market)


def test_book_around_its_index_leaves_the_slot_empty() -> None:
    market = Market()
    market.rest(SIDE_BUY, 127_900, 5_000)
    market.rest(SIDE_SELL, 128_100, 5_000)
    for _ in range(4):
        market.block(1_000)
        sample_premiums(market.block_context())

    assert [] == samples_of(market)


def test_order_makes_a_premium_from_two_seconds_and_blocks_on() -> None:
    market = Market()
    for _ in range(3):
        market.rest(SIDE_BUY, 129_000, 5_000)
        market.block(1_000)
        sample_premiums(market.block_context())

    assert [Samples(hour_of(market.time_ms), (7_812_500, 7_812_500))] == samples_of(market)
