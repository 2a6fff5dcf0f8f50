from derivatives.instruments.events import TradingChanged
from derivatives.solvency.freezing import Compartments, freeze
from derivatives.solvency.state import FROZEN, Frozen
from tests.given_insurance import Insured


def test_frozen_compartment_remembers_the_first_cause_alone() -> None:
    # SOLV-010
    market = Insured()
    context = market.block_context()

    freeze(context, "main", "first")
    freeze(context, "main", "second")

    assert Frozen(market.time_ms, market.height, "first") == market.state.get(FROZEN, "main")
    assert 10 == sum(isinstance(event, TradingChanged) for event in context.events)


def test_quarantine_knows_what_there_is_and_what_stands_still() -> None:
    market = Insured()
    apart = Compartments()

    before = apart.compartments(market.state), apart.frozen(market.state)
    apart.freeze(market.block_context(), "main", "told")

    assert (("main",), ()) == before
    assert ("main",) == apart.frozen(market.state)
    hidden = apart.without(market.state, ("main",))
    assert [] == list(hidden.scan(FROZEN))
