"""Make a chain in one process, as authorities would that lose nothing: a certificate a block."""

from chain.block.block import Block
from chain.block.certificate import Certificate, certificate_of
from chain.block.header import block_id_of
from chain.block.vote import FINALIZE, Vote, vote_bytes
from chain.crypto.signing import SigningKey
from chain.machine.application import Application
from chain.machine.genesis import load_genesis
from chain.machine.genesis_development import development_seed
from chain.machine.run import BlockFacts, Outcome
from chain.modules.authorities.sets import authority_set_of
from derivatives.registry import REGISTRY
from node.folder import DataFolder
from node.state_store import StateStore
from node.storage.batch import FinalBatch, FinalBlock
from node.storage.leveldb import Storage, Tuning

BLOCK_MS = 500


class Maker:
    """Lays blocks down in the folder of a node that does not run, signed by published keys."""

    def __init__(self, folder: DataFolder) -> None:
        self.application = Application(REGISTRY)
        self.genesis = load_genesis(self.application, folder.genesis.read_bytes())
        self.storage = Storage.open(folder.chain, self.genesis.chain_id, Tuning(flush=False))
        self.store = StateStore.recover(self.storage, self.application, self.genesis)
        authorities = authority_set_of(self.store.tables, 0)
        assert authorities is not None
        self.authorities = authorities
        seeds = [development_seed(f"auth{number}/consensus") for number in range(authorities.count)]
        keys = {key.public_key: key for key in map(SigningKey.from_seed, seeds)}
        self._keys = [keys[public_key] for public_key in authorities.keys]

    def facts(self) -> BlockFacts:
        """Return what the next block is given."""
        parent = self.store.head.header
        view = parent.view + 1
        return BlockFacts(
            chain_id=parent.chain_id,
            epoch=parent.epoch,
            height=parent.height + 1,
            view=view,
            parent_id=block_id_of(parent),
            proposer=self.authorities.leader(view),
            time_ms=parent.time_ms + BLOCK_MS,
        )

    def keep(self, block: Block, outcome: Outcome) -> None:
        """Store a block with its own certificate, and go on from it."""
        block_id = block_id_of(block.header)
        final = FinalBlock(block, block_id, outcome.encoded_receipts, outcome.overlay)
        batch = FinalBatch((final,), self._certificate(block, block_id))
        self.store.make_durable(batch)
        self.store.take_in(batch)

    def _certificate(self, block: Block, block_id: bytes) -> Certificate:
        chain_id, epoch, view = block.header.chain_id, block.header.epoch, block.header.view
        said = vote_bytes(chain_id, epoch, view, FINALIZE, block_id)
        votes = [
            Vote(epoch, view, FINALIZE, block_id, number, key.sign(said))
            for number, key in enumerate(self._keys[: self.authorities.quorum])
        ]
        return certificate_of(votes, self.authorities)
