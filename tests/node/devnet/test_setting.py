import json
from pathlib import Path
from typing import Any

import pytest

from node.client.failures import Failure
from node.config import load_configuration
from node.devnet.setting import initialise, peers_of
from node.devnet.writing import choices_of, genesis_of
from node.folder import DataFolder
from node.keystore.key_file import read_key_file

PEER = "auth1=10.0.0.2:7701/12D3KooWCNFAA4xeUUEtDJEC2pmoC9zuRJnKVaH3YZS8vQR4GnUU"


def asked(tmp_path: Path, kind: str = "devnet", **changed: Any) -> dict[str, Any]:
    path = tmp_path / "genesis.json"
    path.write_text(json.dumps({**genesis_of(choices_of("devnet", {}), 5), "kind": kind}))
    usual = {"name": "mine", "authority": False, "port": 7600, "p2p_port": 7700, "peers": ()}
    return {"genesis": str(path), **usual, **changed}


def nobody() -> bytes:
    raise AssertionError("no passphrase is needed")


def test_follower_has_an_identity_and_no_key_that_votes(tmp_path: Path) -> None:
    made = initialise(tmp_path / "n", asked(tmp_path, peers=(PEER,)), nobody)

    folder = DataFolder(tmp_path / "n")
    told = load_configuration(folder.configuration)
    assert ("mine", "follower") == (told.node.name, told.node.kind)
    assert ["auth1"] == [peer.name for peer in told.p2p.peers]
    assert None is made["consensus_key"]
    assert not folder.signer.exists()


def test_authority_of_a_live_chain_has_a_locked_key_and_its_log(tmp_path: Path) -> None:
    made = initialise(
        tmp_path / "n", asked(tmp_path, kind="live", authority=True), lambda: b"secret"
    )

    folder = DataFolder(tmp_path / "n")
    key = read_key_file(folder.consensus_key)
    assert not key.development
    assert f"0x{key.public_key.hex()}" == made["consensus_key"]
    assert (folder.signer / "votes").is_dir()


def test_authority_of_a_development_chain_needs_no_passphrase(tmp_path: Path) -> None:
    initialise(tmp_path / "n", asked(tmp_path, authority=True), nobody)

    assert read_key_file(DataFolder(tmp_path / "n").consensus_key).development


def test_folder_of_another_node_is_left_alone(tmp_path: Path) -> None:
    initialise(tmp_path / "n", asked(tmp_path), nobody)

    with pytest.raises(Failure) as refused:
        initialise(tmp_path / "n", asked(tmp_path), nobody)

    assert 2 == refused.value.exit_code


def test_genesis_that_is_none_makes_nothing(tmp_path: Path) -> None:
    given = asked(tmp_path)
    (tmp_path / "genesis.json").write_text("{}")

    with pytest.raises(Failure):
        initialise(tmp_path / "n", given, nobody)

    assert not (tmp_path / "n").exists()


def test_peer_with_a_mark_is_an_authority() -> None:
    marked, plain = peers_of((PEER + "!", PEER))

    assert (True, False) == (marked.authority, plain.authority)
    assert ("10.0.0.2", 7701) == (marked.host, marked.port)


@pytest.mark.parametrize("text", ["", "auth1", "auth1=10.0.0.2:7701", "auth1=10.0.0.2/12D3"])
def test_what_is_no_peer_is_refused(text: str) -> None:
    with pytest.raises(Failure):
        peers_of((text,))
