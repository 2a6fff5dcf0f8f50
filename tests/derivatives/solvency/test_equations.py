"""One number of the books moved without the other: the block finds it, and which equation."""

import pytest

from chain.kit import BlockContext, replace
from chain.modules.ledger.state import SUPPLIES, Supply
from derivatives.accounts.state import CUSTODY, Custody
from derivatives.perpetuals.state import FUNDING
from derivatives.positions.state import OPEN_INTEREST, POSITIONS, OpenInterest
from derivatives.solvency.equations import broken_in
from tests.given_insurance import Insured
from tests.given_market import BTC_PERP, account_of

USD = 10**6


def _market() -> Insured:
    market = Insured()
    for name in ("alice", "bob"):
        market.deposit(name, 10_000 * USD)
    market.trade("alice", "bob", 100, 128_000)
    market.gap()
    return market


def _entry(market: Insured, **changes: int) -> None:
    key = (account_of("alice"), BTC_PERP)
    held = market.state.get(POSITIONS, key)
    assert held is not None
    moved = {name: getattr(held, name) + value for name, value in changes.items()}
    market.state.put(POSITIONS, key, replace(held, **moved))


def _custody(market: Insured, change: int) -> None:
    held = market.state.get(CUSTODY, ("main", "USD"))
    assert held is not None
    market.state.put(CUSTODY, ("main", "USD"), Custody(held.amount_quantums + change))


def _supply(market: Insured, change: int) -> None:
    supply = market.state.get(SUPPLIES, "USD")
    assert supply is not None
    market.state.put(SUPPLIES, "USD", Supply(supply.supply_quantums + change))


def _dust(market: Insured, change: int) -> None:
    funding = market.state.get(FUNDING, BTC_PERP)
    assert funding is not None
    market.state.put(FUNDING, BTC_PERP, replace(funding, dust_e18=funding.dust_e18 + change))


def _broken(market: Insured) -> dict[str, str]:
    context: BlockContext = market.block_context()
    return broken_in(context)


def test_what_trades_and_pays_breaks_nothing() -> None:
    # SOLV-001
    market = _market()
    market.trade("bob", "alice", 250, 127_000)
    market.deposit("alice", 5)
    market.give_away("alice", 7)

    assert {} == _broken(market)


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"size_lots": 1}, "sizes_sum_to_zero"),
        ({"entry_value_quantums": 1}, "house_owes_what_positions_cost"),
        ({"funding_index_e18": 10**18}, "funding_sums_to_dust"),
    ],
)
def test_position_moved_alone_breaks_its_equation(change: dict[str, int], cause: str) -> None:
    # SOLV-002 to SOLV-004
    market = _market()

    _entry(market, **change)

    assert {"main": cause} == _broken(market)


def test_open_interest_dust_custody_and_supply_are_looked_at() -> None:
    # SOLV-003, SOLV-005, SOLV-006
    market = _market()
    mark = market.state.mark()
    found = []

    for spoil in (
        lambda: market.state.put(OPEN_INTEREST, BTC_PERP, OpenInterest(99)),
        lambda: _dust(market, 1),
        lambda: _custody(market, 1),
        lambda: _supply(market, 1),
    ):
        spoil()
        found.append(_broken(market)["main"])
        market.state.rollback(mark)

    assert [
        "open_interest_is_the_longs",
        "funding_sums_to_dust",
        "custody_is_what_holders_have",
        "balances_sum_to_supply",
    ] == found


def test_synthetic_that_is_owed_by_nobody_breaks_its_equation() -> None:
    # SOLV-008
    market = _market()

    market.fund("alice", 1, "sGOLD")

    assert {"main": "supply_is_what_is_owed"} == _broken(market)
