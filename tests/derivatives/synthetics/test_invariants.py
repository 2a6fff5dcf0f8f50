"""SYN-001 to SYN-006: what an auditor would find."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given as given_any
from hypothesis import settings
from hypothesis import strategies as st

from chain.kit import Broken, State, replace
from chain.modules.ledger.balances import balance_of
from chain.modules.ledger.state import ASSETS, SUPPLIES, Asset, Supply
from chain.modules.ledger.transactions import Transfer
from chain.state.overlay import Overlay
from derivatives.accounts.state import COLLATERAL
from derivatives.instruments.state import INSTRUMENTS
from derivatives.liquidation.transactions import Liquidate
from derivatives.margin.transactions import WithdrawCollateral
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


NAMES = ("alice", "bob", "carol")
ACTS = st.tuples(
    st.sampled_from(("mint", "burn", "redeem", "give", "deposit", "price", "liquidate", "wait")),
    st.sampled_from(NAMES),
    st.sampled_from(NAMES),
    st.integers(100, 12_000),
)


def _do(minting: Minting, act: tuple[str, str, str, int]) -> None:
    """Ask for something, whether it may be or not."""
    verb, name, other, lots = act
    if verb in {"mint", "burn", "redeem"}:
        getattr(minting, verb)(name, lots)
    elif verb == "give":
        minting.ask(name, Transfer(given.address(other), GOLD, lots))
    elif verb == "deposit":
        minting.deposit(name, lots, GOLD)
    elif verb == "price":
        minting.price(3_600 + lots % 1_200)
    elif verb == "liquidate":
        minting.ask(name, Liquidate(minting.account(name), minting.account(other), 4))
    else:
        minting.wait(3)
    minting.world.close_block()


@settings(deadline=None, max_examples=15)
@given_any(st.lists(ACTS, min_size=4, max_size=16))
def test_whatever_is_asked_all_that_there_is_can_be_redeemed(
    acts: list[tuple[str, str, str, int]],
) -> None:
    # Every block that closes is audited: the equations held in each.
    minting = gold()
    for act in acts:
        _do(minting, act)
    minting.wait(20)
    for name in NAMES:
        held = balance_of(minting.world.view, given.holder(f"{name}/0"), GOLD)
        if held:
            account = minting.account(name)
            assert "" == minting.ask(name, WithdrawCollateral(account, GOLD, held)).reason
        if minting.world.holds(name, GOLD) >= 100:
            assert "" == minting.redeem(name, minting.world.holds(name, GOLD)).reason
    minting.wait()

    left = sum(minting.world.holds(name, GOLD) for name in NAMES)
    if not minting.lots("default/main"):
        assert minting.world.supply(GOLD) == left == -sum(map(minting.lots, NAMES))
        assert left < 100 * len(NAMES)
