"""The shipped genesis is the one that the code writes, and it loads."""

import os

import pytest

from chain.kit.genesis import GenesisFault
from chain.machine.application import Application
from chain.machine.genesis import load_genesis
from chain.machine.genesis_development import genesis_json
from derivatives.genesis_development import development_genesis
from derivatives.registry import REGISTRY
from tests.architecture.source import ROOT


def test_shipped_genesis_is_golden() -> None:
    shipped, written = ROOT / "genesis.json", genesis_json(development_genesis(4))
    if os.environ.get("NOVATION_GOLDENS") == "write":
        shipped.write_bytes(written)

    assert shipped.read_bytes() == written


def test_any_number_of_authorities_loads() -> None:
    loaded = load_genesis(Application(REGISTRY), genesis_json(development_genesis(7)))

    assert 7 == len(loaded.authorities.members)


def test_a_market_of_no_compartment_is_refused_by_name() -> None:
    genesis = development_genesis(4, lists=False)
    for row in (*genesis["tables"]["instruments"], *genesis["tables"]["feeds"]):
        row["compartment"] = "mzain"

    with pytest.raises(GenesisFault, match="no compartment mzain"):
        load_genesis(Application(REGISTRY), genesis_json(genesis))
