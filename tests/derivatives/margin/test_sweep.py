"""MARG-075: many accounts at once stand exactly as each of them alone."""

from hypothesis import given, settings
from hypothesis import strategies as st

from chain.kit import replace
from derivatives.accounts.state import ACCOUNTS
from derivatives.margin.sweep import maintained
from tests.given_margin import Margined
from tests.given_market import BTC_PERP, ETH_PERP, UNIT_E8, USD, account_of

NAMES = ("alice", "bob", "carol")
TRADES = st.lists(
    st.tuples(
        st.permutations(NAMES),
        st.integers(1, 500),
        st.sampled_from(((BTC_PERP, 128_000), (ETH_PERP, 64_000))),
    ),
    max_size=5,
)


@given(TRADES, st.integers(0, 3 * UNIT_E8), st.integers(0, 3))
@settings(deadline=None, max_examples=30)
def test_many_at_once_stand_as_each_alone(
    trades: list[tuple[list[str], int, tuple[str, int]]], bitcoin: int, under: int
) -> None:
    market = Margined()
    for name in NAMES:
        market.deposit(name, 50_000 * USD)
    if bitcoin:
        market.deposit("bob", bitcoin, "BTC")
    for names, lots, (instrument_id, ticks) in trades:
        market.trade(names[0], names[1], lots, ticks, instrument_id, taker="")
    accounts = [account_of(name) for name in NAMES]
    for account in accounts[:under]:
        record = market.state.get(ACCOUNTS, account)
        assert record is not None
        market.state.put(ACCOUNTS, account, replace(record, schedule="portfolio"))

    for name, swept in zip(NAMES, maintained(market.state, accounts), strict=True):
        alone = market.health(name)
        assert alone.maintenance_quantums == swept.maintenance_quantums
        assert alone.risk_quantums == swept.risk_quantums
        assert alone.equity_quantums == swept.equity_quantums
        assert alone.index_equity_quantums == swept.index_equity_quantums
        assert alone.solvency_quantums == swept.solvency_quantums


def test_nobody_is_nothing() -> None:
    assert [] == maintained(Margined().state, [])
