"""How long a node of a million rows is away when it is started again: to its first new block.

An authority that is alone, a process of its own.  Its chain is made here: blocks as a node builds
them, each with ten thousand new balances beside, and certificates of its one published key.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path

from chain.block.certificate import Certificate, certificate_of
from chain.block.header import block_id_of
from chain.block.vote import FINALIZE, Vote, vote_bytes
from chain.crypto.signing import SigningKey
from chain.machine.application import Application
from chain.machine.genesis import load_genesis
from chain.machine.genesis_development import development_seed
from chain.machine.run import BlockFacts, open_block, seal
from chain.modules.authorities.sets import authority_set_of
from chain.modules.ledger.state import BALANCES, SUPPLIES, Balance, Supply
from chain.state.overlay import Overlay
from derivatives.registry import REGISTRY
from node.clock import Clock
from node.devnet import processes
from node.devnet.layout import Choices, Network
from node.devnet.writing import make_network
from node.folder import DataFolder
from node.state_store import StateStore
from node.storage.batch import FinalBatch, FinalBlock
from node.storage.leveldb import Storage
from tests.bench.network import Running
from tests.bench.scale.state import BLOCKS_COUNT, WRITES_COUNT, key_of

PORT = 17_950
BLOCK_MS = 500
STARTS_COUNT = 3
WITHIN_S = 120
LOOK_EVERY_S = 0.02


def grow(folder: DataFolder) -> int:
    """Make the chain of a folder, and return its height."""
    application = Application(REGISTRY)
    genesis = load_genesis(application, folder.genesis.read_bytes())
    storage = Storage.open(folder.chain, genesis.chain_id)
    store = StateStore.recover(storage, application, genesis)
    for number in range(BLOCKS_COUNT):
        batch = _batch(store, application, number)
        store.make_durable(batch)
        store.take_in(batch)
    storage.close()
    return store.head.height


def _batch(store: StateStore, application: Application, number: int) -> FinalBatch:
    parent = store.head.header
    facts = BlockFacts(
        chain_id=parent.chain_id,
        epoch=parent.epoch,
        height=parent.height + 1,
        view=parent.view + 1,
        parent_id=block_id_of(parent),
        proposer=0,
        time_ms=parent.time_ms + BLOCK_MS,
    )
    run = open_block(application, store.tables, facts, b"", ())
    overlay = run.view
    assert isinstance(overlay, Overlay)
    for row in range(number * WRITES_COUNT, (number + 1) * WRITES_COUNT):
        overlay.put(BALANCES, key_of(row), Balance(1))
    supply = overlay.get(SUPPLIES, "USD")
    assert supply is not None
    more = Supply(supply.supply_quantums + WRITES_COUNT)
    overlay.put(SUPPLIES, "USD", more)
    outcome = run.close()
    block = seal(facts, (), b"", (), outcome)
    block_id = block_id_of(block.header)
    final = FinalBlock(block, block_id, outcome.receipts, outcome.encoded_receipts, outcome.overlay)
    return FinalBatch((final,), _certificate(store, facts, block_id))


def _certificate(store: StateStore, facts: BlockFacts, block_id: bytes) -> Certificate:
    key = SigningKey.from_seed(development_seed("auth0/consensus"))
    said = vote_bytes(facts.chain_id, facts.epoch, facts.view, FINALIZE, block_id)
    vote = Vote(facts.epoch, facts.view, FINALIZE, block_id, 0, key.sign(said))
    authorities = authority_set_of(store.tables, facts.epoch)
    assert authorities is not None
    return certificate_of([vote], authorities)


@contextmanager
def _network() -> Iterator[Network]:
    with tempfile.TemporaryDirectory(prefix="novation-bench-") as home:
        began_ms = Clock().wall_ms() - (BLOCKS_COUNT + 20) * BLOCK_MS
        choices = Choices("devnet", 1, PORT, BLOCK_MS, None)
        network = make_network(Path(home) / "network", choices, began_ms)
        yield network


def height_of(one: Running) -> int:
    """Return how high the node is; -1 while it does not answer."""
    try:
        return int(one.call(0, "chain_getStatus")["height"])
    except (OSError, HTTPException):
        one.doors.clear()
        return -1


def restart_rows() -> list[tuple[str, float, str, str]]:
    """Return name, value, unit and bar of each figure: the fastest of some starts."""
    answered_s, voted_s = [], []
    with _network() as network:
        folder = network.folder_of(network.nodes[0])
        height = grow(DataFolder(folder))
        one = Running(network, [])
        for _ in range(STARTS_COUNT):
            start = time.monotonic()
            processes.start(folder)
            try:
                _wait(one, 0, start)
                answered_s.append(time.monotonic() - start)
                height = _wait(one, height + 1, start)
                voted_s.append(time.monotonic() - start)
            finally:
                processes.stop([folder])
                one.doors.clear()
    name = f"restart/rows={BLOCKS_COUNT * WRITES_COUNT}"
    return [
        (f"{name},answer", min(answered_s), "s, wall, to its first answer", ""),
        (f"{name},vote", min(voted_s), "s, wall, to its first new block", "at most 5"),
    ]


def _wait(one: Running, height: int, start: float) -> int:
    while (now := height_of(one)) < height:
        assert time.monotonic() - start < WITHIN_S, f"the node is at {now}"
        time.sleep(LOOK_EVERY_S)
    return now
