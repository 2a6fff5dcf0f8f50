"""Answers those who catch up with what no honest node answers, or not at all."""

from p2p.network import Refused
from tests.simulation.member import Name
from tests.simulation.nodes.liars.liar import Liar, NodeSin


class ServesWrong(NodeSin):
    """Half of its answers are cut, altered, swapped, doubled, refused or withheld."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []

    def answers(
        self, liar: Liar, asker: Name, request: bytes, answer: bytes | Exception
    ) -> list[bytes | Exception]:
        rng = liar.rng
        if isinstance(answer, Exception):
            return [rng.choice(self.kept)] if self.kept else [answer]
        self.kept = [*self.kept, answer][-20:]
        if rng.random() < 0.5 or not answer:
            return [answer]
        flipped = bytearray(answer)
        flipped[rng.randrange(len(answer))] ^= 1 << rng.randrange(8)
        lies: tuple[list[bytes | Exception], ...] = (
            [],
            [answer, answer],
            [b""],
            [answer[: rng.randrange(len(answer))]],
            [bytes(flipped)],
            [rng.choice(self.kept)],
            [answer + rng.choice(self.kept)],
            [bytes(7 * 1024 * 1024)],
            [Refused("never")],
        )
        return rng.choice(lies)
