import pytest

from chain.kit import Broken
from derivatives.solvency.freezing import freeze
from derivatives.solvency.invariants import nothing_trades_in_what_is_frozen
from derivatives.solvency.state import FROZEN, Frozen
from tests.given_insurance import Insured


def test_what_is_frozen_holds() -> None:
    market = Insured()

    freeze(market.block_context(), "main", "told")

    nothing_trades_in_what_is_frozen(market.state)


def test_what_trades_while_frozen_is_a_breach() -> None:
    market = Insured()
    market.state.put(FROZEN, "main", Frozen(1, 1, "told"))

    with pytest.raises(Broken, match="trades in main"):
        nothing_trades_in_what_is_frozen(market.state)
