"""SYNC-030 to SYNC-033: what is served proves itself, and stops where the proof does."""

import pytest

from chain.block.block import Block, body_roots, encode_block
from chain.block.certificate import AuthoritySet, Certificate, certificate_of
from chain.block.header import Header, block_id_of
from chain.block.vote import FINALIZE, Vote, vote_bytes
from chain.crypto.signing import SigningKey
from node.clock import Clock
from node.sync import wire
from node.sync.lines import RANGES_PER_S
from node.sync.ranges import CheckedRange, checked_range, checked_tip
from node.sync.serving import Serving, range_answer, tip_answer
from node.sync.wire import EpochEnd, GetRange
from p2p.network import Member, Refused, Standing

CHAIN = bytes([9]) * 32
KEYS = sorted(
    (SigningKey.from_seed(bytes([seed]) * 32) for seed in range(1, 5)), key=lambda k: k.public_key
)
SET = AuthoritySet(0, tuple(key.public_key for key in KEYS))
SETS = {0: SET}


def certified(block_id: bytes, view: int, signers: int = 3) -> Certificate:
    message = vote_bytes(CHAIN, 0, view, FINALIZE, block_id)
    votes = [Vote(0, view, FINALIZE, block_id, i, KEYS[i].sign(message)) for i in range(signers)]
    return certificate_of(votes, SET)


class Shelf:
    """A chain of small blocks, with certificates at chosen heights."""

    def __init__(self, count: int, certified_heights: set[int], size_bytes: int = 100) -> None:
        self.blocks: list[Block] = []
        self.certificates: dict[int, Certificate] = {}
        parent_id = bytes(32)
        for height in range(count + 1):
            transactions = (bytes([height % 256]) * size_bytes,)
            roots = body_roots(transactions, b"", ())
            header = Header(
                1, CHAIN, 0, height, height, parent_id, 0, height, roots.tx_root,
                roots.tx_count, roots.body_bytes, roots.oracle_root, roots.evidence_root,
                *([bytes(32)] * 6), 0,
            )  # fmt: skip
            self.blocks.append(Block(header, transactions, b"", ()))
            parent_id = block_id_of(header)
            if height in certified_heights:
                self.certificates[height] = certified(parent_id, height)

    def certified_height(self) -> int:
        return max(self.certificates, default=0)

    def header(self, height: int) -> Header | None:
        return self.blocks[height].header if 0 <= height < len(self.blocks) else None

    def block_bytes(self, height: int) -> bytes | None:
        return encode_block(self.blocks[height]) if 0 <= height < len(self.blocks) else None

    def certificate_at_or_above(self, height: int) -> tuple[int, Certificate] | None:
        above = [place for place in self.certificates if place >= height]
        return (min(above), self.certificates[min(above)]) if above else None

    def epoch_ends(self, from_epoch: int, max_count: int) -> list[EpochEnd]:
        return []


def asked(shelf: Shelf, from_height: int, count: int) -> CheckedRange:
    answer = wire.parse_range(range_answer(shelf, GetRange(from_height, count)))
    return checked_range(answer, from_height, count, CHAIN, SETS)


def test_a_range_is_what_was_asked_for_and_proven() -> None:
    shelf = Shelf(20, set(range(1, 21)))

    checked = asked(shelf, 5, 10)

    assert [5, 14] == [checked.blocks[0].header.height, checked.blocks[-1].header.height]
    assert checked.certificate.block_id == checked.block_ids[-1]


def test_headers_lead_to_the_next_certified_block() -> None:
    shelf = Shelf(20, {20})

    checked = asked(shelf, 1, 10)

    assert 10 == len(checked.blocks)
    assert 20 == checked.certified_header.height


def test_nothing_above_the_last_certificate_is_served() -> None:
    shelf = Shelf(20, {15})

    checked = asked(shelf, 10, 64)

    assert 15 == checked.blocks[-1].header.height
    with pytest.raises(Refused):
        range_answer(shelf, GetRange(16, 64))


def test_large_blocks_make_a_short_range() -> None:
    shelf = Shelf(10, set(range(1, 11)), size_bytes=900_000)

    checked = asked(shelf, 1, 10)

    assert 4 == len(checked.blocks)


def test_the_tip_is_the_newest_certified_header() -> None:
    shelf = Shelf(20, {3, 17})

    checked = checked_tip(wire.parse_tip(tip_answer(shelf)), CHAIN, SETS)

    assert 17 == checked.header.height


async def test_nothing_is_served_while_consensus_waits() -> None:
    serving = Serving(Shelf(3, {3}), Clock(), lambda: True)
    member = Member(Standing.AUTHORITY, "auth1")

    with pytest.raises(Refused, match="later"):
        await serving.answer("peer", member, wire.request_bytes(GetRange(1, 3)))


async def test_a_peer_gets_four_ranges_a_second_and_then_later() -> None:
    serving = Serving(Shelf(3, {3}), Clock(), lambda: False)
    member = Member(Standing.AUTHORITY, "auth1")

    answered: list[bytes] = []

    async def ask_until_refused() -> None:
        while len(answered) < 50:
            request = wire.request_bytes(GetRange(1, 3))
            answered.append(await serving.answer("p", member, request))

    with pytest.raises(Refused, match="later"):
        await ask_until_refused()

    assert RANGES_PER_S <= len(answered) < 50


async def test_bytes_that_are_no_request_are_refused() -> None:
    serving = Serving(Shelf(3, {3}), Clock(), lambda: False)

    with pytest.raises(Refused, match="no request"):
        await serving.answer("peer", Member(Standing.FOLLOWER, "f"), b"\xff")
