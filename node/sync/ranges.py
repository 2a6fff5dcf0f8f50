"""Whether an answered range is what was asked for, and proven. Pure.

A range is right when its blocks are the heights asked for, linked to each other and to the
header that a Finalize certificate of their epoch's authorities is for. What is wrong with it
is then its sender's fault alone, whoever made the blocks.

Source: docs/specs/sync.md, SYNC-020 to SYNC-025.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from chain.block.block import Block, body_fault, decode_block
from chain.block.certificate import AuthoritySet, Certificate, check_certificate
from chain.block.header import Header, block_id_of, parse_header
from chain.block.vote import FINALIZE
from chain.codec.canonical import decode
from chain.codec.record import MalformedRecord
from node.sync.wire import PIECE_MAX_BYTES, Range, Tip

CERTIFICATE_MAX_BYTES = 8 * 1024


class WrongRange(Exception):
    """An answer that no honest node gives to what was asked."""


class UnknownEpoch(Exception):
    """An answer about an epoch whose authorities are not known here yet."""

    def __init__(self, epoch: int) -> None:
        super().__init__(f"the authorities of epoch {epoch} are not known yet")
        self.epoch = epoch


@dataclass(frozen=True)
class CheckedRange:
    """Blocks that a quorum finalised, ascending, not executed yet."""

    blocks: tuple[Block, ...]
    block_ids: tuple[bytes, ...]
    certificate: Certificate
    certified_header: Header
    """The header that the certificate is for: of the last block, or above it."""


@dataclass(frozen=True)
class CheckedTip:
    """A header that a quorum finalised."""

    header: Header
    certificate: Certificate


def checked_range(
    answer: Range,
    from_height: int,
    max_count: int,
    chain_id: bytes,
    sets: Mapping[int, AuthoritySet],
) -> CheckedRange:
    """Return the answer's blocks once everything about them is proven.

    Raises `WrongRange` when its sender is at fault, `UnknownEpoch` when its authorities are
    not known here yet.
    """
    if not 0 < len(answer.blocks) <= max_count:
        raise WrongRange(f"{len(answer.blocks)} blocks where 1 to {max_count} were asked for")
    try:
        blocks = tuple(decode_block(data, PIECE_MAX_BYTES) for data in answer.blocks)
        above = tuple(parse_header(data) for data in answer.headers)
    except MalformedRecord as fault:
        raise WrongRange(str(fault)) from fault
    headers = (*(block.header for block in blocks), *above)
    ids = tuple(block_id_of(header) for header in headers)
    _require_linked(headers, ids, from_height, chain_id)
    for block in blocks:
        wrong = body_fault(block)
        if wrong:
            raise WrongRange(f"the {wrong} of block {block.header.height} is not its header's")
    certificate = _proof_of(headers[-1], ids[-1], answer.certificate, chain_id, sets)
    return CheckedRange(blocks, ids[: len(blocks)], certificate, headers[-1])


def checked_tip(tip: Tip, chain_id: bytes, sets: Mapping[int, AuthoritySet]) -> CheckedTip:
    """Return a header that is proven final.

    Raises `WrongRange` and `UnknownEpoch` as `checked_range` does.
    """
    try:
        header = parse_header(tip.header)
    except MalformedRecord as fault:
        raise WrongRange(str(fault)) from fault
    if header.chain_id != chain_id:
        raise WrongRange("a header of another chain")
    certificate = _proof_of(header, block_id_of(header), tip.certificate, chain_id, sets)
    return CheckedTip(header, certificate)


def _require_linked(
    headers: tuple[Header, ...], ids: tuple[bytes, ...], from_height: int, chain_id: bytes
) -> None:
    epoch = headers[0].epoch
    for place, header in enumerate(headers):
        if header.chain_id != chain_id:
            raise WrongRange("a header of another chain")
        if header.height != from_height + place:
            raise WrongRange(f"height {header.height} where {from_height + place} belongs")
        if header.epoch != epoch:
            raise WrongRange("blocks of two epochs in one range")
        if place and header.parent_id != ids[place - 1]:
            raise WrongRange(f"block {header.height} is no child of the one before it")


def _proof_of(
    header: Header,
    block_id: bytes,
    data: bytes,
    chain_id: bytes,
    sets: Mapping[int, AuthoritySet],
) -> Certificate:
    try:
        certificate = decode(Certificate, data, CERTIFICATE_MAX_BYTES)
    except MalformedRecord as fault:
        raise WrongRange(str(fault)) from fault
    if certificate.kind != FINALIZE or certificate.block_id != block_id:
        raise WrongRange("the certificate is not a Finalize of the last header")
    if certificate.epoch != header.epoch:
        raise WrongRange("the certificate is of another epoch than its header")
    authorities = sets.get(header.epoch)
    if authorities is None:
        raise UnknownEpoch(header.epoch)
    if not check_certificate(certificate, chain_id, authorities):
        raise WrongRange("the certificate is not genuine")
    return certificate
