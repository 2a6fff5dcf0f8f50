"""MARG-018: an account as the kernel takes it."""

from derivatives.accounts.state import ACCOUNTS
from derivatives.margin.book.market import FUNDING_MAX_E18, Market
from derivatives.margin.book.reading import (
    IS_FLAGGED,
    IS_LIVE,
    IS_PLAIN,
    IS_STALE,
    IS_WARNED,
    Packed,
    Reading,
    is_watched,
    reading_of,
)
from derivatives.margin.state import WARNINGS, Warned
from derivatives.positions.state import POSITIONS, Position
from tests.given_margin import Margined
from tests.given_market import BTC_PERP, ETH_PERP, UNIT_E8, USD, account_of

ALICE = account_of("alice")


def _market() -> Margined:
    market = Margined()
    for name in ("alice", "bob"):
        market.deposit(name, 50_000 * USD)
    return market


def _read(market: Margined) -> Reading:
    record = market.state.get(ACCOUNTS, ALICE)
    assert record is not None
    return reading_of(market.state, ALICE, record, Market(market.state, "main", "standard"))


def test_positions_and_collateral_of_a_family_stand_together() -> None:
    market = _market()
    market.deposit("alice", UNIT_E8, "BTC")
    market.trade("alice", "bob", 10, 64_000, ETH_PERP, taker="")
    market.trade("bob", "alice", 20, 128_000, BTC_PERP, taker="")
    entry = 20 * 128_000 * 500

    found = _read(market)

    bitcoin = [Packed(0, -20, -entry, 0, 0), Packed(2, 0, UNIT_E8, 0, 0)]
    assert (
        Reading(
            50_000 * USD,
            IS_LIVE | IS_STALE,
            [*bitcoin, Packed(1, 10, 10 * 64_000 * 500, 0, 0)],
        )
        == found
    )


def test_what_is_stored_of_how_it_stands_is_told() -> None:
    market = _market()
    market.trade("alice", "bob", 10, 64_000, ETH_PERP, taker="")
    market.state.put(WARNINGS, ALICE, Warned(1))

    assert IS_LIVE | IS_STALE | IS_WARNED == _read(market).flags
    assert not IS_FLAGGED & _read(market).flags


def test_funding_index_beyond_120_bits_is_for_others_to_answer() -> None:
    market = _market()
    market.trade("alice", "bob", 10, 64_000, ETH_PERP, taker="")
    market.state.put(POSITIONS, (ALICE, ETH_PERP), Position(10, 1, -FUNDING_MAX_E18))

    assert IS_PLAIN & _read(market).flags


def test_negative_funding_index_is_in_two_halves() -> None:
    market = _market()
    market.trade("alice", "bob", 10, 64_000, ETH_PERP, taker="")
    market.state.put(POSITIONS, (ALICE, ETH_PERP), Position(10, 1, -5))

    assert [Packed(0, 10, 1, 2**64 - 5, -1)] == _read(market).held


def test_account_is_watched_for_positions_debt_or_a_warning() -> None:
    market = _market()
    record = market.state.get(ACCOUNTS, ALICE)

    assert not is_watched(market.state, ALICE, record)
    market.state.put(WARNINGS, ALICE, Warned(1))
    assert is_watched(market.state, ALICE, record)
    assert is_watched(market.state, ALICE, None)
