"""What agents see in their tests: one market, one account, and changes to them."""

from typing import Any

from node.agents.seen import AccountSeen, MarketSeen, Seen

TIME_MS = 1_800_000_000_000
USD = 10**6
MARKET = MarketSeen(
    instrument="BTC-PERP",
    tick_size_e8=50_000_000,
    lot_size_e8=100_000,
    tick_value_quantums=500,
    taker_fee_ppm=300,
    index_price_e8=64_000 * 10**8,
    mark_price_ticks=128_100,
    is_open=True,
    may_reduce=True,
    bids=(),
    asks=(),
)
ACCOUNT = AccountSeen(
    equity_quantums=500_000 * USD,
    initial_margin_quantums=0,
    collateral_quantums={},
    positions_lots={},
    orders=(),
    dead_man_ms=0,
)


def seen(
    account: AccountSeen | None = ACCOUNT, market: MarketSeen | None = MARKET, **more: Any
) -> Seen:
    markets = {} if market is None else {market.instrument: market}
    return Seen(height=9, time_ms=TIME_MS, account=account, markets=markets, **more)
