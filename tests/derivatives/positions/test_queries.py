"""POSN-020: a position is reported with its entry price and its profit."""

from derivatives.positions.queries import (
    PositionReport,
    PositionReports,
    position_report,
    position_reports,
)
from tests.given_market import BTC_PERP, ETH_PERP, UNIT_E8, USD, Market, account_of
from tests.given_options import CALL, Optioned

ALICE, BOB = account_of("alice"), account_of("bob")


def test_profit_is_at_the_mark_for_long_and_short() -> None:
    market = Market()
    for name in ("alice", "bob"):
        market.deposit(name, 1_000 * USD)
    market.trade("alice", "bob", 3, 128_000)
    market.trade("alice", "bob", 1, 128_003)
    market.price("BTC", 64_100 * UNIT_E8)
    market.block()

    reports = [position_report(market.state, account, BTC_PERP) for account in (ALICE, BOB)]

    # 4 lots cost 256.0015 USD: 128,000.75 ticks a lot; at 128,200 ticks they are 256.4 USD.
    entry, profit = 256_001_500, 398_500
    assert [
        PositionReport(ALICE, BTC_PERP, 4, entry, 128_001, 128_200, profit),
        PositionReport(BOB, BTC_PERP, -4, -entry, 128_001, 128_200, -profit),
    ] == reports


def test_flat_account_reports_nothing() -> None:
    market = Market()

    assert PositionReports(()) == position_reports(market.state, ALICE)
    assert PositionReport(ALICE, BTC_PERP, 0, 0, 0, 0, 0) == position_report(
        market.state, ALICE, BTC_PERP
    )


def test_every_position_is_reported_by_instrument() -> None:
    market = Market()
    for name in ("alice", "bob"):
        market.deposit(name, 1_000 * USD)
    market.trade("alice", "bob", 1, 64_000, ETH_PERP)
    market.trade("alice", "bob", 1, 128_000)

    reports = position_reports(market.state, ALICE).positions

    assert [BTC_PERP, ETH_PERP] == [report.instrument for report in reports]


def test_an_option_is_reported_at_the_premium_that_was_paid() -> None:
    # OPTI-007: ten lots at 400 ticks and ten at 402 cost 4.01 USD; the call is worth 267 ticks.
    market = Optioned()
    for name in ("alice", "bob"):
        market.deposit(name, 1_000 * USD)
    market.trade("alice", "bob", 10, 400, CALL, taker="")
    market.trade("alice", "bob", 10, 402, CALL, taker="")

    reports = [position_report(market.state, account, CALL) for account in (ALICE, BOB)]

    mark = reports[0].mark_price_ticks
    profit = 20 * mark * 500 - 4_010_000
    assert [
        PositionReport(ALICE, CALL, 20, 4_010_000, 401, mark, profit),
        PositionReport(BOB, CALL, -20, -4_010_000, 401, mark, -profit),
    ] == reports
