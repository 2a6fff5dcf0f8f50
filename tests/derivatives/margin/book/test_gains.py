"""INS-020, MARG-018: what is kept of accounts says who gained what reading each of them says."""

import random

import pytest

from derivatives.insurance.waterfall import gain_of
from derivatives.margin.book import packed
from derivatives.margin.book.gains import holders_of
from derivatives.margin.kernel.level import kernel
from derivatives.margin.sweep import maintained
from derivatives.positions.state import HOLDINGS, POSITIONS
from tests.given_insurance import MAIN, Insured
from tests.given_market import BTC_PERP, ETH_PERP, UNIT_E8, USD, account_of

pytestmark = pytest.mark.skipif(kernel is None, reason="no kernel of this revision is built")

NAMES = ("alice", "bob", "carol", "dave")


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    packed._KEPT.clear()


def _market() -> Insured:
    market = Insured()
    for name in NAMES:
        market.deposit(name, 1_000_000 * USD)
    return market


def _one_by_one(market: Insured) -> tuple[dict[str, int], dict[str, object], int]:
    """Return gains, standing and the count of positions, of every holder by itself."""
    context = market.block_context()
    holders = [str(key) for key, _ in market.state.scan(HOLDINGS)]
    standing = dict(zip(holders, maintained(market.state, holders), strict=True))
    gains = {
        name: gain
        for name, one in standing.items()
        if (gain := gain_of(market.state, context.before(), name, one.solvency_quantums))
    }
    return gains, {**standing}, sum(1 for _ in market.state.scan(POSITIONS))


@pytest.mark.parametrize("seed", range(6))
def test_book_and_each_account_agree_on_who_gained_and_how_all_stand(seed: int) -> None:
    dice = random.Random(seed)
    market = _market()
    gained = 0
    for _ in range(8):
        for _ in range(dice.randrange(4)):
            buyer, seller = dice.sample(NAMES, 2)
            name, ticks = dice.choice(((BTC_PERP, 128_000), (ETH_PERP, 64_000)))
            market.trade(buyer, seller, dice.randrange(1, 200), ticks, name, taker="")
        market.gap(
            dice.choice((500, 3_600_000)),
            BTC=dice.randrange(60_000, 68_000) * UNIT_E8,
            ETH=dice.randrange(3_000, 3_400) * UNIT_E8,
        )

        found = holders_of(market.block_context(), MAIN)

        assert found is not None
        assert [] == found.declined
        gains, standing, positions_count = _one_by_one(market)
        assert gains == found.gains_quantums()
        assert standing == found.standing()
        assert positions_count == found.positions_count
        gained += len(gains)
    assert 0 < gained


def test_account_whose_numbers_are_too_wide_is_left_to_whoever_asks() -> None:
    market = _market()
    market.trade("alice", "bob", 10, 128_000, taker="")
    market.gap()
    key = (account_of("alice"), BTC_PERP)
    position = market.state.get(POSITIONS, key)
    assert position is not None
    wide = type(position)(position.size_lots, position.entry_value_quantums, 2**120)
    market.state.put(POSITIONS, key, wide)

    found = holders_of(market.block_context(), MAIN)

    assert found is not None
    assert [account_of("alice")] == found.declined
    assert [account_of("bob")] == [*found.standing()]
    assert 1 == found.positions_count


def test_without_a_kernel_nobody_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "kernel", None)

    assert holders_of(_market().block_context(), MAIN) is None
