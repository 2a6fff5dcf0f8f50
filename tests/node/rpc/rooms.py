"""A node whose rooms are real but for consensus, network and controls."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from chain.block.block import Block
from chain.block.certificate import AuthoritySet, Certificate, certificate_of
from chain.block.header import block_id_of
from chain.block.transaction import is_genuine_transaction
from chain.block.vote import FINALIZE, Vote, vote_bytes
from chain.machine.validity import apply_block, check_block
from chain.modules.authorities.sets import authority_set_of
from chain.modules.ledger.transactions import Transfer
from node.finality import Finality, FinalNotice
from node.services import Services, Stall, Standing, Tally
from node.storage.batch import FinalBatch, FinalBlock
from tests import given


@dataclass
class FakeConsensus:
    """What a node says of its part in consensus, as tests want it."""

    finality: Finality
    view: int = 7
    silent: tuple[str, ...] = ()
    syncing: bool = False

    def standing(self) -> Standing:
        height = self.finality.head.height
        return Standing(
            epoch=0,
            view=self.view,
            leader="auth3",
            height=height,
            best_height=height,
            syncing=self.syncing,
            ready=not self.syncing,
            signing=True,
            not_signing_why="",
        )

    def explain_stall(self) -> Stall:
        return Stall(
            why="waiting for 1 more vote",
            standing=self.standing(),
            since_final_ms=40,
            tallies=(Tally(7, "notarize", bytes(32), ("auth0", "auth1"), ("auth2", "auth3"), 3),),
            certificate_missing_views=(6,),
            silent=self.silent,
            needed_count=3,
            authority_count=4,
            clock_offset_ms=-2,
            free_bytes=10**10,
            free_floor_bytes=10**9,
            mempool_count=0,
            alarms=(),
        )


@dataclass
class FakeControls:
    """The controls of a development chain, noting what was asked."""

    rooms: "Rooms"
    asked: list[Any] = field(default_factory=list)

    async def faucet(self, account: bytes, asset: str, amount_quantums: int) -> bytes:
        transfer = Transfer(to=account, asset=asset, amount_quantums=amount_quantums)
        data = self.rooms.world.bytes_of("faucet", transfer)
        identity = await self.rooms.services.admission.submit(data)
        self.rooms.finalise(data)
        return identity

    async def mine(self, block_count: int) -> int:
        for _ in range(block_count):
            self.rooms.finalise()
        return self.rooms.services.finality.head.height

    async def advance_time(self, by_ms: int) -> int:
        self.asked.append(by_ms)
        return 1_000 + by_ms

    async def set_price(self, feed: str, price_e8: int | None) -> int:
        self.asked.append((feed, price_e8))
        return self.rooms.services.finality.head.height

    async def snapshot(self) -> str:
        return "first"

    async def revert(self, name: str) -> int:
        self.asked.append(name)
        return 0

    async def isolate(self, names: Sequence[str]) -> None:
        self.asked.append(list(names))


@dataclass
class FakeHalt:
    """An order to end that is kept and not followed."""

    height: int | None = None

    def order(self, height: int | None) -> None:
        self.height = height


@dataclass
class Rooms:
    """A node of one chain, real but for consensus, network and controls."""

    world: given.World
    services: Services
    consensus: FakeConsensus
    controls: FakeControls | None = None

    def finalise(self, *transactions: bytes, after_ms: int = given.BLOCK_MS) -> Block:
        """Put transactions into a block and make it final, with real votes of three of four."""
        world, services = self.world, self.services
        for data in transactions:
            assert world.send_bytes(data).receipt is not None
        block = world.close_block(after_ms)
        store = services.state_store
        checked = check_block(world.application, world.chain_id, block, is_genuine_transaction)
        authorities = authority_set_of(store.tables, block.header.epoch)
        assert authorities is not None
        outcome = apply_block(world.application, store.tables, checked, authorities)
        block_id = block_id_of(block.header)
        certificate = certificate_over(world, block, authorities)
        final = FinalBlock(block, block_id, outcome.encoded_receipts, outcome.overlay)
        store.fold(FinalBatch((final,), certificate))
        services.mempool.applied(checked.transactions)
        notice = FinalNotice(
            block,
            block_id,
            checked.transactions,
            outcome.encoded_receipts,
            outcome.refused_count,
            certificate,
        )
        services.finality.publish(store.head, [notice])
        return block


def certificate_over(world: given.World, block: Block, authorities: AuthoritySet) -> Certificate:
    """Return the Finalize certificate that three of the four authorities make."""
    header, votes = block.header, []
    for name in ("auth0", "auth1", "auth2"):
        key = given.key(f"{name}/consensus")
        index = authorities.index_of(key.public_key)
        assert index is not None
        block_id = block_id_of(header)
        message = vote_bytes(world.chain_id, header.epoch, header.view, FINALIZE, block_id)
        votes.append(
            Vote(
                epoch=header.epoch,
                view=header.view,
                kind=FINALIZE,
                block_id=block_id,
                signer_index=index,
                signature=key.sign(message),
            )
        )
    return certificate_of(votes, authorities)
