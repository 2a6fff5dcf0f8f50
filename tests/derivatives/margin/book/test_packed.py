"""MARG-018, MARG-019: what is kept of accounts says what reading all of them says."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chain.kit import replace
from chain.state.overlay import Overlay
from chain.state.tables import Tables
from derivatives.accounts.state import ACCOUNTS
from derivatives.margin.book import packed
from derivatives.margin.book.packed import standings, watched_in
from derivatives.margin.hooks import is_below, margin_accounts
from derivatives.margin.kernel.level import kernel
from derivatives.margin.state import WARNINGS
from derivatives.margin.sweep import Maintenance, maintained
from derivatives.solvency.confined import without
from tests import given_market
from tests.given_margin import Margined
from tests.given_market import BTC_PERP, ETH_PERP, UNIT_E8, USD, account_of

pytestmark = pytest.mark.skipif(kernel is None, reason="no kernel of this revision is built")

FUTURE = "BTC-26MAR27"
PRICES_USD = given_market.PRICES_USD | {FUTURE: 64_000}
NAMES = ("alice", "bob", "carol")
ALICE = account_of("alice")


@pytest.fixture(autouse=True, params=(1, packed.TOGETHER_COUNT))
def _nothing_kept(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin with no book; whoever is new is read one by one, or all together."""
    monkeypatch.setattr(packed, "TOGETHER_COUNT", request.param)
    packed._KEPT.clear()


