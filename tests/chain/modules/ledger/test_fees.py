"""LEDG-030 to LEDG-033."""

import pytest

from chain.modules.ledger.fees import charge_refusal, fee_refusal, ledger_parameters_of
from chain.modules.ledger.transactions import Transfer
from chain.modules.registry import BASE_MODULES
from chain.modules.signers.lanes import next_sequence
from chain.state.overlay import Overlay
from tests import given

ALICE = given.address("alice")
TOO_MUCH = Transfer(to=given.address("bob"), asset="USD", amount_quantums=10**15)


def world(amount_quantums: int) -> given.World:
    return given.world({"alice": {"USD": amount_quantums}, "bob": {"USD": 1}}, modules=BASE_MODULES)


def test_refused_transaction_pays_a_cent_and_uses_its_sequence() -> None:
    chain = world(25_000)

    answer = chain.send("alice", TOO_MUCH)

    assert "ledger.balance_short" == answer.reason
    assert 10_000 == answer.receipt.fee_quantums  # type: ignore[union-attr]
    assert (15_000, 10_000) == (chain.holds("alice"), chain.holds("fees"))
    assert 1 == next_sequence(chain.view, ALICE, 0)


def test_wallet_that_cannot_pay_is_unfit_and_uses_nothing() -> None:
    chain = world(25_000)
    reasons = [chain.send("alice", TOO_MUCH).reason for _ in range(3)]

    assert ["ledger.balance_short"] * 2 + ["ledger.fee_not_payable"] == reasons
    assert (5_000, 20_000) == (chain.holds("alice"), chain.holds("fees"))
    assert 2 == next_sequence(chain.view, ALICE, 0)


def test_wallet_that_cannot_pay_is_unfit_even_for_what_would_be_applied() -> None:
    answer = world(9_999).send("alice", Transfer(given.address("bob"), "USD", 1))

    assert "ledger.fee_not_payable" == answer.reason
    assert {"asset": "USD", "balance_quantums": 9_999, "fee_quantums": 10_000} == answer.facts


def test_applied_transaction_costs_nothing() -> None:
    chain = world(10_000)

    chain.send("alice", Transfer(given.address("bob"), "USD", 10_000))

    assert (0, 10_001, 0) == (chain.holds("alice"), chain.holds("bob"), chain.holds("fees"))


def test_list_pays_once() -> None:
    chain = world(25_000)

    answer = chain.send("alice", TOO_MUCH, TOO_MUCH)

    assert {"action_index": 0} == {"action_index": answer.facts["action_index"]}
    assert 10_000 == chain.holds("fees")


@pytest.mark.parametrize(("amount_quantums", "payable"), [(9_999, False), (10_000, True)])
def test_fee_is_payable_to_the_quantum(amount_quantums: int, payable: bool) -> None:
    assert payable is (fee_refusal(world(amount_quantums).view, ALICE) is None)


def test_charge_returns_what_it_moved() -> None:
    overlay = Overlay(world(25_000).tables)

    assert ledger_parameters_of(overlay).fee_refused_quantums == charge_refusal(overlay, ALICE)
