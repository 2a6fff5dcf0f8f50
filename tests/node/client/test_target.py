import json
from pathlib import Path

import pytest

from node.client.failures import Failure
from node.client.target import find_target, found_folder, url_of

CHAIN = "ab" * 32


def network_in(folder: Path) -> Path:
    folder.mkdir(parents=True)
    nodes = [
        {"name": "auth0", "rpc": "http://127.0.0.1:18600"},
        {"name": "auth1", "rpc": "http://127.0.0.1:18601"},
    ]
    document = {"kind": "devnet", "chain_id": f"0x{CHAIN}", "nodes": nodes}
    (folder / "network.json").write_text(json.dumps(document))
    return folder


def test_flag_stands_above_environment_and_folder(tmp_path: Path) -> None:
    folder = network_in(tmp_path / "d")

    target = find_target("http://x:1", {"NOVATION_RPC": "http://y:2"}, folder)

    assert ("http://x:1", "--rpc") == (target.url, target.origin)
    assert target.chain_id is None


def test_environment_stands_above_the_folder(tmp_path: Path) -> None:
    target = find_target(None, {"NOVATION_RPC": "7605"}, network_in(tmp_path / "d"))

    assert "http://127.0.0.1:7605" == target.url


def test_folder_names_its_first_node_and_its_chain(tmp_path: Path) -> None:
    target = find_target(None, {}, network_in(tmp_path / "d"))

    assert "http://127.0.0.1:18600" == target.url
    assert bytes.fromhex(CHAIN) == target.chain_id


def test_node_may_be_called_by_its_name(tmp_path: Path) -> None:
    target = find_target("auth1", {}, network_in(tmp_path / "d"))

    assert "http://127.0.0.1:18601" == target.url
    assert bytes.fromhex(CHAIN) == target.chain_id


def test_without_anything_port_7600_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    target = find_target(None, {}, None)

    assert ("http://127.0.0.1:7600", "default") == (target.url, target.origin)


def test_network_below_the_working_directory_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network_in(tmp_path / ".novation" / "devnet")
    monkeypatch.chdir(tmp_path)

    assert Path(".novation/devnet") == found_folder()


def test_word_that_names_no_node_is_refused() -> None:
    with pytest.raises(Failure) as refused:
        url_of("auth9")

    assert 2 == refused.value.exit_code


@pytest.mark.parametrize("text", ["{", "[]", '{"nodes": []}'])
def test_network_file_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "network.json").write_text(text)

    with pytest.raises(Failure) as refused:
        find_target(None, {}, tmp_path)

    assert "client.configuration" == refused.value.kind.reason
