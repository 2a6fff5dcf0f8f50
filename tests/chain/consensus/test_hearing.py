"""SIMPLEX-004: messages of other epochs are never counted, and odd ones never raise."""

from random import Random

import msgspec
import pytest

from chain.block.vote import FINALIZE, NOTARIZE, NULLIFY
from chain.consensus.messages import (
    BlockAnswer,
    Certificates,
    GetBlock,
    GetCertificates,
    Message,
    Status,
)
from tests.simulation.bench import Bench, id_of

NUMBERS = (0, 1, 2, 3, 5, 64, 70, 2**31, 2**62, 2**63 - 1)


@pytest.mark.parametrize("epoch", [1, 7])
def test_votes_and_certificates_of_later_epochs_change_nothing(epoch: int) -> None:
    bench = Bench()

    for index in (1, 2, 3):
        bench.hear(index, bench.vote(index, NULLIFY, 1, epoch=epoch))
    bench.hear(1, bench.certificate(NULLIFY, 5, epoch=epoch))

    assert (0, 1) == (bench.node.epoch, bench.node.view)
    assert {} == {view: s.votes for view, s in bench.node.views.items() if s.votes}


def odd_message(bench: Bench, dice: Random) -> Message:
    """Return a message that may be anything a decoder lets through."""
    epoch, view = dice.choice((0, 0, 0, *NUMBERS)), dice.choice(NUMBERS)
    kind = dice.choice((0, 1, 2, 3, 4, 255, 256, 65_535))
    block = bench.block(bench.genesis, dice.choice((1, 2, 3)))
    block_id = dice.choice((bytes(32), b"\x01" * 32, id_of(block)))
    vote = msgspec.structs.replace(
        bench.vote(dice.randrange(4), dice.choice((NOTARIZE, NULLIFY, FINALIZE)), 1, block_id),
        epoch=epoch,
        view=dice.choice((1, view)),
        kind=dice.choice((1, 2, 3, kind)),
        signer_index=dice.choice((0, 1, 2, 3, 4, 2**32 - 1)),
    )
    certificate = msgspec.structs.replace(
        bench.certificate(dice.choice((NOTARIZE, NULLIFY, FINALIZE)), 1, block_id),
        epoch=epoch,
        view=dice.choice((1, 2, view)),
        kind=dice.choice((1, 2, 3, kind)),
        bitmap=dice.choice((b"", b"\x0e", b"\xff", b"\x0e\x00", bytes(500))),
    )
    genuine = bench.certificate(
        dice.choice((NOTARIZE, NULLIFY, FINALIZE)), dice.choice((1, 2, 3, 2**60)), block_id
    )
    proposal = bench.proposal(
        block,
        dice.choice((1, 2, 3, 2**60)),
        parent_view=view,
        parent_certificate=dice.choice((None, certificate, genuine)),
        null_certificates=dice.choice(((), (certificate,), (genuine, genuine))),
    )
    return dice.choice(
        (
            vote,
            certificate,
            genuine,
            proposal,
            Status(
                epoch=epoch,
                view=view,
                final_height=dice.choice(NUMBERS),
                final_id=block_id,
                time_ms=dice.choice(NUMBERS),
            ),
            GetCertificates(epoch=epoch, from_view=dice.choice(NUMBERS), to_view=view),
            Certificates(certificates=(certificate, genuine, certificate)),
            GetBlock(block_id=block_id),
            BlockAnswer(block, id_of(block)),
        )
    )


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_said_in_whatever_order_nothing_raises(seed: int) -> None:
    dice = Random(seed)
    bench = Bench(index=dice.choice((0, 3, 9)), epoch_blocks=dice.choice((1, 2, 100)))

    for _ in range(150):
        effects = bench.hear(dice.choice((1, 2, 3, 88)), odd_message(bench, dice))
        if dice.random() < 0.5:
            bench.accept(effects)
        if dice.random() < 0.2:
            bench.pass_ms(dice.choice((10, 200, 1_500)))

    assert bench.core.status().view >= 1
