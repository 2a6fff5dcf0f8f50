from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.config import (
    SECTIONS,
    Configuration,
    ConfigurationFault,
    Node,
    P2p,
    Peer,
    Rpc,
    load_configuration,
    refuse_unsafe,
    text_of,
    write_configuration,
)

PEER_ID = "12D3KooW9pNAk8aiBuGVQtWRdbkLmo5qVL3e2h5UxbN2Nz9ttwiw"


def fault_of(path: Path | None, **told: object) -> ConfigurationFault:
    with pytest.raises(ConfigurationFault) as caught:
        load_configuration(
            path,
            told.get("environment"),  # type: ignore[arg-type]
            told.get("overrides"),  # type: ignore[arg-type]
        )
    return caught.value


def written(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text)
    return path


def test_defaults_are_those_of_the_interface() -> None:
    configuration = load_configuration(None)

    rpc = configuration.rpc

    assert ("127.0.0.1", 7600, 7700) == (rpc.host, rpc.port, configuration.p2p.port)
    assert (1024 * 1024, 50, 200, 32, 256) == (
        rpc.body_max_bytes,
        rpc.batch_max_count,
        rpc.connections_max_count,
        rpc.subscriptions_max_count,
        rpc.queue_max_count,
    )
    assert (10_000, 60_000) == (rpc.head_deadline_ms, rpc.idle_deadline_ms)
    assert 2 * 1024**3 == configuration.storage.free_floor_bytes


# CONFIG-001  Flags win over the environment, the environment over the file.
def test_later_word_wins(tmp_path: Path) -> None:
    path = written(tmp_path, "[rpc]\nport = 1\nbatch_max_count = 2\nqueue_max_count = 3\n")

    configuration = load_configuration(
        path,
        {"NOVATION_RPC__PORT": "10", "NOVATION_RPC__BATCH_MAX_COUNT": "20"},
        {"rpc.port": 100, "rpc.host": None},
    )

    rpc = configuration.rpc
    assert (100, 20, 3) == (rpc.port, rpc.batch_max_count, rpc.queue_max_count)


def test_environment_reads_text_as_it_is_and_the_rest_as_toml() -> None:
    configuration = load_configuration(
        None,
        {
            "NOVATION_NODE__NAME": "auth3",
            "NOVATION_RPC__ORIGINS": '["http://localhost:1"]',
            "NOVATION_STORAGE__FLUSH": "false",
            "NOVATION_STORAGE__FREE_FLOOR_BYTES": "1_000",
            "NOVATION_RPC": "http://127.0.0.1:7600",  # the command line's target, no key
        },
    )

    assert "auth3" == configuration.node.name
    assert ("http://localhost:1",) == configuration.rpc.origins
    assert (False, 1000) == (configuration.storage.flush, configuration.storage.free_floor_bytes)


def test_data_folder_is_the_folder_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, '[node]\nname = "auth0"\n')

    folder = load_configuration(path).folder

    assert tmp_path / "signer" / "key.json" == folder.consensus_key
    assert tmp_path / "chain" == folder.chain


def test_relative_data_folder_counts_from_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, '[node]\ndata_folder = "else/where"\n')

    folder = load_configuration(path).folder

    assert tmp_path / "else" / "where" == folder.root


# CONFIG-002  A fault names key, file and line, and the nearest valid key.
@pytest.mark.parametrize(
    ("text", "said", "line"),
    [
        ("[rpc]\n# why\nprot = 1\n", "unknown key rpc.prot (did you mean port?)", 3),
        ("[rcp]\nport = 1\n", "unknown key rcp (did you mean rpc?)", 1),
        ('"" = 1\n', 'unknown key ""', 1),
        ('[rpc]\n"" = 1\n', 'unknown key rpc.""', 2),
        ('[""]\nport = 1\n', 'unknown key ""', 0),
        ("[rpc]\nzzzzzz = 1\n", "unknown key rpc.zzzzzz (known: enabled, host, port", 2),
        ('[rpc]\nport = "x"\n', "rpc.port: expected int, not 'x'", 2),
        ("[rpc]\nport = 70000\n", "rpc.port: expected int <= 65535, not 70000", 2),
        ("[p2p]\nport = 1.5\n", "p2p.port: expected int, not 1.5", 2),
        ('[log]\nlevel = "loud"\n', "log.level: expected another word, not 'loud'", 2),
        ("[rpc]\nport = true\n", "rpc.port: expected int, not True", 2),
        (
            '[p2p]\n[[p2p.peers]]\nname = "a"\naddress = "h:1"\npeer_idd = "q"\n',
            "unknown key p2p.peers[0].peer_idd (did you mean peer_id?)",
            5,
        ),
        ("rpc = 5\n", "rpc: expected object, not 5", 1),
    ],
)
def test_fault_names_key_and_line(tmp_path: Path, text: str, said: str, line: int) -> None:
    path = written(tmp_path, text)

    fault = fault_of(path)

    assert said in str(fault)
    assert str(path) in str(fault)
    assert line == fault.facts.get("line")
    assert (1510, "node.configuration", 2) == (fault.code, fault.reason, fault.exit_code)


