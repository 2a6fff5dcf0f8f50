from derivatives.instruments.terms import trading_state
from derivatives.positions.state import OPEN_INTEREST, OpenInterest
from derivatives.solvency.events import CompartmentFrozen
from derivatives.solvency.hooks import hold_equations
from tests.given_insurance import Insured
from tests.given_market import BTC_PERP, ETH_PERP


def test_compartment_whose_books_do_not_add_up_is_frozen() -> None:
    # SOLV-010, SOLV-011
    market = Insured()
    market.gap()
    market.state.put(OPEN_INTEREST, BTC_PERP, OpenInterest(1))
    context = market.block_context()

    hold_equations(context)

    assert CompartmentFrozen("main", "open_interest_is_the_longs") in context.events
    assert [5, 5] == [trading_state(market.state, name) for name in (BTC_PERP, ETH_PERP)]
