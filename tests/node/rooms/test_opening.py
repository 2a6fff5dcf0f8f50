"""NODE-001 to NODE-006: what cannot make a node is said before anything runs."""

import shutil
from pathlib import Path

import pytest

from chain.crypto.verification import WrongVerdict
from node.clock import Clock, VirtualClock
from node.config import load_configuration
from node.faults import NodeFault
from node.rooms.opening import FRAME_LIMITS, StartFault, open_rooms, settings_of
from node.storage.fault import StorageFault
from p2p.identity import peer_id_of_public_key
from tests import given
from tests.node.test_assembly import made, opened


def test_rooms_open_with_key_log_and_state(tmp_path: Path) -> None:
    rooms = opened(made(tmp_path / "net", "devnet", 4), "auth0")

    assert ("auth0", 0) == (rooms.own_name, rooms.state_store.head.height)
    assert rooms.log is not None
    assert type(rooms.clock) is Clock
    assert peer_id_of_public_key(given.address("auth0/identity")) == rooms.me
    rooms.close()


def test_a_chain_of_one_has_its_own_time(tmp_path: Path) -> None:
    rooms = opened(made(tmp_path / "net", "dev", 1), "auth0")

    assert isinstance(rooms.clock, VirtualClock)
    assert rooms.genesis.time_ms == rooms.clock.wall_ms()
    assert rooms.is_alone
    rooms.close()


def test_the_core_is_told_the_chains_pace_and_the_local_one(tmp_path: Path) -> None:
    rooms = opened(made(tmp_path / "net", "devnet", 4, block_time_ms=250), "auth0")

    settings = settings_of(rooms)

    assert (100, 250, 800) == (
        settings.min_block_ms,
        settings.target_block_ms,
        settings.view_timeout_ms,
    )
    rooms.close()


def test_a_second_process_is_refused_the_same_folder(tmp_path: Path) -> None:
    network = made(tmp_path / "net", "devnet", 4)
    rooms = opened(network, "auth0")

    with pytest.raises(StorageFault) as refused:
        opened(network, "auth0")

    assert "node.storage_locked" == refused.value.reason
    rooms.close()
    opened(network, "auth0").close()


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        ("genesis.json", "node.genesis_unreadable"),
        ("identity.key", "node.key_not_found"),
        ("signer/key.json", "node.key_not_found"),
    ],
)
def test_a_missing_file_is_named(tmp_path: Path, missing: str, reason: str) -> None:
    network = made(tmp_path / "net", "devnet", 4)
    (network.home / "auth0" / missing).unlink()

    with pytest.raises(NodeFault) as refused:
        opened(network, "auth0")

    assert reason == refused.value.reason
    assert Path(missing).name in str(refused.value)


def test_a_genesis_that_is_none_is_named(tmp_path: Path) -> None:
    network = made(tmp_path / "net", "devnet", 4)
    (network.home / "auth0" / "genesis.json").write_text("{}")

    with pytest.raises(StartFault) as refused:
        opened(network, "auth0")

    assert ("node.genesis_wrong", 2) == (refused.value.reason, refused.value.exit_code)


def test_a_lost_vote_log_is_no_reason_not_to_start(tmp_path: Path) -> None:
    network = made(tmp_path / "net", "devnet", 4)
    shutil.rmtree(network.home / "auth0" / "signer" / "votes")

    rooms = opened(network, "auth0")

    assert rooms.log is None
    assert rooms.contents.broken
    rooms.close()


def test_a_key_of_another_purpose_is_refused(tmp_path: Path) -> None:
    network = made(tmp_path / "net", "devnet", 4)
    signer = network.home / "auth0" / "signer"
    shutil.copy(signer / "oracle.json", signer / "key.json")

    with pytest.raises(NodeFault) as refused:
        opened(network, "auth0")

    assert "node.key_purpose_wrong" == refused.value.reason


def test_a_machine_that_judges_signatures_otherwise_is_no_node(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = made(tmp_path / "net", "devnet", 4)

    def wrong() -> None:
        raise WrongVerdict("vector 3")

    monkeypatch.setattr("node.rooms.opening.check_verdicts", wrong)
    with pytest.raises(StartFault) as refused:
        open_rooms(load_configuration(network.home / "auth0" / "config.toml", {}))

    assert "node.signatures_wrong" == refused.value.reason


def test_every_kind_of_message_has_its_limit() -> None:
    assert set(range(1, 10)) == set(FRAME_LIMITS)
