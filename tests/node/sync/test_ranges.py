"""SYNC-020 to SYNC-025: a range is proven before it is executed, or its sender is at fault."""

import dataclasses

import pytest

from chain.block.block import encode_block
from chain.block.certificate import certificate_of
from chain.block.header import block_id_of
from chain.block.vote import FINALIZE, NULLIFY, Vote, vote_bytes
from node.sync import wire
from node.sync.ranges import UnknownEpoch, WrongRange, checked_range, checked_tip
from node.sync.serving import range_answer, tip_answer
from node.sync.wire import GetRange, Range
from tests.node.sync.test_serving import CHAIN, KEYS, SET, SETS, Shelf


def test_a_proven_range_has_its_blocks_ids_and_proof() -> None:
    shelf = Shelf(3, {3})
    answer = wire.parse_range(range_answer(shelf, GetRange(1, 3)))

    checked = checked_range(answer, 1, 3, CHAIN, SETS)

    assert tuple(shelf.blocks[1:]) == checked.blocks
    assert tuple(block_id_of(block.header) for block in checked.blocks) == checked.block_ids
    assert checked.certificate.block_id == checked.block_ids[-1]


def test_an_epoch_that_is_not_known_is_nobodys_fault() -> None:
    answer = wire.parse_range(range_answer(Shelf(3, {3}), GetRange(1, 3)))

    with pytest.raises(UnknownEpoch):
        checked_range(answer, 1, 3, CHAIN, {})


def other_body(answer: Range) -> Range:
    block = wire.parse_range(range_answer(Shelf(3, {3}, size_bytes=101), GetRange(1, 3))).blocks[0]
    return dataclasses.replace(answer, blocks=(block, *answer.blocks[1:]))


def foreign_body(answer: Range) -> Range:
    shelf = Shelf(3, {3})
    block = dataclasses.replace(shelf.blocks[2], transactions=(b"something else",))
    blocks = (answer.blocks[0], encode_block(block), answer.blocks[2])
    return dataclasses.replace(answer, blocks=blocks)


def weak_certificate(answer: Range) -> Range:
    shelf = Shelf(3, set())
    block_id = block_id_of(shelf.blocks[3].header)
    message = vote_bytes(CHAIN, 0, 3, FINALIZE, block_id)
    votes = [Vote(0, 3, FINALIZE, block_id, i, KEYS[0].sign(message)) for i in range(3)]
    forged = certificate_of(votes, SET)
    return dataclasses.replace(answer, certificate=wire.encode(forged))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda answer: dataclasses.replace(answer, blocks=answer.blocks[1:]),
        lambda answer: dataclasses.replace(answer, blocks=answer.blocks[:-1]),
        lambda answer: dataclasses.replace(answer, blocks=answer.blocks * 2),
        lambda answer: dataclasses.replace(answer, blocks=answer.blocks[::-1]),
        lambda answer: dataclasses.replace(answer, blocks=(b"", *answer.blocks[1:])),
        lambda answer: dataclasses.replace(answer, headers=(b"",)),
        lambda answer: dataclasses.replace(answer, certificate=b"\x90"),
        other_body,
        foreign_body,
        weak_certificate,
    ],
)
def test_a_spoilt_range_is_its_senders_fault(spoil: object) -> None:
    answer = wire.parse_range(range_answer(Shelf(3, {3}), GetRange(1, 3)))

    with pytest.raises(WrongRange):
        checked_range(spoil(answer), 1, 3, CHAIN, SETS)  # type: ignore[operator]


def test_a_tip_without_a_genuine_certificate_is_its_senders_fault() -> None:
    tip = wire.parse_tip(tip_answer(Shelf(3, {3})))
    block_id = block_id_of(Shelf(3, {3}).blocks[3].header)
    null = vote_bytes(CHAIN, 0, 3, NULLIFY, bytes(32))
    votes = [Vote(0, 3, NULLIFY, bytes(32), i, KEYS[i].sign(null)) for i in range(3)]
    spoilt = [
        dataclasses.replace(tip, header=b""),
        dataclasses.replace(tip, certificate=b""),
        dataclasses.replace(tip, certificate=wire.encode(certificate_of(votes, SET))),
        wire.parse_tip(tip_answer(Shelf(3, {3}, size_bytes=7))),
    ]
    spoilt[3] = dataclasses.replace(spoilt[3], certificate=tip.certificate)

    for one in spoilt:
        with pytest.raises(WrongRange):
            checked_tip(one, CHAIN, SETS)
    assert block_id == checked_tip(tip, CHAIN, SETS).certificate.block_id
