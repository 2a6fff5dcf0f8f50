import json
from pathlib import Path

import pytest

from chain.crypto.addresses import text_of
from chain.crypto.signing import SigningKey
from chain.machine.genesis import load_genesis
from node.client.declarations import application
from node.client.failures import Failure
from node.config import load_configuration
from node.consensus.vote_log import VoteLog
from node.devnet.layout import Network, find_network
from node.devnet.seeds import consensus_seed, development_seed, identity_seed
from node.devnet.writing import choices_of, genesis_of, make_network, traded_of
from node.folder import DataFolder
from node.keystore.key_file import read_key_file
from node.keystore.store import Keystore
from p2p.identity import peer_id_of_public_key

NOW_MS = 1_790_000_000_000


@pytest.fixture
def network(tmp_path: Path) -> Network:
    choices = choices_of("devnet", {"port": 18_500, "block_time_ms": 700})
    return make_network(tmp_path / "net", choices, NOW_MS)


def test_network_is_remembered_and_nothing_else_is_left(network: Network) -> None:
    assert network == find_network(network.home)
    assert ["net"] == [path.name for path in network.home.parent.iterdir()]
    assert ["auth0", "auth1", "auth2", "auth3"] == [place.name for place in network.nodes]


def test_every_node_has_the_same_genesis_of_this_moment(network: Network) -> None:
    data = {DataFolder(network.folder_of(place)).genesis.read_bytes() for place in network.nodes}

    (only,) = data
    genesis = load_genesis(application(), only)
    assert (network.chain_id, NOW_MS, "devnet") == (genesis.chain_id, genesis.time_ms, genesis.kind)
    assert (100, 700) == (genesis.parameters.min_block_ms, genesis.parameters.target_block_ms)


def test_node_is_told_its_ports_and_its_peers(network: Network) -> None:
    place = network.nodes[1]

    told = load_configuration(DataFolder(network.folder_of(place)).configuration)

    assert ("auth1", "authority") == (told.node.name, told.node.kind)
    assert (18_501, 18_601) == (told.rpc.port, told.p2p.port)
    others = {peer.name: (peer.address, peer.peer_id) for peer in told.p2p.peers}
    assert {
        other.name: (other.p2p, other.peer_id) for other in network.nodes if other is not place
    } == others


def test_peer_id_is_that_of_the_identity_key(network: Network) -> None:
    place = network.nodes[2]

    key = read_key_file(DataFolder(network.folder_of(place)).identity)

    key.require_purpose("identity")
    assert identity_seed("auth2") == key.seed()
    assert place.peer_id == peer_id_of_public_key(key.public_key)


def test_key_that_votes_has_its_empty_log_beside_it(network: Network) -> None:
    folder = DataFolder(network.folder_of(network.nodes[0]))
    key = read_key_file(folder.consensus_key)

    log, contents = VoteLog.open(folder.signer, network.chain_id, key.public_key)
    log.close()

    assert consensus_seed("auth0") == key.seed()
    assert () == tuple(contents.records)


def test_accounts_are_funded_in_genesis_and_have_their_keys(network: Network) -> None:
    document = json.loads(DataFolder(network.folder_of(network.nodes[0])).genesis.read_text())
    funded = {row["holder"] for row in document["tables"]["balances"]}
    store = Keystore([network.home / "keys"])

    agents = ["maker", "arbitrageur", "keeper", "quoter"]
    assert ["alice", "bob", "carol", "dave", "erin", "frank", *agents, "faucet"] == [
        name for name, _ in network.accounts
    ]
    for name, address in network.accounts:
        public_key = SigningKey.from_seed(development_seed(name)).public_key
        assert (text_of(public_key), public_key) == (address, store.find(name).public_key)
        assert address in funded


def test_other_count_of_authorities_is_another_genesis(tmp_path: Path) -> None:
    network = make_network(tmp_path / "net", choices_of("devnet", {"node_count": 7}), NOW_MS)

    assert 7 == len(network.nodes)


def test_dev_chain_has_one_authority_and_its_kind(tmp_path: Path) -> None:
    network = make_network(tmp_path / "net", choices_of("dev", {"manual": True}), NOW_MS)

    (place,) = network.nodes
    folder = DataFolder(network.folder_of(place))
    assert "dev" == load_genesis(application(), folder.genesis.read_bytes()).kind
    assert load_configuration(folder.configuration).development.manual


def test_given_genesis_keeps_everything_but_its_time(tmp_path: Path) -> None:
    given = genesis_of(choices_of("devnet", {"node_count": 2}), 5)
    path = tmp_path / "genesis.json"
    path.write_text(json.dumps({**given, "chain_name": "mine"}))

    network = make_network(tmp_path / "net", choices_of("devnet", {"genesis": str(path)}), NOW_MS)

    assert ("mine", 2) == (network.chain_name, len(network.nodes))
    genesis = DataFolder(network.folder_of(network.nodes[0])).genesis.read_bytes()
    assert NOW_MS == load_genesis(application(), genesis).time_ms


@pytest.mark.parametrize("text", ["{", "[]", '{"genesis_version": 1}'])
def test_genesis_that_is_none_makes_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "genesis.json"
    path.write_text(text)

    with pytest.raises(Failure) as refused:
        make_network(tmp_path / "net", choices_of("devnet", {"genesis": str(path)}), NOW_MS)

    assert 2 == refused.value.exit_code
    assert not (tmp_path / "net").exists()


def test_genesis_of_a_live_chain_is_not_run_with_published_keys(tmp_path: Path) -> None:
    given = genesis_of(choices_of("devnet", {}), 5)
    path = tmp_path / "genesis.json"
    path.write_text(json.dumps({**given, "kind": "live"}))

    with pytest.raises(Failure) as refused:
        make_network(tmp_path / "net", choices_of("devnet", {"genesis": str(path)}), NOW_MS)

    assert "kind live" in refused.value.message


def test_authority_with_a_key_of_its_own_is_not_run(tmp_path: Path) -> None:
    given = genesis_of(choices_of("devnet", {}), 5)
    given["tables"]["authorities"][0]["members"][0]["name"] = "stranger"
    path = tmp_path / "genesis.json"
    path.write_text(json.dumps(given))

    with pytest.raises(Failure) as refused:
        make_network(tmp_path / "net", choices_of("devnet", {"genesis": str(path)}), NOW_MS)

    assert "stranger" in refused.value.message


def test_what_agents_trade_is_what_is_linear_and_what_is_owed() -> None:
    rows = [
        {"instrument": name, "kind": kind, "underlying": "BTC"}
        for name, kind in (
            ("BTC-PERP", 1),
            ("BTC-26MAR27", 2),
            ("BTC-26MAR27-70000-C", 3),
            ("sBTC", 5),
        )
    ]

    assert {"BTC-PERP": "BTC", "BTC-26MAR27": "BTC", "sBTC": "BTC"} == traded_of(
        {"tables": {"instruments": rows}}
    )
    assert {} == traded_of({"tables": {}})
