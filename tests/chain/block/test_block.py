"""BLOCK-001 to BLOCK-007."""

from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from chain.block import block as block_module
from chain.block.block import Block, body_fault, body_roots, decode_block, encode_block
from chain.codec.record import MalformedRecord
from chain.crypto.digest import ZERO_HASH
from tests import given

EMPTY = given.world().close_block()


def block_of(transactions: tuple[bytes, ...], oracle: bytes, evidence: tuple[bytes, ...]) -> Block:
    roots = body_roots(transactions, oracle, evidence)
    header = replace(
        EMPTY.header,
        tx_root=roots.tx_root,
        tx_count=roots.tx_count,
        body_bytes=roots.body_bytes,
        oracle_root=roots.oracle_root,
        evidence_root=roots.evidence_root,
    )
    return Block(header, transactions, oracle, evidence)


def test_roots_of_an_empty_body_are_zeros() -> None:
    roots = body_roots((), b"", ())

    assert (ZERO_HASH, ZERO_HASH, ZERO_HASH) == (
        roots.tx_root,
        roots.oracle_root,
        roots.evidence_root,
    )
    assert len(bytes.fromhex("9390c40090")) == roots.body_bytes


def test_leaf_of_a_transaction_is_its_whole_bytes() -> None:
    roots = body_roots((b"one", b"two"), b"prices", ())

    left, right = sha256(b"\x00one").digest(), sha256(b"\x00two").digest()
    assert sha256(b"\x01" + left + right).digest() == roots.tx_root
    assert sha256(b"prices").digest() == roots.oracle_root
    assert 2 == roots.tx_count


def test_block_that_was_encoded_comes_back_alike() -> None:
    block = block_of((b"a", b"b" * 300), b"prices", (b"proof",))

    assert block == decode_block(encode_block(block))
    assert "" == body_fault(block)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"transactions": (b"b", b"a")}, "tx_root"),
        ({"transactions": (b"a",)}, "tx_root"),
        ({"oracle": b"other!"}, "oracle_root"),
        ({"oracle": b""}, "body_bytes"),
        ({"evidence": (b"other",)}, "evidence_root"),
    ],
)
def test_body_that_the_header_does_not_describe_names_the_field(
    change: dict[str, object], field: str
) -> None:
    block = block_of((b"a", b"b"), b"prices", (b"proof",))

    assert "" == body_fault(block)
    assert field == body_fault(replace(block, **change))


def test_body_is_held_against_its_header_once(monkeypatch: pytest.MonkeyPatch) -> None:
    block = block_of((b"a", b"b"), b"prices", (b"proof",))
    false = replace(block, transactions=(b"b", b"a"))
    assert ("", "tx_root") == (body_fault(block), body_fault(false))

    monkeypatch.delattr(block_module, "body_roots")

    assert ("", "tx_root") == (body_fault(block), body_fault(false))
    assert block == decode_block(encode_block(block))


@examples(st.binary(max_size=600))
def test_any_bytes_are_a_block_or_malformed(data: bytes) -> None:
    try:
        block = decode_block(data)
    except MalformedRecord:
        return
    assert data == encode_block(block)


def test_block_larger_than_its_limit_is_malformed() -> None:
    data = encode_block(EMPTY)

    with pytest.raises(MalformedRecord):
        decode_block(data, len(data) - 1)
