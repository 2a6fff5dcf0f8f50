"""HEADER-001 to HEADER-005."""

from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from chain.block.header import (
    HEADER_BYTES,
    Header,
    block_id_of,
    header_bytes,
    parse_header,
)
from chain.codec.record import MalformedRecord
from tests.given import golden

HEADER = Header(
    version=1,
    chain_id=b"\x01" * 32,
    epoch=2,
    height=3,
    view=4,
    parent_id=b"\x05" * 32,
    proposer=6,
    time_ms=1_700_000_000_007,
    tx_root=b"\x08" * 32,
    tx_count=9,
    body_bytes=10,
    oracle_root=b"\x0b" * 32,
    evidence_root=b"\x0c" * 32,
    state_root=b"\x0d" * 32,
    receipts_root=b"\x0e" * 32,
    history_root=b"\x0f" * 32,
    authorities_hash=b"\x10" * 32,
    next_authorities_hash=b"\x11" * 32,
    params_hash=b"\x12" * 32,
    flags=1,
)

numbers = st.integers(0, 2**63 - 1)
hashes = st.binary(min_size=32, max_size=32)
headers = st.builds(
    Header,
    st.just(1), hashes, numbers, numbers, numbers, hashes,
    st.integers(0, 2**16 - 1), numbers, hashes,
    st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1),
    hashes, hashes, hashes, hashes, hashes, hashes, hashes, hashes, st.sampled_from((0, 1)),
)  # fmt: skip


def test_bytes_and_id_are_the_golden_ones() -> None:
    found = {"bytes": header_bytes(HEADER).hex(), "block_id": block_id_of(HEADER).hex()}

    assert golden("consensus_header", found) == found


@examples(headers)
def test_what_is_written_is_read_again(header: Header) -> None:
    data = header_bytes(header)

    assert HEADER_BYTES == len(data)
    assert header == parse_header(data)


def test_id_is_the_tagged_hash_of_the_bytes() -> None:
    assert sha256(b"NOVATION/hdr/1" + header_bytes(HEADER)).digest() == block_id_of(HEADER)


@pytest.mark.parametrize(
    "change",
    [{"version": 2}, {"flags": 2}, {"flags": 255}, {"height": 2**63}, {"time_ms": 2**64 - 1}],
)
def test_other_versions_flags_and_numbers_are_malformed(change: dict[str, int]) -> None:
    data = header_bytes(replace(HEADER, **change))

    with pytest.raises(MalformedRecord):
        parse_header(data)


@examples(st.binary(max_size=HEADER_BYTES + 2))
def test_other_lengths_are_malformed(data: bytes) -> None:
    if len(data) != HEADER_BYTES:
        with pytest.raises(MalformedRecord):
            parse_header(data)


def test_only_the_flag_says_that_an_epoch_ends() -> None:
    assert HEADER.epoch_end
    assert not replace(HEADER, flags=0).epoch_end


def test_a_hash_of_another_length_is_our_own_mistake() -> None:
    with pytest.raises(AssertionError):
        header_bytes(replace(HEADER, state_root=b"short"))
