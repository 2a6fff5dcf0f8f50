"""SIGN-030 to SIGN-042."""

import pytest

from chain.modules.ledger.transactions import Transfer
from chain.modules.registry import BASE_MODULES
from chain.modules.signers.events import AgentAdded, AgentRemoved, KeysSet
from chain.modules.signers.state import AGENTS, SIGNERS, Agent, Signer
from chain.modules.signers.transactions import AddAgent, RemoveAgent, SetKeys
from tests import given

ALICE = given.address("alice")
AGENT = given.address("agent")
FAR_MS = 2**62


def world() -> given.World:
    return given.world({"alice": {"USD": 90_000_000}}, modules=BASE_MODULES)


def numbered(count: int) -> tuple[bytes, ...]:
    return tuple(bytes([i]) * 32 for i in range(1, count + 1))


def agent(**changes: object) -> AddAgent:
    fields: dict[str, object] = {
        "public_key": AGENT,
        "expires_ms": FAR_MS,
        "kinds": (),
        "classes": (1,),
    }
    return AddAgent(**{**fields, **changes})  # type: ignore[arg-type]


def test_keys_are_replaced_and_the_address_stays() -> None:
    chain = world()
    keys = tuple(sorted(given.address(name) for name in ("k1", "k2")))

    answer = chain.send("alice", SetKeys(threshold=2, keys=keys))

    assert (KeysSet(ALICE, 2, keys),) == answer.events
    assert Signer(2, keys) == chain.view.get(SIGNERS, ALICE)
    payment = Transfer(given.address("bob"), "USD", 1_000_000)
    assert "" == chain.send("alice", payment, keys=("k1", "k2")).reason
    assert 1_000_000 == chain.holds("bob")


@pytest.mark.parametrize(
    ("payload", "slug"),
    [
        (SetKeys(1, ()), "signers.key_count_wrong"),
        (SetKeys(1, numbered(17)), "signers.key_count_wrong"),
        (SetKeys(1, numbered(2)[::-1]), "signers.keys_out_of_order"),
        (SetKeys(1, numbered(1) * 2), "signers.keys_out_of_order"),
        (SetKeys(0, numbered(2)), "signers.threshold_wrong"),
        (SetKeys(3, numbered(2)), "signers.threshold_wrong"),
        (agent(classes=()), "signers.agent_scope_empty"),
        (agent(kinds=tuple(range(300, 365))), "signers.agent_scope_too_long"),
        (agent(kinds=(302, 301)), "signers.agent_scope_out_of_order"),
        (agent(classes=(1, 1)), "signers.agent_scope_out_of_order"),
        (agent(classes=(0,)), "signers.agent_class_forbidden"),
        (agent(classes=(4,)), "signers.agent_class_forbidden"),
        (agent(kinds=(201,)), "signers.agent_kind_forbidden"),
        (agent(kinds=(1,)), "signers.agent_kind_forbidden"),
        (agent(expires_ms=1), "signers.agent_expiry_past"),
        (agent(public_key=ALICE), "signers.agent_is_key"),
        (RemoveAgent(AGENT), "signers.agent_unknown"),
    ],
)
def test_what_no_signer_can_have_is_refused(payload: object, slug: str) -> None:
    chain = world()

    answer = chain.send("alice", payload)

    assert slug == answer.reason
    assert Signer(1, (ALICE,)) == chain.view.get(SIGNERS, ALICE)
    assert chain.view.get(AGENTS, (ALICE, AGENT)) is None


def test_sixteen_keys_are_allowed() -> None:
    assert "" == world().send("alice", SetKeys(16, numbered(16))).reason


def test_agent_is_added_and_removed() -> None:
    chain = world()

    added = chain.send("alice", agent(kinds=(301, 9901)))
    known = chain.send("alice", agent())
    stored = chain.view.get(AGENTS, (ALICE, AGENT))
    removed = chain.send("alice", RemoveAgent(AGENT))

    assert (AgentAdded(ALICE, AGENT, FAR_MS),) == added.events
    assert "signers.agent_known" == known.reason
    assert Agent(FAR_MS, (301, 9901), (1,)) == stored
    assert (AgentRemoved(ALICE, AGENT),) == removed.events
    assert chain.view.get(AGENTS, (ALICE, AGENT)) is None


def test_setting_keys_ends_every_agent() -> None:
    chain = world()
    for number in range(3):
        chain.send("alice", agent(public_key=bytes([number + 1]) * 32))
    chain.close_block()

    chain.send("alice", SetKeys(1, (ALICE,)))

    assert [] == list(chain.view.scan(AGENTS, (ALICE,)))


def test_seventeenth_agent_is_too_many() -> None:
    chain = world()

    reasons = [
        chain.send("alice", agent(public_key=bytes([number + 1]) * 32)).reason
        for number in range(17)
    ]

    assert [""] * 16 + ["signers.agents_too_many"] == reasons
