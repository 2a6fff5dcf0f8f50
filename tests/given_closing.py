"""Insured markets whose default account is closed by slices, as liquidation chooses them."""

from chain.machine.application import Application
from chain.machine.genesis import genesis_state, load_genesis
from chain.machine.genesis_development import genesis_json
from derivatives.liquidation.module import MODULE as LIQUIDATION
from derivatives.registry import REGISTRY
from tests import given, given_market
from tests.given_insurance import Insured

TERMS = {
    "compartment": "main",
    "ramp_start_ppm": 100_000,
    "ramp_second_ppm": 30_000,
    "ramp_limit_ppm": 750_000,
    "house_after_ms": 2_000,
    "insurance_share_ppm": 200_000,
    "insurance_buy_after_ms": 30_000,
    "insurance_buy_ppm": 50_000,
    "slices_max_count": 4,
}
_APPLICATION = Application([*(m for m in REGISTRY if m is not LIQUIDATION), LIQUIDATION])
_GENESIS = given.genesis_object()
_GENESIS["tables"]["liquidation_terms"] = [TERMS]
_TABLES, _ = genesis_state(_APPLICATION, load_genesis(_APPLICATION, genesis_json(_GENESIS)))


class Closing(Insured):
    """An insured market with terms of liquidation."""

    def __init__(self, insurance_quantums: int = 0) -> None:
        usual = given_market._TABLES
        given_market._TABLES = _TABLES
        try:
            super().__init__(insurance_quantums)
        finally:
            given_market._TABLES = usual
