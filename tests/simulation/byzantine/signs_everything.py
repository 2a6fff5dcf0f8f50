"""Notarizes every block it sees, and nullifies and finalizes the same views."""

from chain.block.vote import FINALIZE, NOTARIZE, NULLIFY
from chain.consensus.messages import Message, Proposal
from tests.simulation.byzantine.liar import Liar, Sin
from tests.simulation.member import Name


class SignsEverything(Sin):
    """Every vote that could do harm, to a random part of the others."""

    def __init__(self) -> None:
        self.done: dict[tuple[int, int, bytes], None] = {}

    def hears(self, liar: Liar, sender: Name, message: Message) -> None:
        if not isinstance(message, Proposal) or message.epoch != liar.core.node.epoch:
            return
        key = (message.epoch, message.view, message.block_id)
        if key in self.done:
            return
        self.done[key] = None
        for kind in (NOTARIZE, NULLIFY, FINALIZE):
            vote = liar.vote(kind, message.view, message.block_id)
            if vote is not None:
                liar.tell_some(vote, 0.7)
