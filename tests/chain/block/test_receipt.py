"""BLOCK-020 to BLOCK-024."""

from hashlib import sha256

import pytest

from chain.block.receipt import (
    Emitted,
    Receipt,
    change_leaf,
    decode_receipt,
    encode_receipt,
    event_from,
    facts_of,
    receipts_root,
)
from chain.codec.canonical import encode
from chain.codec.record import MalformedRecord, Raw
from chain.crypto.digest import ZERO_HASH
from chain.modules.ledger.events import Issued

EVENT = Issued(holder="fees", asset="USD", amount_quantums=5)
RECEIPT = Receipt(
    id=bytes(range(32)),
    index=3,
    kind=201,
    code=203,
    facts=(("asset", "USD"), ("short_by_quantums", 1)),
    events=(Emitted(2, 2, Raw(encode(EVENT))),),
    fee_quantums=10_000,
)


def test_receipt_comes_back_from_its_bytes() -> None:
    again = decode_receipt(encode_receipt(RECEIPT))

    assert RECEIPT == again
    assert EVENT == event_from(Issued, again.events[0])


def test_receipt_is_ok_when_its_code_is_zero() -> None:
    assert not RECEIPT.ok
    assert Receipt(bytes(32), 0, 201, 0, (), (), 0).ok


def test_fact_beyond_63_bits_becomes_its_digits() -> None:
    assert (("a", 2**63 - 1), ("b", str(2**63)), ("c", "text")) == facts_of(
        [("a", 2**63 - 1), ("b", 2**63), ("c", "text")]
    )


def test_root_covers_receipts_and_changes() -> None:
    leaf = change_leaf(b"k" * 32, None, b"n" * 32)

    root = receipts_root((b"receipt",), (leaf,))

    assert b"k" * 32 + ZERO_HASH + b"n" * 32 == leaf
    assert (
        sha256(
            b"NOVATION/receipts/1"
            + sha256(b"\x00receipt").digest()
            + sha256(b"\x00" + leaf).digest()
        ).digest()
        == root
    )


def test_event_of_another_shape_is_malformed() -> None:
    with pytest.raises(MalformedRecord):
        event_from(Issued, Emitted(2, 2, Raw(encode(("fees", "USD")))))
