"""Says things late, to some only, or not at all; then everything at once."""

from chain.consensus.messages import Message
from tests.simulation.byzantine.liar import Liar, Sin
from tests.simulation.member import Name


class Withholds(Sin):
    """A third of what it should say is kept back and released seconds later."""

    def says(self, liar: Liar, target: Name, message: Message) -> list[Message]:
        dice = liar.rng.random()
        if dice < 0.2:
            return []
        if dice < 0.5:
            delay_us = int(liar.rng.random() * 4_000_000)
            liar.world.after(delay_us, liar.tell, target, message)
            return []
        return [message]


class FallsSilent(Sin):
    """Never says anything, from some moment on."""

    def __init__(self) -> None:
        self.silent = False

    def starts(self, liar: Liar) -> None:
        liar.world.after(int(liar.rng.random() * 5_000_000), self._fall)

    def _fall(self) -> None:
        self.silent = True

    def says(self, liar: Liar, target: Name, message: Message) -> list[Message]:
        return [] if self.silent else [message]
