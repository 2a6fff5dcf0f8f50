"""MARG-018: many accounts read together are what each of them is."""

import random

from chain.kit import replace
from derivatives.accounts.state import ACCOUNTS
from derivatives.margin.book.market import Market
from derivatives.margin.book.opening import Opened, found_at, opened
from derivatives.margin.book.reading import Packed, Reading, reading_of
from derivatives.margin.state import WARNINGS, Warned
from derivatives.positions.state import HOLDINGS, POSITIONS
from tests.given_margin import Margined
from tests.given_market import BTC_PERP, ETH_PERP, UNIT_E8, USD, account_of

HOME = ("main", "standard")
NAMES = tuple(f"trader{number}" for number in range(12))
ACCOUNTS_HELD = [account_of(name) for name in NAMES]


def _market(seed: int) -> Margined:
    market = Margined()
    dice = random.Random(seed)
    for name in (*NAMES, "idle"):
        market.fund(name, 1_000_000 * USD)
        market.fund(name, UNIT_E8, "BTC")
        market.deposit(name, 1_000_000 * USD)
    for _ in range(20):
        buyer, seller = dice.sample(NAMES, 2)
        instrument, ticks = dice.choice(((BTC_PERP, 128_000), (ETH_PERP, 64_000)))
        market.trade(buyer, seller, dice.randrange(1, 50), ticks, instrument, taker="")
    return market


def _readings(one: Opened) -> dict[str, Reading]:
    """Return columns as one reading of each account."""
    readings = {}
    rows = zip(one.places, one.sizes, one.entries, one.funding_lows, one.funding_highs, strict=True)
    for name, cash, flags, count in zip(
        one.names, one.cash_quantums, one.flags, one.counts, strict=True
    ):
        readings[name] = Reading(cash, flags, [Packed(*next(rows)) for _ in range(count)])
    return readings


def test_columns_are_what_each_account_reads() -> None:
    for seed in range(5):
        market = _market(seed)
        state = market.state
        flagged = state.get(ACCOUNTS, ACCOUNTS_HELD[0])
        assert flagged is not None
        state.put(ACCOUNTS, ACCOUNTS_HELD[0], replace(flagged, flagged_ms=7))
        state.put(WARNINGS, ACCOUNTS_HELD[1], Warned(5))
        packed = Market(state, *HOME)

        (columns,) = opened(state, packed, found_at(state, ACCOUNTS_HELD)[HOME])

        held = [name for name in ACCOUNTS_HELD if state.get(HOLDINGS, name) is not None]
        expected = {}
        for name in held:
            record = state.get(ACCOUNTS, name)
            assert record is not None
            expected[name] = reading_of(state, name, record, packed)
        assert expected == _readings(columns)
        assert held == columns.names


def test_who_has_collateral_or_no_position_is_left_out() -> None:
    market = _market(1)
    market.deposit(NAMES[2], UNIT_E8, "BTC")
    names = [*ACCOUNTS_HELD, account_of("idle"), account_of("nobody")]

    columns = list(
        opened(market.state, Market(market.state, *HOME), found_at(market.state, names)[HOME])
    )

    assert ACCOUNTS_HELD[2] not in columns[0].names
    assert not {account_of("idle"), account_of("nobody")} & {*columns[0].names}


def test_positions_that_the_kernel_cannot_take_leave_all_read_beside_them_out() -> None:
    market = _market(2)
    key = next(iter(market.state.scan(POSITIONS)))[0]
    position = market.state.get(POSITIONS, key)
    assert position is not None
    market.state.put(POSITIONS, key, replace(position, funding_index_e18=2**120))

    found = found_at(market.state, ACCOUNTS_HELD)[HOME]

    assert [] == list(opened(market.state, Market(market.state, *HOME), found))
