"""Make a network: a genesis of this moment, a folder for each authority, keys to play with.

Everything is written beside the place and moved into it at the end, so that an
interrupted `up` leaves nothing that looks like a network.

Source: docs/specs/cli.md, CLI-040 to CLI-045.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chain.crypto.addresses import text_of
from chain.crypto.signing import SigningKey
from chain.kit.genesis import GenesisFault
from chain.limits import MIN_BLOCK_MS_DEFAULT, TARGET_BLOCK_MS_DEFAULT
from chain.machine.application import Application
from chain.machine.genesis import Genesis, load_genesis
from chain.machine.genesis_development import genesis_json
from derivatives.genesis_development import development_genesis
from derivatives.instruments.state import KIND_FUTURE, KIND_PERPETUAL, KIND_SYNTHETIC
from derivatives.registry import REGISTRY
from node.agents.feeder.settings import write_synthetic
from node.client.failures import CONFIGURATION, Failure
from node.client.target import DEFAULT_PORT
from node.config import (
    Configuration,
    Development,
    Log,
    Node,
    P2p,
    Peer,
    Rpc,
    StorageSection,
    write_configuration,
)
from node.consensus.vote_log import VoteLog
from node.devnet.agents import write_settings
from node.devnet.layout import (
    KEYS_FOLDER,
    Choices,
    Network,
    Place,
    p2p_port,
    rpc_port,
    write_network,
)
from node.devnet.ports import LOOPBACK
from node.devnet.seeds import (
    ACCOUNT_NAMES,
    AGENT_NAMES,
    FAUCET_NAME,
    consensus_seed,
    development_seed,
    identity_seed,
    oracle_seed,
)
from node.folder import DataFolder, write_atomically
from node.keystore.key_file import Purpose, write_key_file
from node.keystore.store import Keystore
from p2p.identity import peer_id_of_public_key

DEVNET_COUNT = 4
FREE_FLOOR_BYTES = 512 * 1024 * 1024
"""Lower than a live node's: four of these share one disk, and nothing of value is on it."""
MARKET_SEED = 1
"""All feeders see one made-up market."""

CHAIN_NAMES = {"devnet": "novation-devnet", "dev": "novation-dev"}


def choices_of(kind: str, asked: Mapping[str, Any]) -> Choices:
    """Return the choices of a new network: what was asked, else the defaults."""
    genesis = asked.get("genesis")
    counted = 1 if kind == "dev" else DEVNET_COUNT
    return Choices(
        kind=kind,
        node_count=asked.get("node_count") or counted,
        port=asked.get("port") or DEFAULT_PORT,
        block_time_ms=asked.get("block_time_ms") or TARGET_BLOCK_MS_DEFAULT,
        genesis=str(Path(genesis).absolute()) if genesis else None,
        manual=bool(asked.get("manual")),
    )


