"""OPTI-001 to OPTI-004: an option without its strike, date or price paid is noticed."""

from typing import Any

import pytest

from chain.kit import AnyTable, Broken, replace
from derivatives.instruments.state import EXPIRIES, STRIKES, Strike
from derivatives.options.invariants import INVARIANTS
from derivatives.positions.state import POSITIONS
from tests.given_dated import FUTURE
from tests.given_market import USD, account_of
from tests.given_options import CALL, Optioned


def look_at_all(market: Optioned) -> None:
    for invariant in INVARIANTS:
        invariant(market.state)


def traded() -> Optioned:
    market = Optioned()
    for name in ("alice", "bob"):
        market.deposit(name, 100_000 * USD)
    market.trade("alice", "bob", 10, 400, CALL, taker="")
    return market


def test_a_listed_and_traded_option_is_sound() -> None:
    look_at_all(traded())


@pytest.mark.parametrize(
    ("table", "key", "record"),
    [
        (STRIKES, CALL, None),
        (STRIKES, CALL, Strike(0)),
        (STRIKES, FUTURE, Strike(1)),
        (EXPIRIES, CALL, None),
    ],
)
def test_terms_that_cannot_be_are_noticed(table: AnyTable, key: str, record: Any) -> None:
    market = traded()
    if record is None:
        market.state.delete(table, key)
    else:
        market.state.put(table, key, record)

    with pytest.raises(Broken):
        look_at_all(market)


def test_another_window_is_noticed() -> None:
    market = traded()
    market.state.put(EXPIRIES, CALL, replace(market.expiry, window_ms=60_000))

    with pytest.raises(Broken):
        look_at_all(market)


def test_an_entry_is_noticed() -> None:
    market = traded()
    held = market.state.get(POSITIONS, (account_of("alice"), CALL))
    assert held is not None
    market.state.put(POSITIONS, (account_of("alice"), CALL), replace(held, entry_value_quantums=1))

    with pytest.raises(Broken):
        look_at_all(market)
