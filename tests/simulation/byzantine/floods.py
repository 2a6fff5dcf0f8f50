"""Repeats old messages, many times, to everybody."""

from chain.consensus.messages import GetBlock, GetCertificates, Message
from tests.simulation.byzantine.liar import Liar, Sin
from tests.simulation.member import Name


class Floods(Sin):
    """Keeps what it hears and pours it out again, with requests for anything beside."""

    def __init__(self) -> None:
        self.kept: list[Message] = []

    def hears(self, liar: Liar, sender: Name, message: Message) -> None:
        if len(self.kept) < 200 or liar.rng.random() < 0.05:
            self.kept.append(message)
            del self.kept[:-400]
        if liar.rng.random() < 0.05:
            for _ in range(5):
                liar.tell_some(liar.rng.choice(self.kept), 0.5)
            epoch = liar.core.node.epoch
            liar.tell_some(GetCertificates(epoch=epoch, from_view=0, to_view=2**62), 0.3)
            liar.tell_some(GetBlock(block_id=bytes(32)), 0.3)
