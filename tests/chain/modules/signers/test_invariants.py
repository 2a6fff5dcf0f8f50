"""SIGN-012, SIGN-031: what is always true of signers."""

from typing import Any

import pytest

from chain.kit import AnyTable, Broken
from chain.modules.registry import BASE_MODULES
from chain.modules.signers.invariants import (
    every_signer_can_be_met,
    only_open_signers_have_lanes_and_agents,
)
from chain.modules.signers.state import AGENTS, LANES, SIGNERS, Agent, Lane, Signer
from chain.state.overlay import Overlay
from tests import given

WORLD = given.world({"alice": {"USD": 1}}, modules=BASE_MODULES)
ALICE = given.address("alice")
KEYS = (b"a" * 32, b"b" * 32)


@pytest.mark.parametrize("signer", [Signer(0, KEYS), Signer(3, KEYS), Signer(1, KEYS[::-1])])
def test_signer_that_nobody_can_be_is_a_breach(signer: Signer) -> None:
    overlay = Overlay(WORLD.tables)
    every_signer_can_be_met(overlay)

    overlay.put(SIGNERS, ALICE, signer)

    with pytest.raises(Broken):
        every_signer_can_be_met(overlay)


@pytest.mark.parametrize(
    ("table", "key", "record"),
    [
        (LANES, (bytes(32), 0), Lane(1)),
        (LANES, (ALICE, 64), Lane(1)),
        (LANES, (ALICE, 0), Lane(0)),
        (AGENTS, (bytes(32), ALICE), Agent(1, (), (1,))),
    ],
)
def test_lane_or_agent_of_nobody_is_a_breach(table: AnyTable, key: Any, record: Any) -> None:
    overlay = Overlay(WORLD.tables)
    only_open_signers_have_lanes_and_agents(overlay)

    overlay.put(table, key, record)

    with pytest.raises(Broken):
        only_open_signers_have_lanes_and_agents(overlay)
