"""A machine whose node is honest and whose wires are not: sins change what it says to whom.

It signs with its own key only. Without a sin it is one of two twins: one key on two machines.
"""

from typing import TYPE_CHECKING, Any

from chain.block.block import Block
from chain.block.certificate import AuthoritySet
from chain.block.header import Header
from chain.block.vote import NULLIFY, Vote, VoteKind, vote_bytes
from chain.codec.record import MalformedRecord
from chain.consensus.core import Simplex
from chain.consensus.messages import Message, Proposal, decode_message, encode_message
from chain.crypto.digest import ZERO_HASH
from chain.kit.reason import InvalidBlock
from chain.machine.run import BlockFacts, open_block, seal
from node.executor import Executor, ParentGone
from p2p.network import Greeter
from tests.simulation.byzantine.liar import Sin
from tests.simulation.member import Name
from tests.simulation.nodes.machine import Machine

if TYPE_CHECKING:
    from tests.simulation.nodes.world import World


class NodeSin(Sin):
    """A sin that is about more than messages."""

    def answers(
        self, liar: "Liar", asker: Name, request: bytes, answer: bytes | Exception
    ) -> list[bytes | Exception]:
        """Return what an asker is told instead of the node's answer."""
        return [answer]

    def greeter(self, liar: "Liar", honest: Greeter) -> Greeter:
        """Return who greets instead of the node's own greeter."""
        return honest


class Liar(Machine):
    """A machine that sins."""

    def __init__(
        self, world: "World", name: Name, seed: int, sins: list[Any], *, kind: str = "authority"
    ) -> None:
        super().__init__(world, name, seed, kind=kind)
        self.sins = sins

    # --- what sins see ----------------------------------------------------------------------

    @property
    def core(self) -> Simplex:
        """The core of the node that runs here."""
        assert self.services is not None
        return self.services.halt._driver.core

    @property
    def executor(self) -> Executor:
        """What executed the blocks that are not final."""
        assert self.services is not None
        executor = self.services.simulator
        assert isinstance(executor, Executor)
        return executor

    @property
    def linked(self) -> list[Name]:
        """The machines that a link is open to."""
        wire = self.world.wires.ends.get(self.name)
        if wire is None:
            return []
        return [self.world.wires.names[peer] for peer in wire.linked()]

    @property
    def authorities(self) -> AuthoritySet:
        """Who votes, as its core has it."""
        return self.core.node.authorities

    def header_of(self, block_id: bytes) -> Header | None:
        """Return the header of a block that its core holds."""
        node = self.core.node
        if block_id == node.tip.block_id:
            return node.tip.header
        held = node.blocks.get(block_id)
        return held.block.header if held else None

    def is_own(self, message: Message) -> bool:
        """Return whether a message is a proposal of this liar's."""
        node = self.core.node
        return (
            isinstance(message, Proposal)
            and message.epoch == node.epoch
            and node.authorities.leader(message.view) == node.my_index
        )

    # --- what it does -----------------------------------------------------------------------

    def greets(self, honest: Greeter) -> Greeter:
        for sin in self.sins:
            if isinstance(sin, NodeSin):
                honest = sin.greeter(self, honest)
        return honest

    def came_up(self) -> None:
        for sin in self.sins:
            sin.starts(self)

    def hears(self, source: Name, kind: int, payload: bytes) -> None:
        # Liars that answered each other would never stop.
        if self.services is None or source[0] in self.world.judge.faulty:
            return
        # What makes an honest node with a doubtful log stop does not stop a liar.
        self.core.node.stopped = ""
        try:
            message = decode_message(kind, payload)
        except MalformedRecord:
            return
        for sin in self.sins:
            sin.hears(self, source, message)

    def says(self, target: Name, kind: int, payload: bytes) -> None:
        if self.services is None or not self.sins:
            super().says(target, kind, payload)
            return
        said: list[Message] = [decode_message(kind, payload)]
        for sin in self.sins:
            said = [told for message in said for told in sin.says(self, target, message)]
        for message in said:
            self.tell(target, message)

    def answers(self, asker: Name, request: bytes, answer: bytes | Exception) -> list[Any]:
        told = [answer]
        for sin in self.sins:
            if isinstance(sin, NodeSin):
                told = [one for each in told for one in sin.answers(self, asker, request, each)]
        return told

    # --- what sins are made of --------------------------------------------------------------

    def tell(self, target: Name, message: Message) -> None:
        """Say something to one machine, past disk and rules."""
        if self.alive:
            super().says(target, *encode_message(message))

    def tell_some(self, message: Message, share: float = 0.5) -> None:
        """Say something to a random part of the others."""
        for name in self.linked:
            if self.rng.random() < share:
                self.tell(name, message)

    def vote(self, kind: VoteKind, view: int, block_id: bytes) -> Vote | None:
        """Return a vote of the current epoch with this key, whatever was signed before."""
        node = self.core.node
        if node.my_index is None or self.key is None:
            return None
        block_id = ZERO_HASH if kind == NULLIFY else block_id
        message = vote_bytes(self.world.genesis.chain_id, node.epoch, view, kind, block_id)
        return Vote(
            epoch=node.epoch,
            view=view,
            kind=kind,
            block_id=block_id,
            signer_index=node.my_index,
            signature=self.key.sign(message),
        )

    def empty_block(
        self, parent: Header, parent_id: bytes, view: int, time_ms: int
    ) -> Block | None:
        """Return a block without transactions on a parent; None where it cannot be one."""
        node = self.core.node
        assert node.my_index is not None
        facts = BlockFacts(
            chain_id=self.world.genesis.chain_id,
            epoch=node.epoch,
            height=parent.height + 1,
            view=view,
            parent_id=parent_id,
            proposer=node.my_index,
            time_ms=time_ms,
        )
        try:
            state = self.executor.state_after(parent_id)
            outcome = open_block(self.world.application, state, facts, b"", ()).close()
        except (ParentGone, InvalidBlock):
            return None
        return seal(facts, (), b"", (), outcome)
