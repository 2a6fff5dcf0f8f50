"""MACH-048, MACH-049: what a mempool refuses, each with its own reason and numbers."""

import pytest

from chain.kit import CLASS_RELIEF, Refusal
from chain.machine.admit import Admissions, admit
from chain.modules.ledger.transactions import Transfer
from chain.modules.signers.state import SIGNERS
from chain.modules.signers.transactions import AddAgent, SetKeys
from derivatives.registry import REGISTRY
from tests import given

MILLION = 1_000_000
WORLD = given.world({"alice": {"USD": 10 * MILLION}, "poor": {"USD": 9_999}})
ALICE = given.address("alice")
PAYMENT = Transfer(to=given.address("bob"), asset="USD", amount_quantums=MILLION)
for _ in range(3):
    WORLD.send("alice", PAYMENT)
WORLD.close_block()


def refusal_of(name: str, *payloads: object, **how: object) -> tuple[str, dict[str, object]]:
    transaction = WORLD.transaction(name, *payloads, **how)
    with pytest.raises(Refusal) as caught:
        admit(WORLD.application, WORLD.tables, 1, transaction)
    return caught.value.reason.slug, dict(caught.value.facts)


def test_next_sequence_is_admitted_and_so_is_one_that_may_wait() -> None:
    for sequence in (3, 4, 83):
        admit(
            WORLD.application,
            WORLD.tables,
            1,
            WORLD.transaction("alice", PAYMENT, sequence=sequence),
        )


def test_stale_and_far_sequences_are_told_apart() -> None:
    assert ("signers.sequence_stale", {"expected": 3, "got": 2}) == refusal_of(
        "alice", PAYMENT, sequence=2
    )
    assert ("signers.sequence_ahead", {"expected": 3, "got": 84}) == refusal_of(
        "alice", PAYMENT, sequence=84
    )


def test_expiry_is_that_of_the_next_block() -> None:
    assert (
        "transaction.expired",
        {"valid_until_height": 1, "next_height": 2},
    ) == refusal_of("alice", PAYMENT, valid_until_height=1)
    assert (
        "transaction.expiry_too_far",
        {"valid_until_height": 1_203, "latest_height": 1_202},
    ) == refusal_of("alice", PAYMENT, valid_until_height=1_203)


def test_stranger_and_false_key_are_told_apart() -> None:
    assert "signers.signer_unknown" == refusal_of("zoe", PAYMENT)[0]
    slug, facts = refusal_of("alice", PAYMENT, keys=("bob",))
    assert "signers.key_not_authorised" == slug
    assert {"public_key": "0x" + given.address("bob").hex()} == facts


def test_wallet_that_cannot_pay_a_refusal_is_refused() -> None:
    assert (
        "ledger.fee_not_payable",
        {"asset": "USD", "balance_quantums": 9_999, "fee_quantums": 10_000},
    ) == refusal_of("poor", PAYMENT)


def test_threshold_is_asked() -> None:
    world = given.world({"alice": {"USD": 10 * MILLION}})
    keys = tuple(sorted(given.address(name) for name in ("k1", "k2")))
    world.send("alice", SetKeys(threshold=2, keys=keys))
    world.close_block()

    with pytest.raises(Refusal) as caught:
        admit(world.application, world.tables, 1, world.transaction("alice", PAYMENT, keys=("k1",)))

    assert "signers.threshold_not_met" == caught.value.reason.slug
    assert {"signature_count": 1, "threshold_count": 2} == caught.value.facts


def test_what_no_state_could_make_right_is_refused_at_once() -> None:
    nothing = Transfer(to=given.address("bob"), asset="USD", amount_quantums=0)

    assert ("ledger.amount_not_positive", {"amount_quantums": 0}) == refusal_of("alice", nothing)
    assert ("ledger.amount_not_positive", {"amount_quantums": 0, "action_index": 1}) == refusal_of(
        "alice", PAYMENT, nothing
    )


def test_admission_changes_nothing() -> None:
    before = WORLD.tables.root

    admit(WORLD.application, WORLD.tables, 1, WORLD.transaction("alice", PAYMENT))

    assert before == WORLD.tables.root


AGENT = AddAgent(given.address("bob"), 10**15, (), (CLASS_RELIEF,))
SEVERAL = SetKeys(2, tuple(sorted((given.address("alice"), given.address("carol")))))


@pytest.mark.parametrize("change", [None, AGENT, SEVERAL])
def test_state_that_is_asked_once_for_a_lane_answers_as_if_asked_each_time(
    change: object,
) -> None:
    holdings = {"alice": {"USD": 10 * MILLION}, "poor": {"USD": 9_999}}
    world = given.world(holdings, modules=(*REGISTRY, given.PROBE))
    if change is not None:
        assert not world.send("alice", change).reason
    world.close_block()
    waiting = [
        world.transaction(name, payload, keys=keys, lane=lane, sequence=sequence, **more)
        for name, keys in (("alice", ("alice",)), ("alice", ("bob",)), ("poor", ("poor",)))
        for lane in (0, 1)
        for sequence in (0, 1, 2, 81, 82)
        for more in ({}, {"valid_until_height": 1}, {"valid_until_height": 1_203})
        for payload in (PAYMENT, given.Probe("", CLASS_RELIEF))
    ]
    waiting += [world.transaction("alice", PAYMENT, keys=("alice", "carol"), sequence=3)]
    again = Admissions(world.tables, 1)

    expected = []
    for transaction in waiting:
        try:
            admit(world.application, world.tables, 1, transaction)
        except Refusal:
            expected.append(True)
        else:
            expected.append(False)

    assert expected == [again.refusal(transaction) is not None for transaction in waiting]
    assert {True, False} == set(expected)
    assert expected == [refusal is not None for refusal in again.refusals(waiting)]
    own = [one for one, is_refused in zip(waiting, expected, strict=True) if not is_refused]
    assert all(
        again.is_by_own_keys(one)
        != (one.body.signer in again.signed_by_others and one.signing_keys[0] != one.body.signer)
        for one in own
    )


def test_standing_is_the_signers_keys_while_it_can_pay() -> None:
    standing = Admissions(WORLD.tables, 1)

    assert WORLD.tables.get(SIGNERS, ALICE) == standing.standing_of(ALICE)
    assert standing.standing_of(ALICE) is not None
    assert standing.standing_of(given.address("poor")) is None
    assert standing.standing_of(given.address("nobody")) is None