class Chain(Margined):
    """A market whose blocks stand on any block before, and whose tables take some in."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: Tables = given_market.fresh_tables()
        self.open(self.tables)
        for feed, price_usd in PRICES_USD.items():
            self.price(feed, price_usd * UNIT_E8)
        super().block(0)
        for name in NAMES:
            self.deposit(name, 20_000 * USD)

    def open(self, parent: Tables | Overlay) -> None:
        """Begin a block on this state."""
        self.state = Overlay(parent)

    def seal(self) -> Overlay:
        """End the open block."""
        self.state.seal()
        return self.state

    def fold(self, block: Overlay) -> None:
        """Make a block final that stands on the tables."""
        self.tables.fold(block)


def _says(chain: Margined, account: str, health: Maintenance) -> bool:
    """Return whether step 5 has something to say of an account."""
    warned = chain.state.get(WARNINGS, account) is not None
    record = chain.state.get(ACCOUNTS, account)
    assert record is not None
    if health.solvency_quantums < 0 or warned != (
        health.equity_quantums < health.recovered_quantums
    ):
        return True
    return warned and is_below(health) and record.flagged_ms == 0


def _agrees(chain: Margined) -> None:
    """Hold what is kept against what reading everybody says."""
    accounts = watched_in(chain.state)
    every = dict(zip(accounts, maintained(chain.state, accounts), strict=True))
    expected = [(name, one) for name, one in every.items() if _says(chain, name, one)]

    assert expected == standings(chain.block_context())
    assert every == _figures(packed._KEPT[-1])


def _figures(book: packed.Book) -> dict[str, Maintenance]:
    return {
        account: slab.figures_of(slot)
        for _, slab in book._markets.values()
        for account, slot in slab.slots.items()
    }


def _act(chain: Chain, dice: random.Random) -> None:
    buyer, seller = dice.sample(NAMES, 2)
    traded = ((BTC_PERP, 128_000), (FUTURE, 128_000), (ETH_PERP, 64_000))
    instrument, ticks = dice.choice(traded)
    act = dice.randrange(7)
    if act <= 2:
        moved = ticks * dice.randrange(95, 106) // 100
        chain.trade(buyer, seller, dice.randrange(1, 900), moved, instrument, taker="")
    elif act == 3:
        chain.deposit(buyer, dice.randrange(1, 3 * UNIT_E8), dice.choice(("BTC", "ETH")))
    elif act == 4:
        chain.deposit(buyer, dice.randrange(1, 9_000 * USD))
    else:
        record = chain.state.get(ACCOUNTS, account_of(buyer))
        assert record is not None
        changed = replace(record, flagged_ms=dice.choice((0, chain.time_ms)))
        if act == 6:
            changed = replace(record, schedule=dice.choice(("standard", "portfolio")))
        chain.state.put(ACCOUNTS, account_of(buyer), changed)


def _prices(chain: Chain, dice: random.Random) -> None:
    for feed, price_usd in PRICES_USD.items():
        if dice.random() < 0.5:
            chain.price(feed, price_usd * UNIT_E8 * dice.randrange(70, 140) // 100)


@given(st.integers(0, 2**32))
@settings(deadline=None, max_examples=25)
def test_blocks_forks_and_proposals_given_up_leave_nothing_behind(seed: int) -> None:
    dice = random.Random(seed)
    packed._KEPT.clear()
    chain = Chain()
    blocks = [chain.seal()]
    for _ in range(14):
        chain.open(dice.choice(blocks[-4:]))
        _prices(chain, dice)
        Margined.block(chain)
        _agrees(chain)
        for _ in range(dice.randrange(4)):
            _act(chain, dice)
        if dice.random() < 0.3:
            _agrees(chain)
        if dice.random() < 0.7:
            blocks.append(chain.seal())
        if dice.random() < 0.4 and not blocks[0].is_folded:
            chain.fold(blocks[0])
            blocks = _standing_on(blocks)


def _standing_on(blocks: list[Overlay]) -> list[Overlay]:
    """Return the blocks that stand on the first, which has become final."""
    kept = [blocks[0]]
    for block in blocks[1:]:
        if any(block.parent is one for one in kept):
            kept.append(block)
    return kept[1:] or kept


def _trading() -> Chain:
    chain = Chain()
    chain.trade("alice", "bob", 1_000, 128_000, taker="")
    return chain


def test_who_holds_nothing_that_moved_is_not_looked_at_again() -> None:
    chain = _trading()
    chain.trade("bob", "carol", 500, 64_000, ETH_PERP, taker="")
    chain.open(chain.seal())
    margin_accounts(chain.block_context())
    chain.open(chain.seal())
    standings(chain.block_context())
    chain.price("ETH", 3_100 * UNIT_E8)
    given_market.Market.block(chain, 0)
    standings(chain.block_context())

    looked = sum(slab.looked_count for _, slab in packed._KEPT[-1]._markets.values())

    assert 2 == looked
    _agrees(chain)


def test_trade_in_what_is_held_reads_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    chain = _trading()
    margin_accounts(chain.block_context())
    chain.open(chain.seal())
    margin_accounts(chain.block_context())
    chain.trade("alice", "bob", 100, 128_000, taker="")
    chain.deposit("alice", 1_000 * USD)
    chain.open(chain.seal())
    monkeypatch.setattr(packed, "reading_of", lambda *_: pytest.fail("read whole"))

    _agrees(chain)


def test_state_that_was_read_ahead_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    chain = _trading()
    chain.fold(chain.seal())
    packed._KEPT.clear()
    packed.read_ahead(chain.tables)
    (ahead,) = packed._KEPT
    monkeypatch.setattr(packed, "reading_of", lambda *_: pytest.fail("read again"))
    monkeypatch.setattr(packed, "opened", lambda *_: pytest.fail("read again"))
    chain.open(chain.tables)

    _agrees(chain)

    assert [ahead] == packed._KEPT


def test_account_that_opens_what_nobody_held_and_changes_its_schedule_leaves_no_place() -> None:
    chain = _trading()
    chain.trade("alice", "carol", 10, 128_000, taker="")
    standings(chain.block_context())
    chain.open(chain.seal())

    chain.trade("alice", "bob", 10, 64_000, ETH_PERP, taker="")
    for name in ("alice", "bob"):
        record = chain.state.get(ACCOUNTS, account_of(name))
        assert record is not None
        chain.state.put(ACCOUNTS, account_of(name), replace(record, schedule="portfolio"))

    _agrees(chain)


def test_account_that_closes_everything_is_let_go() -> None:
    chain = _trading()
    _agrees(chain)
    chain.open(chain.seal())
    chain.trade("bob", "alice", 1_000, 128_000, taker="")

    _agrees(chain)

    assert {} == _figures(packed._KEPT[-1])


def test_what_does_not_fit_the_kernel_is_answered_all_the_same() -> None:
    chain = _trading()
    chain.price("BTC", 2**61)
    chain.with_terms(taker_fee_ppm=2**50)
    given_market.Market.block(chain)
    accounts = watched_in(chain.state)
    every = [*zip(accounts, maintained(chain.state, accounts), strict=True)]

    assert every == standings(chain.block_context())


def test_hidden_compartment_is_passed_over_and_found_again() -> None:
    chain = _trading()
    chain.price("BTC", 45_000 * UNIT_E8)
    given_market.Market.block(chain)
    context = chain.block_context()
    context.state = without(chain.state, ("main",))

    assert [] == standings(context)
    assert [ALICE] == [account for account, _ in standings(chain.block_context())]


def test_state_that_remembers_nothing_is_read_whole() -> None:
    chain = _trading()
    context = chain.block_context()
    context.state = _Forgetful(chain.state)  # type: ignore[assignment]
    packed._KEPT.clear()

    assert watched_in(chain.state) == [account for account, _ in standings(context)]
    assert [] == packed._KEPT


class _Forgetful:
    """A state without a trail."""

    def __init__(self, state: Overlay) -> None:
        self.get, self.scan = state.get, state.scan

    def trail(self) -> tuple[()]:
        return ()
