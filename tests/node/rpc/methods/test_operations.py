"""For whoever runs a node. Criteria: RPC-100 to RPC-102 of docs/specs/rpc.md."""

from typing import Any, cast

import pytest

from p2p.network import PeerStatus, Standing
from tests.node.rpc.conftest import Caller, Refusal, Rooms


class FakeNetwork:
    """A network that knows one peer."""

    me = "me"

    def peers(self) -> list[PeerStatus]:
        return [
            PeerStatus(
                peer="peer1",
                name="auth1",
                standing=Standing.AUTHORITY,
                address="127.0.0.1:7701",
                connected=True,
                linked=True,
                rtt_ms=2,
                score=0,
                queued_bytes=0,
                last_error="",
            )
        ]


async def test_a_node_alone_has_no_peers(rooms: Rooms, call: Caller) -> None:
    assert {"peer_id": None, "name": "auth0", "peers": []} == await call("node_getPeers")


async def test_peers_are_shown_with_their_standing(rooms: Rooms, call: Caller) -> None:
    rooms.services.network = cast("Any", FakeNetwork())

    (peer,) = (await call("node_getPeers"))["peers"]
    status = await call("chain_getStatus")

    assert ("auth1", "authority", True, 2) == (
        peer["name"],
        peer["standing"],
        peer["linked"],
        peer["rtt_ms"],
    )
    assert ["auth1"] == status["peers"]


async def test_a_stall_says_who_is_waited_for(rooms: Rooms, call: Caller) -> None:
    rooms.consensus.silent = ("auth2",)

    stall = await call("node_explainStall")

    (votes,) = stall["votes"]
    assert "waiting for 1 more vote" == stall["why"]
    assert (["auth2"], ["6"], -2) == (
        stall["silent"],
        stall["certificate_missing_views"],
        stall["clock_offset_ms"],
    )
    assert ("notarize", "7", ["auth2", "auth3"], 3) == (
        votes["kind"],
        votes["view"],
        votes["missing"],
        votes["needed_count"],
    )


async def test_an_audit_of_a_sound_chain_finds_nothing(rooms: Rooms, call: Caller) -> None:
    rooms.finalise()

    audit = await call("node_audit")

    assert [] == audit["breaches"]
    assert audit["invariants_count"] > 3
    assert "1" == audit["height"]


async def test_a_halt_is_ordered_shown_and_taken_back(rooms: Rooms, call: Caller) -> None:
    rooms.finalise()
    ordered = await call("node_haltAt", height="9")
    shown = (await call("chain_getStatus"))["halt_height"]
    taken_back = await call("node_haltAt", height=None)

    assert {"halt_height": "9", "height": "1"} == ordered
    assert "9" == shown
    assert {"halt_height": None, "height": "1"} == taken_back


async def test_no_halt_at_a_block_that_is_final(rooms: Rooms, call: Caller) -> None:
    rooms.finalise()
    with pytest.raises(Refusal) as refused:
        await call("node_haltAt", height=1)

    assert "height" == refused.value.error["data"]["facts"]["field"]
    assert rooms.services.halt.height is None
