"""The shipped genesis is the one that the code writes, and it loads."""

from chain.machine.application import Application
from chain.machine.genesis import load_genesis
from chain.machine.genesis_development import genesis_json
from derivatives.genesis_development import development_genesis
from derivatives.registry import REGISTRY
from tests.architecture.source import ROOT


def test_shipped_genesis_is_what_the_code_writes() -> None:
    assert (ROOT / "genesis.json").read_bytes() == genesis_json(development_genesis(4))


def test_any_number_of_authorities_loads() -> None:
    loaded = load_genesis(Application(REGISTRY), genesis_json(development_genesis(7)))

    assert 7 == len(loaded.authorities.members)