def test_broken_toml_names_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, "[rpc]\nport = = 3\n")

    fault = fault_of(path)

    assert 2 == fault.facts["line"]


def test_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    fault = fault_of(tmp_path / "none.toml")

    assert "cannot be read: No such file or directory" in str(fault)
    assert "novation node init" in str(fault)


def test_binary_file_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xff\xfe\x00")

    assert "not UTF-8" in str(fault_of(path))


def test_unknown_variable_is_a_fault_that_names_it() -> None:
    fault = fault_of(None, environment={"NOVATION_RPC__PROT": "1"})

    assert "environment variable NOVATION_RPC__PROT: unknown key rpc.prot (did you mean port?)" in (
        str(fault)
    )


def test_variable_that_is_no_value_is_a_fault_that_names_it() -> None:
    fault = fault_of(None, environment={"NOVATION_RPC__PORT": "seventy"})

    assert "NOVATION_RPC__PORT: 'seventy' is no value for rpc.port" in str(fault)


def test_variable_out_of_range_is_a_fault_that_names_it() -> None:
    fault = fault_of(None, environment={"NOVATION_RPC__PORT": "70000"})

    assert "environment variable NOVATION_RPC__PORT: rpc.port" in str(fault)


def test_unknown_flag_is_a_fault() -> None:
    fault = fault_of(None, overrides={"rpc.prot": 1})

    assert "flag for rpc.prot" in str(fault)


# CONFIG-003  What is written reads back the same, and every key is in it.
def test_written_file_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    configuration = Configuration(
        node=Node(name="auth0", kind="authority", data_folder=str(tmp_path)),
        rpc=Rpc(port=7601, origins=('http://"quoted"', "b")),
        p2p=P2p(peers=(Peer(name="auth1", address="127.0.0.1:7701", peer_id=PEER_ID),)),
    )

    write_configuration(path, configuration)

    assert configuration == load_configuration(path)


def test_every_key_is_shown() -> None:
    text = text_of(Configuration())

    missing = [
        f.name for k in SECTIONS.values() for f in msgspec.structs.fields(k) if f.name not in text
    ]

    assert [] == missing


@given(st.text(max_size=30), st.integers(0, 2**53), st.booleans())
def test_any_values_read_back(origin: str, size_bytes: int, flag: bool) -> None:
    configuration = Configuration(
        rpc=Rpc(origins=(origin,), body_max_bytes=size_bytes, enabled=flag)
    )

    import tomllib

    again = msgspec.convert(tomllib.loads(text_of(configuration)), Configuration)

    assert configuration == again


@given(st.binary(max_size=200))
def test_no_bytes_end_in_anything_but_a_fault(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("configuration") / "config.toml"
    path.write_bytes(data)

    try:
        load_configuration(path)
        said = ""
    except ConfigurationFault as fault:
        said = str(fault)

    assert "Traceback" not in said


def test_peer_address_has_host_and_port() -> None:
    peer = Peer(name="a", address="[::1]:7700", peer_id=PEER_ID)

    assert ("::1", 7700) == (peer.host, peer.port)


@pytest.mark.parametrize(
    ("key", "kind"), [("storage.flush", "live"), ("development.manual", "live")]
)
def test_live_chain_refuses_development_settings(key: str, kind: str) -> None:
    configuration = load_configuration(None, None, {key: key == "development.manual"})

    with pytest.raises(ConfigurationFault) as caught:
        refuse_unsafe(configuration, kind)

    assert key == caught.value.facts["key"]


def test_dev_chain_allows_development_settings() -> None:
    configuration = load_configuration(None, None, {"storage.flush": False})

    refuse_unsafe(configuration, "devnet")
