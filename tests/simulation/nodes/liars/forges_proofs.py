"""Answers those who catch up with true blocks under certificates that no quorum signed."""

from tests.simulation.member import Name
from tests.simulation.nodes.liars.liar import Liar, NodeSin


class ForgesProofs(NodeSin):
    """The last signature of what proves an answer is never genuine."""

    def answers(
        self, liar: Liar, asker: Name, request: bytes, answer: bytes | Exception
    ) -> list[bytes | Exception]:
        if isinstance(answer, Exception) or not answer:
            return [answer]
        forged = bytearray(answer)
        forged[-1 - liar.rng.randrange(min(60, len(answer)))] ^= 1
        return [bytes(forged)]
