"""TRAD-030 to TRAD-038: what an account may be filled by."""

from typing import Any

from chain.kit import replace
from derivatives.accounts.state import ACCOUNTS, COMPARTMENTS, MODE_ISOLATED
from derivatives.instruments.state import (
    TRADING,
    TRADING_HALTED,
    TRADING_OPEN,
    TRADING_REDUCE_ONLY,
    Trading,
)
from derivatives.positions.state import POSITIONS
from derivatives.trades.limits import (
    POSITION_VALUE_QUANTUMS_MAX,
    fit_refusal,
    growth_refusal,
    is_reduction,
    long_growth,
)
from tests.given_market import BTC_PERP, ETH_PERP, USD, Market, account_of

ALICE = account_of("alice")
LOT_VALUE = 64_000_000


def holding() -> Market:
    """Alice is long ten lots of bitcoin, bob short."""
    market = Market()
    for name in ("alice", "bob"):
        market.deposit(name, 1_000 * USD)
    market.trade("alice", "bob", 10, 128_000)
    return market


def slug(market: Market, size_lots: int, instrument: str = BTC_PERP, name: str = "alice") -> str:
    refusal = fit_refusal(
        market.state, account_of(name), instrument, market.terms(instrument), size_lots
    )
    return "" if refusal is None else refusal.reason.slug.removeprefix("trades.")


def with_compartment(market: Market, **changes: Any) -> Market:
    terms = market.state.get(COMPARTMENTS, "main")
    assert terms is not None
    market.state.put(COMPARTMENTS, "main", replace(terms, **changes))
    return market


def test_fill_that_fits_is_not_refused() -> None:
    assert ["", "", ""] == [slug(holding(), size) for size in (1, -10, -11)]


def test_nothing_trades_while_halted() -> None:
    market = holding()
    market.state.put(TRADING, BTC_PERP, Trading(TRADING_HALTED, 0, 0))

    assert ["reducing_forbidden"] * 2 == [slug(market, size) for size in (1, -1)]


def test_reduce_only_lets_nothing_grow_and_nothing_flip() -> None:
    market = holding()
    market.state.put(TRADING, BTC_PERP, Trading(TRADING_REDUCE_ONLY, 0, 0))

    assert ["opening_forbidden", "", "opening_forbidden"] == [
        slug(market, size) for size in (1, -10, -11)
    ]


def test_account_trades_in_its_own_compartment() -> None:
    market = holding()
    record = market.state.get(ACCOUNTS, ALICE)
    assert record is not None
    market.state.put(ACCOUNTS, ALICE, replace(record, compartment="elsewhere"))

    assert ["compartment_differs", ""] == [slug(market, 1), slug(market, -1)]


def test_position_is_worth_at_most_what_margin_can_reckon_with() -> None:
    market = holding()
    most = POSITION_VALUE_QUANTUMS_MAX // LOT_VALUE

    assert ["", "position_too_large"] == [slug(market, most - 10), slug(market, most - 9)]
    assert ["", "position_too_large"] == [slug(market, -most - 10), slug(market, -most - 11)]


def test_isolated_account_holds_one_instrument() -> None:
    market = holding()
    record = market.state.get(ACCOUNTS, ALICE)
    assert record is not None
    market.state.put(ACCOUNTS, ALICE, replace(record, mode=MODE_ISOLATED))

    assert ["", "account_isolated"] == [slug(market, 1), slug(market, 1, ETH_PERP)]


def test_account_holds_so_many_instruments() -> None:
    market = with_compartment(holding(), account_positions_max_count=1)

    assert ["", "positions_too_many"] == [slug(market, 1), slug(market, 1, ETH_PERP)]


def test_compartment_has_positions_of_so_many_accounts() -> None:
    market = with_compartment(holding(), accounts_max_count=2)

    assert ["", "accounts_too_many"] == [slug(market, 1, ETH_PERP), slug(market, 1, name="carol")]


def test_open_interest_may_not_grow_beyond_its_cap() -> None:
    market = holding()
    market.with_terms(open_interest_cap_lots=12)

    def of(buyer: str, seller: str, size_lots: int) -> bool:
        growth_lots = sum(
            long_growth(market.state.get(POSITIONS, (account_of(name), BTC_PERP)), lots)
            for name, lots in ((buyer, size_lots), (seller, -size_lots))
        )
        refusal = growth_refusal(market.state, BTC_PERP, market.terms(), growth_lots)
        return refusal is not None

    assert [False, True] == [of("alice", "bob", 2), of("alice", "bob", 3)]
    # From one long to another, or between those who close, nothing grows.
    assert [False, False] == [of("carol", "alice", 10), of("bob", "alice", 10)]
    assert [False, True] == [of("carol", "alice", 12), of("carol", "alice", 13)]


def test_reduction_ends_at_zero() -> None:
    sizes = [(5, -5), (5, -6), (-5, 5), (-5, 6), (5, 1), (0, 1)]

    assert [True, False, True, False, False, False] == [is_reduction(*size) for size in sizes]


def test_nobody_comes_to_be_long_of_a_synthetic() -> None:
    # SYN-003: what there is of it was minted, and only a debt passes on.
    market = holding()
    market.price("GOLD", 4_000 * 10**8)
    market.state.put(TRADING, "sGOLD", Trading(TRADING_OPEN, 0, 0))
    market.block()

    assert "synthetics.not_traded" == slug(market, 1, "sGOLD")
    assert "" == slug(market, -1, "sGOLD")
