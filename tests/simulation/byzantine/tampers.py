"""Forwards messages with something changed: signatures, bitmaps, bodies, places."""

from dataclasses import replace

import msgspec

from chain.block.block import Block
from chain.block.certificate import Certificate
from chain.block.vote import Vote
from chain.consensus.messages import BlockAnswer, Certificates, Message, Proposal, Status
from tests.simulation.byzantine.liar import Liar, Sin
from tests.simulation.member import Name


class Tampers(Sin):
    """Nothing it passes on is what it got; what it says itself is half true."""

    def hears(self, liar: Liar, sender: Name, message: Message) -> None:
        if liar.rng.random() < 0.2:
            liar.tell_some(self.changed(liar, message), 0.4)

    def says(self, liar: Liar, target: Name, message: Message) -> list[Message]:
        if liar.rng.random() < 0.2:
            return [self.changed(liar, message)]
        return [message]

    def changed(self, liar: Liar, message: Message) -> Message:
        """Return a message with one thing wrong."""
        rng = liar.rng
        if isinstance(message, Vote):
            return self._vote(liar, message)
        if isinstance(message, Certificate):
            return self._certificate(liar, message)
        if isinstance(message, Certificates):
            return Certificates(
                certificates=tuple(self._certificate(liar, c) for c in message.certificates)
            )
        if isinstance(message, Proposal):
            body = Block(message.block.header, (b"another body",), b"", ())
            return rng.choice(
                (
                    replace(message, signature=bytes(64)),
                    replace(message, block=body),
                    replace(message, view=message.view + rng.choice((1, 2, 2**40))),
                    replace(message, epoch=message.epoch + 1),
                )
            )
        if isinstance(message, BlockAnswer):
            return BlockAnswer(
                Block(message.block.header, (b"not the body",), b"", ()), message.block_id
            )
        if isinstance(message, Status):
            return msgspec.structs.replace(
                message,
                view=rng.choice((0, 2**62)),
                final_height=rng.choice((0, 2**62)),
                time_ms=rng.choice((0, 2**62)),
                epoch=rng.choice((0, message.epoch, 2**62)),
            )
        return message

    def _vote(self, liar: Liar, vote: Vote) -> Vote:
        rng = liar.rng
        change = rng.choice(
            (
                {"signature": bytes(64)},
                {"signer_index": rng.choice((0, 99, 2**32 - 1))},
                {"view": vote.view + rng.choice((1, 60, 2**60))},
                {"kind": rng.choice((0, 1, 2, 3, 7))},
                {"block_id": bytes(32)},
            )
        )
        return msgspec.structs.replace(vote, **change)

    def _certificate(self, liar: Liar, certificate: Certificate) -> Certificate:
        rng = liar.rng
        change = rng.choice(
            (
                {"bitmap": b""},
                {"bitmap": b"\xff" * len(certificate.bitmap)},
                {"signatures": certificate.signatures[1:]},
                {"signatures": certificate.signatures[::-1]},
                {"view": certificate.view + rng.choice((1, 3, 2**60))},
                {"kind": 4 - min(3, certificate.kind)},
                {"block_id": bytes(32)},
            )
        )
        return msgspec.structs.replace(certificate, **change)
