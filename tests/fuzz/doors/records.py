"""The codec: bytes are one record in its one form, or refused."""

from chain.block.block import Block, decode_block, encode_block
from chain.block.certificate import Certificate
from chain.block.evidence import Evidence
from chain.block.header import header_bytes, parse_header
from chain.block.receipt import Emitted, Receipt, decode_receipt, encode_receipt
from chain.block.vote import Vote
from chain.codec.canonical import decode, encode
from chain.codec.record import MalformedRecord, Raw
from derivatives.oracle.section import Section
from derivatives.registry import REGISTRY
from node.peers.batch import transactions_of
from tests import given
from tests.fuzz.door import Door
from tests.fuzz.shape import Source, shaped
from tests.fuzz.tree import PACKED, behind

_KINDS = (
    *(Vote, Certificate, Evidence, Section),
    *(table.value for module in REGISTRY for table in module.tables),
    *(kind for module in REGISTRY for kind in module.transactions.values()),
)
"""The first byte of an input says which."""


def _strike_records(data: bytes) -> None:
    kind = _KINDS[data[0] % len(_KINDS)] if data else Vote
    try:
        record = decode(kind, data[1:])
    except MalformedRecord:
        return
    assert encode(record) == data[1:], "two forms of one record"


def _record_seeds() -> list[bytes]:
    tables = {table.prefix: table.value for module in REGISTRY for table in module.tables}
    return [bytes([place]) + _shaped(kind) for place, kind in enumerate(_KINDS)] + [
        bytes([_KINDS.index(tables[key[:2]])]) + data
        for key, data in given.world().genesis.records[::5]
        if key[:2] in tables
    ]


def _shaped(kind: type) -> bytes:
    """Return a record of this kind in bytes, made up until one can be written."""
    for number in range(256):
        try:
            return encode(shaped(kind, Source(bytes([number, 1] * 100)), "alice"))
        except (ValueError, OverflowError, TypeError):
            continue
    return b""


def _strike_blocks(data: bytes) -> None:
    try:
        block = decode_block(data)
    except MalformedRecord:
        return
    assert encode_block(block) == data, "two forms of one block"
    assert isinstance(block, Block)


def _strike_headers(data: bytes) -> None:
    try:
        header = parse_header(data)
    except MalformedRecord:
        return
    assert header_bytes(header) == data, "two forms of one header"


def _strike_receipts(data: bytes) -> None:
    try:
        receipt = decode_receipt(data)
    except MalformedRecord:
        return
    assert encode_receipt(receipt) == data, "two forms of one receipt"


def _strike_batches(data: bytes) -> None:
    try:
        transactions_of(data)
    except MalformedRecord:
        return


def _block_seeds() -> list[bytes]:
    world = given.world()
    world.prices_e8 = {"BTC": 6_400_000_000_000, "ETH": 320_000_000_000}
    return [encode_block(world.close_block()), encode_block(world.close_block(700))]


def _receipt_seeds() -> list[bytes]:
    told = Emitted(2, 1, Raw(b"\x91\x01"))
    return [
        encode_receipt(Receipt(bytes(32), 0, 513, 0, (), (told,), 0)),
        encode_receipt(Receipt(bytes(32), 7, 513, 12, (("required_quantums", 5),), (), 10_000)),
    ]


DOORS = (
    Door("records", _record_seeds, _strike_records, form=behind(1, PACKED)),
    Door("blocks", _block_seeds, _strike_blocks, input_max_bytes=8192, form=PACKED),
    Door("headers", lambda: [data[:397] for data in _header_seeds()], _strike_headers),
    Door("receipts", _receipt_seeds, _strike_receipts, form=PACKED),
    Door(
        "batches", lambda: [b"\x92\x00\x90", b"\x92\x00\x91\xc4\x01a"], _strike_batches, form=PACKED
    ),
)


def _header_seeds() -> list[bytes]:
    world = given.world()
    return [header_bytes(world.close_block().header), header_bytes(world.close_block().header)]
