"""NODE-040 to NODE-043: an operator reads who is missing, by name."""

import dataclasses

from chain.consensus.standing import ConsensusStatus, VotesSeen
from node.consensus.explain import Facts, stall_of, standing_of
from p2p.network import PeerStatus, Standing

KEYS = tuple(bytes([i]) * 32 for i in range(1, 5))
NAMES = {key: f"auth{i}" for i, key in enumerate(KEYS)}

STATUS = ConsensusStatus(
    epoch=0, view=9, leader=KEYS[2], final_height=7, final_id=bytes(32), final_view=8,
    quorum=3, signing=True, not_signing_why="", votes=(), missing_views=(),
    nullify_at_ms=None, growth_ppm=1_000_000, silent=(), clock_offset_ms=12,
)  # fmt: skip


def linked(*names: str) -> list[PeerStatus]:
    return [
        PeerStatus(
            peer=name, name=name, standing=Standing.AUTHORITY, address="", connected=True,
            linked=True, rtt_ms=1, score=0, queued_bytes=0, last_error="",
        )
        for name in names
    ]  # fmt: skip


FACTS = Facts(
    status=STATUS, names=NAMES, authority_keys=KEYS, own_key=KEYS[0],
    peers=linked("auth1", "auth2", "auth3"), height=7, best_height=7, syncing=False,
    since_final_ms=300, target_block_ms=500, free_bytes=10, free_floor_bytes=1,
    mempool_count=0, alarms=(), disk_why="",
)  # fmt: skip


def test_a_chain_that_moves_lacks_nothing() -> None:
    stall = stall_of(FACTS)

    assert "Nothing is missing: blocks become final." == stall.why
    assert () == stall.silent


def test_too_few_authorities_are_named() -> None:
    stall = stall_of(dataclasses.replace(FACTS, peers=linked("auth1"), since_final_ms=9_000))

    assert ("auth2", "auth3") == stall.silent
    assert (
        "3 of 4 authorities are needed and 2 are here: nothing is heard from auth2, auth3."
        == stall.why
    )


def test_an_authority_that_is_linked_and_says_nothing_is_silent() -> None:
    status = dataclasses.replace(STATUS, silent=(KEYS[3],))

    stall = stall_of(dataclasses.replace(FACTS, status=status))

    assert ("auth3",) == stall.silent


def test_missing_votes_are_named() -> None:
    votes = (VotesSeen(1, bytes(32), (KEYS[0], KEYS[1])),)
    status = dataclasses.replace(STATUS, votes=votes)

    stall = stall_of(dataclasses.replace(FACTS, status=status, since_final_ms=9_000))

    assert "View 9 waits for votes to notarize: 2 of 3, missing auth2, auth3." == stall.why
    assert (("auth0", "auth1"), ("auth2", "auth3")) == (
        stall.tallies[0].voted,
        stall.tallies[0].missing,
    )


def test_a_view_without_a_proposal_names_its_leader() -> None:
    stall = stall_of(dataclasses.replace(FACTS, since_final_ms=9_000))

    assert "View 9 waits for a proposal of auth2." == stall.why


def test_a_missing_certificate_is_named_by_view() -> None:
    status = dataclasses.replace(STATUS, missing_views=(8,))

    stall = stall_of(dataclasses.replace(FACTS, status=status, since_final_ms=9_000))

    assert "No certificate is here for view 8; others are asked for it." == stall.why


def test_a_node_that_catches_up_says_how_far_it_is() -> None:
    stall = stall_of(dataclasses.replace(FACTS, best_height=30, syncing=True))

    assert "This node is catching up: 23 blocks are missing here." == stall.why
    assert not stall.standing.ready


def test_a_full_disk_stops_votes_and_says_so() -> None:
    standing = standing_of(dataclasses.replace(FACTS, disk_why="only 1 MiB is free"))

    assert not standing.signing
    assert "only 1 MiB is free" == standing.not_signing_why


def test_a_follower_does_not_sign_and_needs_no_reason() -> None:
    standing = standing_of(dataclasses.replace(FACTS, own_key=None))

    assert (False, "") == (standing.signing, standing.not_signing_why)


def test_ready_means_within_two_blocks_of_the_best_proven_height() -> None:
    near = standing_of(dataclasses.replace(FACTS, best_height=9))
    far = standing_of(dataclasses.replace(FACTS, best_height=10))

    assert (True, False) == (near.ready, far.ready)
