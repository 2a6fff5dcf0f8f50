from pathlib import Path

import pytest

from node.client.failures import Failure
from node.devnet.layout import (
    Choices,
    Network,
    Place,
    find_network,
    load_network,
    p2p_port,
    ports_of,
    require_same_choices,
    rpc_port,
    write_network,
)

CHOICES = Choices("devnet", 2, 18_500, 500, None)


def network_at(home: Path) -> Network:
    places = tuple(
        Place(name, name, f"http://127.0.0.1:{18_500 + i}", f"127.0.0.1:{18_600 + i}", "12D3Koo")
        for i, name in enumerate(("auth0", "auth1"))
    )
    return Network(home, "novation-dev-1", bytes(range(32)), CHOICES, places, (("alice", "nov1a"),))


def test_network_file_gives_back_what_was_written(tmp_path: Path) -> None:
    network = network_at(tmp_path)

    write_network(network)

    assert network == find_network(tmp_path)


def test_folder_without_a_network_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(Failure) as refused:
        load_network(tmp_path)

    assert 9 == refused.value.exit_code


def test_network_file_of_another_version_is_refused(tmp_path: Path) -> None:
    network = network_at(tmp_path)
    write_network(network)
    path = tmp_path / "network.json"
    path.write_text(path.read_text().replace('"node_count"', '"nodes_count"'))

    with pytest.raises(Failure) as refused:
        find_network(tmp_path)

    assert "client.configuration" == refused.value.kind.reason


def test_ports_follow_the_number_of_the_authority() -> None:
    assert (7603, 7703) == (rpc_port(7600, 3), p2p_port(7600, 3))
    assert [18_500, 18_501, 18_600, 18_601] == ports_of(CHOICES)


@pytest.mark.parametrize(("count", "port"), [(0, 7600), (101, 7600), (4, 65_500)])
def test_network_that_has_no_ports_is_refused(count: int, port: int) -> None:
    with pytest.raises(Failure) as refused:
        ports_of(Choices("devnet", count, port, 500, None))

    assert 2 == refused.value.exit_code


def test_node_of_another_name_is_refused_with_the_names_there_are(tmp_path: Path) -> None:
    with pytest.raises(Failure) as refused:
        network_at(tmp_path).place("auth9")

    assert 9 == refused.value.exit_code
    assert "auth0, auth1" in refused.value.advice[0]


def test_flags_that_say_the_same_or_nothing_are_fine(tmp_path: Path) -> None:
    require_same_choices(network_at(tmp_path), {"node_count": 2, "port": None})


def test_changed_flags_are_refused_with_both_ways_on(tmp_path: Path) -> None:
    with pytest.raises(Failure) as refused:
        require_same_choices(network_at(tmp_path), {"block_time_ms": 2000, "node_count": 2})

    failure = refused.value
    assert ("client.flags_changed", 2) == (failure.kind.reason, failure.exit_code)
    assert "--block-time-ms 500" in failure.message
    assert "novation devnet up --reset --block-time-ms 2000" in failure.advice[0]
