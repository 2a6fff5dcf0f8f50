"""Random books and gaps: every loss is paid in its block, exactly, by whom the rules say."""

from hypothesis import given, settings
from hypothesis import strategies as st

from chain.kit import Refusal
from derivatives.insurance.events import GainCut, LossAllocated, LossShared
from derivatives.insurance.state import SHORTFALLS
from tests.given_insurance import DEFAULT, MAIN, Insured
from tests.given_market import BTC_PERP, ETH_PERP, account_of

USD = 10**6
E8 = 10**8
NAMES = ("alice", "bob", "carol", "dave")

TRADES = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from(NAMES),
        st.integers(1, 4_000),
        st.sampled_from((BTC_PERP, ETH_PERP)),
    ),
    max_size=6,
)
MOVES_PPM = st.one_of(st.integers(-600_000, 600_000), st.integers(-20_000, 20_000))


@settings(deadline=None, max_examples=60)
@given(
    cash=st.lists(st.integers(0, 20_000), min_size=4, max_size=4),
    coins=st.lists(st.integers(0, 2 * E8), min_size=4, max_size=4),
    trades=TRADES,
    moves=st.lists(st.tuples(MOVES_PPM, MOVES_PPM, st.booleans()), min_size=1, max_size=3),
    insurance=st.sampled_from((0, 1_000 * USD, 10**6 * USD)),
    default_fund=st.sampled_from((0, 77, 5_000 * USD)),
)
def test_every_loss_is_paid_in_its_block_and_nobody_falls_below_zero(
    *,
    cash: list[int],
    coins: list[int],
    trades: list[tuple[str, str, int, str]],
    moves: list[tuple[int, int, bool]],
    insurance: int,
    default_fund: int,
) -> None:
    # INS-001, INS-020, INS-022, INS-030, INS-036
    market = Insured(insurance, default_fund)
    for name, dollars, amount in zip(NAMES, cash, coins, strict=True):
        market.deposit(name, dollars * USD + 1)
        if amount:
            market.deposit(name, amount, "BTC")
    for buyer, seller, lots, instrument in trades:
        if buyer != seller:
            _trade(market, buyer, seller, lots, instrument)
    before = {asset: market.total(asset) for asset in ("USD", "BTC")}
    prices = {"BTC": 64_000 * E8, "ETH": 3_200 * E8}

    for btc_ppm, eth_ppm, slowly in moves:
        prices["BTC"] = max(E8, prices["BTC"] * (10**6 + btc_ppm) // 10**6)
        prices["ETH"] = max(E8, prices["ETH"] * (10**6 + eth_ppm) // 10**6)
        idle = [name for name in NAMES if not market.holds_positions(name)]
        had = {name: market.cash(name) for name in idle}
        events = market.gap(3_700_000 if slowly else 500, **prices)

        assert before == {asset: market.total(asset) for asset in before}
        assert all(market.solvency(name) >= 0 for name in NAMES)
        _allocations_add_up(events)
        for name in idle:
            if market.solvency(name) and had[name] >= 0:
                assert had[name] == market.cash(name)
        shortfall = market.state.get(SHORTFALLS, MAIN)
        owed = 0 if shortfall is None else shortfall.debt_quantums
        assert 0 <= -owed - market.solvency(DEFAULT) < 2 * 4 + 1
    market.close()


def _trade(market: Insured, buyer: str, seller: str, lots: int, name: str) -> None:
    """Trade where margin lets both, as a fill would."""
    price = 128_000 if name == BTC_PERP else 64_000
    mark = market.state.mark()
    try:
        market.trade(buyer, seller, lots, price, name, taker="")
        market.touch(buyer, seller, mark=mark)
    except Refusal:
        market.state.rollback(mark)


def _allocations_add_up(events: list[object]) -> None:
    for allocated in (e for e in events if isinstance(e, LossAllocated)):
        cuts = [e.cut_quantums for e in events if isinstance(e, GainCut)]
        shares = [e.share_quantums for e in events if isinstance(e, LossShared)]
        assert allocated.cut_quantums == sum(cuts)
        assert allocated.shared_quantums == sum(shares)
        assert allocated.loss_quantums == (
            allocated.insurance_quantums
            + allocated.default_fund_quantums
            + allocated.cut_quantums
            - allocated.excess_quantums
            + allocated.shared_quantums
            + allocated.carried_quantums
            + allocated.owed_quantums
        )
        assert 0 <= allocated.excess_quantums < max(1, len(cuts))


def test_account_with_collateral_alone_pays_what_it_owes_with_it() -> None:
    # INS-004: 1 bitcoin against 40,000 of debt, when bitcoin falls to 30,000.
    market = Insured(10**6 * USD)
    market.deposit("alice", 1)
    market.deposit("alice", E8, "BTC")
    market.give_away("alice", 40_000 * USD + 1)
    market.owes("alice")

    market.gap(BTC=30_000 * E8)

    assert 0 == market.cash("alice")
    assert 0 == market.solvency(DEFAULT)
    assert E8 == market.holds(DEFAULT, "BTC")
    assert account_of("alice") != DEFAULT
