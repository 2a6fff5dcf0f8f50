"""A faulty authority: the honest core, with sins that change what it says to whom.

A liar signs with its own key only. Without a sin it is one of two twins: honest code twice,
with one key.
"""

from typing import TYPE_CHECKING

from chain.block.header import block_id_of
from chain.block.vote import NULLIFY, Vote, VoteKind, vote_bytes
from chain.consensus import effects as asked
from chain.consensus.effects import Effect, Everyone
from chain.consensus.messages import Message, Proposal
from chain.crypto.digest import ZERO_HASH
from tests.simulation.keys import signer
from tests.simulation.ledger import CHAIN_ID
from tests.simulation.member import Member, Name

if TYPE_CHECKING:
    from tests.simulation.world import World

__all__ = ["Liar", "Sin", "block_id_of"]


class Sin:
    """One way to be faulty. A sin overrides what it does differently."""

    def says(self, liar: "Liar", target: Name, message: Message) -> list[Message]:
        """Return what this peer is told instead of a message of the honest core."""
        return [message]

    def hears(self, liar: "Liar", sender: Name, message: Message) -> None:
        """Act on what somebody said, before the honest core does."""

    def starts(self, liar: "Liar") -> None:
        """Act on coming up."""


class Liar(Member):
    """A member that sins."""

    def __init__(self, world: "World", name: Name, seed: int, sins: list[Sin]) -> None:
        super().__init__(world, name, seed)
        self.sins = sins

    def start(self) -> None:
        super().start()
        for sin in self.sins:
            sin.starts(self)

    def receive(self, incarnation: int, sender: Name, message: Message) -> None:
        if not self.alive or incarnation != self.incarnation or sender[0] == self.name[0]:
            return
        # Liars that answered each other would never stop.
        if sender[0] not in self.world.auditor.faulty:
            for sin in self.sins:
                sin.hears(self, sender, message)
        super().receive(incarnation, sender, message)

    def take(self, effects: list[Effect]) -> None:
        # What makes an honest node with a doubtful log stop does not stop a liar.
        self.core.node.stopped = ""
        super().take(effects)

    def _send(self, item: asked.Send) -> None:
        names = list(self.linked) if isinstance(item.to, Everyone) else list(item.to)
        for name in names:
            said: list[Message] = [item.message]
            for sin in self.sins:
                said = [told for message in said for told in sin.says(self, name, message)]
            for message in said:
                self.world.carry(self, name, message)

    # --- what sins are made of --------------------------------------------------------------

    def tell(self, target: Name, message: Message) -> None:
        """Say something to one peer, past disk and rules."""
        if self.alive:
            self.world.carry(self, target, message)

    def tell_some(self, message: Message, share: float = 0.5) -> None:
        """Say something to a random part of the others."""
        for name in list(self.linked):
            if self.rng.random() < share:
                self.tell(name, message)

    def vote(self, kind: VoteKind, view: int, block_id: bytes) -> Vote | None:
        """Return a vote of the current epoch with this key, whatever was signed before."""
        node = self.core.node
        if node.my_index is None:
            return None
        block_id = ZERO_HASH if kind == NULLIFY else block_id
        message = vote_bytes(CHAIN_ID, node.epoch, view, kind, block_id)
        return Vote(
            epoch=node.epoch,
            view=view,
            kind=kind,
            block_id=block_id,
            signer_index=node.my_index,
            signature=signer(self.key)(message),
        )

    def is_own(self, message: Message) -> bool:
        """Return whether a message is a proposal of this liar's."""
        node = self.core.node
        return (
            isinstance(message, Proposal)
            and message.epoch == node.epoch
            and node.authorities.leader(message.view) == node.my_index
        )
