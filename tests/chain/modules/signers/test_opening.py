"""SIGN-001 to SIGN-004."""

import pytest

from chain.modules.ledger.transactions import Transfer
from chain.modules.registry import BASE_MODULES
from chain.modules.signers.events import SignerOpened
from chain.modules.signers.opening import signer_parameters_of
from chain.modules.signers.state import SIGNERS, Signer
from tests import given

ZOE = given.address("zoe")


def world() -> given.World:
    return given.world({"alice": {"USD": 9_000_000, "BTC": 100}}, modules=BASE_MODULES)


def pay(amount_quantums: int, asset: str = "USD") -> Transfer:
    return Transfer(to=ZOE, asset=asset, amount_quantums=amount_quantums)


def test_first_transfer_of_the_minimum_opens_a_signer_with_its_own_key() -> None:
    chain = world()

    answer = chain.send("alice", pay(1_000_000))

    assert "" == answer.reason
    assert SignerOpened(ZOE) == answer.events[0]
    assert Signer(1, (ZOE,)) == chain.view.get(SIGNERS, ZOE)
    assert "" == chain.send("zoe", Transfer(given.address("alice"), "USD", 1)).reason


@pytest.mark.parametrize(("amount_quantums", "asset"), [(999_999, "USD"), (100, "BTC")])
def test_less_or_another_asset_does_not(amount_quantums: int, asset: str) -> None:
    chain = world()

    answer = chain.send("alice", pay(amount_quantums, asset))

    assert "signers.minimum_not_met" == answer.reason
    assert {"minimum_quantums": 1_000_000, "asset": "USD"} == answer.facts
    assert chain.view.get(SIGNERS, ZOE) is None
    assert 0 == chain.holds("zoe", asset)


def test_once_open_any_amount_of_any_asset_may_come() -> None:
    chain = world()
    chain.send("alice", pay(1_000_000))

    reasons = [chain.send("alice", pay(1)).reason, chain.send("alice", pay(1, "BTC")).reason]

    assert ["", ""] == reasons
    assert (1_000_001, 1) == (chain.holds("zoe"), chain.holds("zoe", "BTC"))


def test_parameters_are_those_of_genesis() -> None:
    parameters = signer_parameters_of(world().view)

    assert ("USD", 1_000_000) == (parameters.minimum_asset, parameters.signer_minimum_quantums)
