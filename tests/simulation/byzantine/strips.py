"""Forwards honest proposals faster than their leader, with the justification removed."""

from dataclasses import replace

from chain.consensus.messages import Message, Proposal
from tests.simulation.byzantine.liar import Liar, Sin
from tests.simulation.member import Name


class Strips(Sin):
    """The leader's signature covers the block alone: the envelope is the forwarder's."""

    def __init__(self) -> None:
        self.done: dict[tuple[int, int, bytes], None] = {}

    def hears(self, liar: Liar, sender: Name, message: Message) -> None:
        if not isinstance(message, Proposal):
            return
        key = (message.epoch, message.view, message.block_id)
        if key in self.done:
            return
        self.done[key] = None
        variants = (
            replace(message, parent_view=0, parent_certificate=None, null_certificates=()),
            replace(message, null_certificates=()),
            replace(message, parent_view=message.view - 1),
            replace(message, parent_certificate=None),
        )
        altered = variants[message.view % len(variants)]
        for name in list(liar.linked):
            liar.tell(name, altered)