def make_network(home: Path, choices: Choices, time_ms: int) -> Network:
    """Return the network that was made in a folder, which is empty or absent before.

    Refuses: a genesis that is none, or whose authorities have keys of their own.
    """
    application = Application(REGISTRY)
    document = genesis_of(choices, time_ms)
    data = genesis_json(document)
    genesis = _loaded(application, data, choices.genesis)
    names = _names_of(genesis)
    places = places_of(names, choices.port)
    accounts = tuple(
        (name, text_of(SigningKey.from_seed(development_seed(name)).public_key))
        for name in (*ACCOUNT_NAMES, *AGENT_NAMES, FAUCET_NAME)
    )
    network = Network(home, genesis.chain_name, genesis.chain_id, choices, places, accounts)
    draft = home.with_name(f".{home.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True, mode=0o700)
    for index, place in enumerate(places):
        folder = DataFolder(draft / place.folder)
        _write_keys(folder, place.name, genesis.chain_id)
        write_atomically(folder.genesis, data, mode=0o644)
        write_configuration(folder.configuration, configuration_of(places, index, choices))
        if choices.kind == "devnet":
            write_synthetic(folder.feeder, node=place.rpc, name=place.name, seed=MARKET_SEED)
    write_settings(draft, places, traded_of(document))
    keystore = Keystore([draft / KEYS_FOLDER])
    (draft / KEYS_FOLDER).mkdir(mode=0o700)
    for name, _ in accounts:
        keystore.create(name, None, seed=development_seed(name))
    if home.exists():
        home.rmdir()
    draft.rename(home)
    write_network(network)
    return network


def genesis_of(choices: Choices, time_ms: int) -> dict[str, Any]:
    """Return the genesis of a new network, beginning now.

    Another genesis keeps all it says but its time, since a chain that began long ago
    would first have to catch up with the clock.
    """
    if choices.genesis is None:
        return development_genesis(
            choices.node_count,
            time_ms,
            choices.kind,
            min_block_ms=min(MIN_BLOCK_MS_DEFAULT, choices.block_time_ms),
            target_block_ms=choices.block_time_ms,
            chain_name=CHAIN_NAMES[choices.kind],
        )
    try:
        document = json.loads(Path(choices.genesis).read_text())
    except (OSError, ValueError) as fault:
        raise Failure(CONFIGURATION, f"{choices.genesis} cannot be read ({fault})") from fault
    if not isinstance(document, dict):
        raise Failure(CONFIGURATION, f"{choices.genesis} is not a genesis")
    return {**document, "time_ms": time_ms}


def traded_of(document: Mapping[str, Any]) -> dict[str, str]:
    """Return the perpetuals, futures and synthetics of a genesis, with the underlying of each."""
    rows = document.get("tables", {}).get("instruments", ())
    return {
        row["instrument"]: row["underlying"]
        for row in rows
        if row["kind"] in {KIND_PERPETUAL, KIND_FUTURE, KIND_SYNTHETIC}
    }


def _loaded(application: Application, data: bytes, path: str | None) -> Genesis:
    try:
        genesis = load_genesis(application, data)
    except GenesisFault as fault:
        raise Failure(
            CONFIGURATION, f"{path or 'the genesis'}: {fault}", "nothing was made"
        ) from fault
    if not genesis.is_development:
        raise Failure(
            CONFIGURATION,
            f"{path} is of kind {genesis.kind}; a network of published keys may not run it",
            "nothing was made; join a live chain with: novation node init",
        )
    return genesis


def _names_of(genesis: Genesis) -> list[str]:
    """Return the names of the authorities, in the order of their numbers.

    Refuses: an authority whose key nobody here knows.
    """
    for member in genesis.authorities.members:
        if SigningKey.from_seed(consensus_seed(member.name)).public_key != member.consensus_key:
            raise Failure(
                CONFIGURATION,
                f"authority {member.name} of this genesis has a key of its own",
                "nothing was made; a devnet runs authorities with published keys alone",
            )
    names = [member.name for member in genesis.authorities.members]
    return sorted(names, key=lambda name: (len(name), name))


def places_of(names: Sequence[str], port: int) -> tuple[Place, ...]:
    """Return where each authority runs: folder, ports and peer id."""
    return tuple(
        Place(
            name=name,
            folder=name,
            rpc=f"http://{LOOPBACK}:{rpc_port(port, index)}",
            p2p=f"{LOOPBACK}:{p2p_port(port, index)}",
            peer_id=peer_id_of_public_key(SigningKey.from_seed(identity_seed(name)).public_key),
        )
        for index, name in enumerate(names)
    )


def configuration_of(places: Sequence[Place], index: int, choices: Choices) -> Configuration:
    """Return what an authority of a network is told."""
    place = places[index]
    return Configuration(
        node=Node(name=place.name, kind="authority"),
        rpc=Rpc(port=rpc_port(choices.port, index)),
        p2p=P2p(
            port=p2p_port(choices.port, index),
            peers=tuple(
                Peer(name=other.name, address=other.p2p, peer_id=other.peer_id, authority=True)
                for other in places
                if other is not place
            ),
        ),
        storage=StorageSection(free_floor_bytes=FREE_FLOOR_BYTES),
        log=Log(file="node.log"),
        development=Development(manual=choices.manual),
    )


def _write_keys(folder: DataFolder, name: str, chain_id: bytes) -> None:
    """Write the keys of one authority, and the log without which it may not vote."""
    folder.signer.mkdir(parents=True, mode=0o700)
    keys: tuple[tuple[Path, bytes, Purpose], ...] = (
        (folder.identity, identity_seed(name), "identity"),
        (folder.consensus_key, consensus_seed(name), "consensus"),
        (folder.oracle_key, oracle_seed(name), "oracle"),
    )
    for path, seed, purpose in keys:
        write_key_file(path, seed, purpose, None)
    VoteLog.create(folder.signer, chain_id, SigningKey.from_seed(consensus_seed(name)).public_key)
