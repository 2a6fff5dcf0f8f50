"""LEDG-001, LEDG-010 to LEDG-012: what is always true of money."""

from collections.abc import Callable
from typing import Any

import pytest

from chain.kit import AnyTable, Broken, View
from chain.modules.ledger import invariants
from chain.modules.ledger.state import (
    ASSETS,
    BALANCES,
    LEDGER_PARAMETERS,
    SUPPLIES,
    Asset,
    Balance,
    LedgerParameters,
    Supply,
)
from chain.modules.registry import BASE_MODULES
from chain.state.overlay import Overlay
from tests import given

WORLD = given.world({"alice": {"USD": 100}}, modules=BASE_MODULES)


@pytest.mark.parametrize(
    ("invariant", "table", "key", "record"),
    [
        (invariants.balances_sum_to_supplies, BALANCES, ("fees", "USD"), Balance(1)),
        (invariants.balances_sum_to_supplies, BALANCES, ("fees", "XYZ"), Balance(1)),
        (invariants.balances_sum_to_supplies, SUPPLIES, "USD", Supply(99)),
        (invariants.supplies_fit, SUPPLIES, "XYZ", Supply(1)),
        (invariants.supplies_fit, SUPPLIES, "BTC", Supply(2**62 + 1)),
        (invariants.balances_are_positive, BALANCES, ("fees", "USD"), Balance(0)),
        (invariants.balances_are_positive, BALANCES, ("not a holder", "USD"), Balance(1)),
        (
            invariants.the_refusal_fee_is_payable_in_an_asset,
            LEDGER_PARAMETERS,
            (),
            LedgerParameters("XYZ", 1),
        ),
        (
            invariants.the_refusal_fee_is_payable_in_an_asset,
            LEDGER_PARAMETERS,
            (),
            LedgerParameters("USD", -1),
        ),
        (invariants.assets_have_few_decimals, ASSETS, "BTC", Asset(19)),
    ],
)
def test_breach_is_found(
    invariant: Callable[[View], None], table: AnyTable, key: Any, record: Any
) -> None:
    overlay = Overlay(WORLD.tables)
    invariant(overlay)

    overlay.put(table, key, record)

    with pytest.raises(Broken):
        invariant(overlay)
