"""SIGN-020 to SIGN-027."""

import pytest

from chain.kit import CLASS_RELIEF, CLASS_REST, CLASS_SYSTEM, CLASS_TRADING
from chain.modules.ledger.transactions import Transfer
from chain.modules.signers.transactions import AddAgent, SetKeys
from tests import given
from tests.given import Probe

PAYMENT = Transfer(to=given.address("bob"), asset="USD", amount_quantums=1_000_000)
PROBE_KIND = 9901
FAR_MS = 2**62


def keys_of(*names: str) -> tuple[bytes, ...]:
    return tuple(sorted(given.address(name) for name in names))


def two_of_three() -> given.World:
    world = given.world({"alice": {"USD": 90_000_000}}, modules=given.WITH_PROBE)
    world.send("alice", SetKeys(threshold=2, keys=keys_of("k1", "k2", "k3")))
    return world


def with_agent(
    kinds: tuple[int, ...] = (),
    classes: tuple[int, ...] = (CLASS_RELIEF, CLASS_TRADING),
    expires_ms: int = FAR_MS,
) -> given.World:
    world = given.world({"alice": {"USD": 90_000_000}}, modules=given.WITH_PROBE)
    answer = world.send(
        "alice",
        AddAgent(
            public_key=given.address("agent"), expires_ms=expires_ms, kinds=kinds, classes=classes
        ),
    )
    assert "" == answer.reason
    return world


def by_agent(world: given.World, *payloads: object) -> str:
    return world.send("alice", *payloads, keys=("agent",)).reason


@pytest.mark.parametrize("names", [("k1", "k2"), ("k1", "k3"), ("k1", "k2", "k3")])
def test_threshold_of_the_keys_is_enough(names: tuple[str, ...]) -> None:
    assert "" == two_of_three().send("alice", PAYMENT, keys=names).reason


def test_fewer_than_the_threshold_is_not() -> None:
    answer = two_of_three().send("alice", PAYMENT, keys=("k2",))

    assert "signers.threshold_not_met" == answer.reason
    assert {"signature_count": 1, "threshold_count": 2} == answer.facts
    assert answer.receipt is None


@pytest.mark.parametrize("names", [("alice",), ("k1", "zoe"), ("k1", "k2", "zoe")])
def test_key_of_nobody_here_is_refused_whatever_else_signed(names: tuple[str, ...]) -> None:
    assert "signers.key_not_authorised" == two_of_three().send("alice", PAYMENT, keys=names).reason


def test_key_set_by_the_transaction_before_counts() -> None:
    world = given.world({"alice": {"USD": 90_000_000}}, modules=given.WITH_PROBE)
    world.send("alice", SetKeys(threshold=1, keys=keys_of("k1")))

    assert "signers.key_not_authorised" == world.send("alice", PAYMENT).reason
    assert "" == world.send("alice", PAYMENT, keys=("k1",)).reason


def test_agent_sends_the_classes_it_was_given() -> None:
    assert "" == by_agent(with_agent(), Probe("note", CLASS_TRADING))
    assert "signers.key_not_authorised" == by_agent(
        with_agent(classes=(CLASS_RELIEF,)), Probe("note", CLASS_TRADING)
    )


def test_agent_sends_the_kinds_it_was_given() -> None:
    world = with_agent(kinds=(PROBE_KIND,), classes=())

    assert "" == by_agent(world, Probe("note", CLASS_TRADING))
    assert "signers.key_not_authorised" == by_agent(
        with_agent(kinds=(PROBE_KIND + 1,), classes=()), Probe("note", CLASS_TRADING)
    )


@pytest.mark.parametrize("place_number", [CLASS_SYSTEM, CLASS_REST])
def test_agent_never_sends_governance_or_the_rest_even_of_its_kinds(place_number: int) -> None:
    world = with_agent(kinds=(PROBE_KIND,))

    assert "signers.key_not_authorised" == by_agent(world, Probe("note", place_number))


def test_agent_never_takes_money_or_changes_keys() -> None:
    world = with_agent()
    rotate = SetKeys(threshold=1, keys=keys_of("agent"))

    assert "signers.key_not_authorised" == by_agent(world, PAYMENT)
    assert "signers.key_not_authorised" == by_agent(world, rotate)
    assert "signers.key_not_authorised" == by_agent(world, Probe("note", CLASS_TRADING), PAYMENT)


def test_every_action_of_an_agents_list_is_within_its_scope() -> None:
    inside = Probe("note", CLASS_RELIEF)

    assert "" == by_agent(with_agent(), inside, Probe("note", CLASS_TRADING))
    assert "signers.key_not_authorised" == by_agent(
        with_agent(classes=(CLASS_TRADING,)), inside, Probe("note", CLASS_TRADING)
    )


def test_agent_signs_alone() -> None:
    world = with_agent()

    answer = world.send("alice", Probe("note", CLASS_TRADING), keys=("agent", "alice"))

    assert "signers.key_not_authorised" == answer.reason


def test_agent_acts_until_it_expires_and_not_then() -> None:
    start_ms = given.world().head.header.time_ms
    world = with_agent(expires_ms=start_ms + 1_001)
    world.close_block()

    assert "" == by_agent(world, Probe("note", CLASS_TRADING))
    world.close_block()
    answer = world.send("alice", Probe("note", CLASS_TRADING), keys=("agent",))

    assert "signers.agent_expired" == answer.reason
    assert {"expires_ms": start_ms + 1_001, "time_ms": start_ms + 1_500} == answer.facts


def test_agent_of_one_signer_is_a_stranger_to_another() -> None:
    world = with_agent()
    world.send("alice", PAYMENT)

    answer = world.send("bob", Probe("note", CLASS_TRADING), keys=("agent",))

    assert "signers.key_not_authorised" == answer.reason
