"""SYN-001 to SYN-006: what an auditor would find."""

from collections.abc import Callable
from typing import Any

import pytest

from chain.kit import Broken, State, replace
from chain.modules.ledger.state import ASSETS, SUPPLIES, Asset, Supply
from chain.state.overlay import Overlay
from derivatives.accounts.state import COLLATERAL
from derivatives.instruments.state import INSTRUMENTS
from derivatives.positions.state import POSITIONS
from derivatives.synthetics.invariants import INVARIANTS
from derivatives.synthetics.state import DEBT_PLACES, DEBTS, SYNTHETICS, WAITING, Debt, Waiting
from tests import given
from tests.given_synthetics import GOLD, Minting, gold


def _world() -> Minting:
    """Return a world in which alice owes, bob waits to redeem, and carol to mint."""
    minting = gold()
    minting.minted("alice")
    minting.give("alice", "bob", 5_000)
    minting.redeem("bob", 5_000)
    minting.mint("alice", 100)
    minting.world.close_block()
    return minting


MINTING = _world()


def _audited(state: State) -> None:
    for invariant in INVARIANTS:
        invariant(state)


def _changed(table: Any, key: Any, **changes: Any) -> Callable[[State], None]:
    def change(state: State) -> None:
        found = state.get(table, key)
        assert found is not None
        state.put(table, key, replace(found, **changes))

    return change


ALICE = MINTING.account("alice")
BREAKS: dict[str, Callable[[State], None]] = {
    "a lot is not a quantum": lambda state: state.put(ASSETS, GOLD, Asset(5)),
    "synthetics and terms differ": lambda state: state.delete(SYNTHETICS, GOLD),
    "a rebate": _changed(INSTRUMENTS, GOLD, maker_rebate_ppm=1),
    "nothing may be asked": _changed(SYNTHETICS, GOLD, delay_ms=0),
    "a debt needs": _changed(COLLATERAL, ("main", GOLD), haircut_ppm=206_249),
    "supply 9999": lambda state: state.put(SUPPLIES, GOLD, Supply(9_999)),
    "the issuer paid": _changed(POSITIONS, ("issuer/sGOLD", GOLD), entry_value_quantums=1),
    "is long of": _changed(POSITIONS, (ALICE, GOLD), size_lots=1),
    "places are": lambda state: state.put(DEBTS, (GOLD, 9), Debt(ALICE)),
    "has no place": lambda state: (
        state.delete(DEBTS, (GOLD, 1)),
        state.delete(DEBT_PLACES, (GOLD, ALICE)),
    )[0],
    "waiting are counted": lambda state: state.put(WAITING, given.address("dave"), Waiting(1)),
}


def test_everything_holds_while_it_is_used() -> None:
    _audited(Overlay(MINTING.world.tables))


@pytest.mark.parametrize("fault", list(BREAKS))
def test_every_fault_is_found(fault: str) -> None:
    state = Overlay(MINTING.world.tables)
    BREAKS[fault](state)

    with pytest.raises(Broken, match=fault):
        _audited(state)
