"""Open what lies on a node's disk, and read its keys, before anything runs.

Every refusal here is a `NodeFault` that says what to do; nothing was started by finding out.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from chain.block.vote import Vote
from chain.consensus.core import Simplex
from chain.consensus.log import Contents
from chain.consensus.messages import KINDS
from chain.consensus.settings import Settings
from chain.crypto.signing import SigningKey
from chain.crypto.verification import WrongVerdict, check_verdicts, is_genuine
from chain.kit.genesis import GenesisFault
from chain.machine.application import Application
from chain.machine.genesis import Genesis, load_genesis
from chain.modules.system.standing import consensus_parameters_of
from derivatives.registry import REGISTRY
from node.clock import Clock, VirtualClock
from node.config import Configuration, refuse_unsafe
from node.consensus.alarms import Alarms
from node.consensus.greeter import ChainGreeter
from node.consensus.recovery import remembered
from node.consensus.roll import StateRoll
from node.consensus.vote_log import VoteLog
from node.faults import NodeFault
from node.keystore.key_file import Purpose, read_key_file
from node.state_store import StateStore
from node.storage.leveldb import Storage, Tuning
from p2p.identity import peer_id_of_public_key
from p2p.network import PeerId

FRAME_LIMITS = {kind.number: kind.bytes_max for kind in KINDS.values()}
"""Largest payload of each kind of message, for the links."""


class StartFault(NodeFault):
    """What the node was given cannot make a node. Nothing was started."""

    NUMBERS: ClassVar[dict[str, int]] = {
        "genesis_unreadable": 1501,
        "genesis_wrong": 1502,
        "signatures_wrong": 1503,
        "cannot_listen": 1504,
    }
    EXIT_CODE: ClassVar[int] = 2


@dataclass
class Rooms:
    """What lies on disk, opened, and what is made of it before anything runs."""

    configuration: Configuration
    genesis: Genesis
    application: Application
    storage: Storage
    state_store: StateStore
    clock: Clock
    alarms: Alarms
    roll: StateRoll
    key: SigningKey | None
    log: VoteLog | None
    contents: Contents
    identity_seed: bytes = field(repr=False)
    own_name: str
    closing: list[Callable[[], None]] = field(default_factory=list)

    @property
    def me(self) -> PeerId:
        """Our own peer id."""
        return peer_id_of_public_key(SigningKey.from_seed(self.identity_seed).public_key)

    @property
    def is_alone(self) -> bool:
        """Whether this is a chain of one authority that makes its time by itself."""
        return self.genesis.kind == "dev"

    def close(self) -> None:
        """Let files and locks go, last opened first."""
        while self.closing:
            self.closing.pop()()


def open_rooms(configuration: Configuration, passphrase: bytes | None = None) -> Rooms:
    """Return a node's rooms, its chain's folder opened and its keys read.

    Refuses: StartFault, ConfigurationFault, KeystoreFault, StorageFault, RecoveryRefused. A
    vote log that cannot be trusted is no refusal: the node follows and says why.
    """
    try:
        check_verdicts()
    except WrongVerdict as wrong:
        raise StartFault(
            "signatures_wrong",
            f"This machine's libsodium judges signatures otherwise than the chain: {wrong}.",
            spared="Nothing was started.",
            hint="Install the pinned requirements; a system libsodium must not be used.",
        ) from wrong
    application = Application(REGISTRY)
    folder = configuration.folder
    genesis = read_genesis(application, folder.genesis)
    refuse_unsafe(configuration, genesis.kind)
    identity_seed = _seed(folder.identity, "identity", genesis.kind, passphrase)
    key = None
    if configuration.node.kind == "authority":
        key = SigningKey.from_seed(
            _seed(folder.consensus_key, "consensus", genesis.kind, passphrase)
        )
    closing: list[Callable[[], None]] = []
    try:
        tuning = Tuning(
            write_buffer_bytes=configuration.storage.write_buffer_bytes,
            cache_bytes=configuration.storage.cache_bytes,
            flush=configuration.storage.flush,
        )
        storage = Storage.open(folder.chain, genesis.chain_id, tuning)
        closing.append(storage.close)
        state_store = StateStore.recover(storage, application, genesis)
        memory = remembered(configuration, genesis.chain_id, key.public_key if key else None)
        if memory.log is not None:
            closing.append(memory.log.close)
    except BaseException:
        while closing:
            closing.pop()()
        raise
    clock = Clock()
    if genesis.kind == "dev":
        clock = VirtualClock(state_store.head.time_ms, genesis.parameters.target_block_ms)
    roll = StateRoll(state_store)
    name = roll.name_of(key.public_key) if key else None
    alarms = Alarms(clock)
    if storage.torn:
        alarms.sound("storage_torn", why=storage.torn)
    return Rooms(
        configuration=configuration,
        genesis=genesis,
        application=application,
        storage=storage,
        state_store=state_store,
        clock=clock,
        alarms=alarms,
        roll=roll,
        key=key,
        log=memory.log,
        contents=memory.contents,
        identity_seed=identity_seed,
        own_name=name or configuration.node.name,
        closing=closing,
    )


def read_genesis(application: Application, path: Path) -> Genesis:
    """Return the genesis of a file. Refuses: StartFault."""
    try:
        return load_genesis(application, path.read_bytes())
    except OSError as fault:
        raise StartFault(
            "genesis_unreadable",
            f"{path} cannot be read: {fault.strerror}",
            spared="Nothing was started.",
            hint="Copy the genesis of the chain there.",
            file=str(path),
        ) from fault
    except GenesisFault as fault:
        raise StartFault(
            "genesis_wrong",
            f"{path} is no genesis: {fault}",
            spared="Nothing was started.",
            file=str(path),
        ) from fault


def oracle_key_of(rooms: Rooms) -> SigningKey | None:
    """Return the oracle key of a chain's one authority; elsewhere the feeder holds it.

    Refuses: KeystoreFault.
    """
    path = rooms.configuration.folder.oracle_key
    if not rooms.is_alone or not path.exists():
        return None
    return SigningKey.from_seed(_seed(path, "oracle", rooms.genesis.kind, None))


def settings_of(rooms: Rooms) -> Settings:
    """Return what the core is told: the chain's pace, and the local one."""
    pace = consensus_parameters_of(rooms.state_store.tables)
    local = rooms.configuration.consensus
    return Settings(
        chain_id=rooms.genesis.chain_id,
        min_block_ms=pace.min_block_ms,
        target_block_ms=pace.target_block_ms,
        view_timeout_ms=local.view_timeout_ms,
        retry_ms=local.retry_every_ms,
        retry_spread_ms=local.retry_spread_ms,
        push_after_ms=local.certificate_push_ms,
        status_every_ms=local.status_every_ms,
        clock_alarm_ms=local.clock_alarm_ms,
    )


def greeter_of(
    rooms: Rooms,
    core: Callable[[], Simplex],
    heard: Callable[[PeerId, bytes, tuple[Vote, ...]], None],
) -> ChainGreeter:
    """Return who makes and judges hellos for this node."""
    peers = rooms.configuration.p2p.peers
    return ChainGreeter(
        chain_id=rooms.genesis.chain_id,
        me=rooms.me,
        own_name=rooms.own_name,
        key=(rooms.key.public_key, rooms.key.sign) if rooms.key else None,
        peer_names={peer.peer_id: peer.name for peer in peers if peer.authority},
        roll=rooms.roll,
        votes_of=lambda key: core().votes_held_of(key),
        heard=heard,
        verify=is_genuine,
    )


def _seed(path: Path, purpose: Purpose, chain_kind: str, passphrase: bytes | None) -> bytes:
    """Return the seed of one of the node's own keys. Refuses: KeystoreFault.

    The identity key guards no vote and no money, so it may stand in clear on any chain.
    """
    key_file = read_key_file(path)
    key_file.require_purpose(purpose)
    if purpose != "identity":
        key_file.refuse_on(chain_kind)
    return key_file.seed(None if key_file.development else passphrase)
