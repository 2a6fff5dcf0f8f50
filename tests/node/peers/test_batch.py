"""GOSSIP-001 to GOSSIP-003: batches are full, bounded, and read in one form only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.codec.canonical import decode
from chain.codec.record import MalformedRecord
from node.peers.batch import (
    BATCH_MAX_BYTES,
    BATCH_MAX_COUNT,
    Batch,
    batches_of,
    transactions_of,
)


@given(st.lists(st.integers(0, 20_000), max_size=40))
def test_every_transaction_is_in_one_batch_in_order(sizes: list[int]) -> None:
    transactions = [bytes([index % 256]) * size for index, size in enumerate(sizes)]

    batches = list(batches_of(transactions))

    assert transactions == [one for batch in batches for one in transactions_of(batch)]
    assert all(len(batch) <= BATCH_MAX_BYTES for batch in batches)


def test_small_transactions_fill_a_batch() -> None:
    transactions = [bytes(250)] * 500

    batches = list(batches_of(transactions))

    assert 2 == len(batches)
    assert len(batches[0]) > BATCH_MAX_BYTES - 2_048


def test_a_batch_holds_no_more_than_its_count() -> None:
    batches = list(batches_of([b"x"] * (BATCH_MAX_COUNT + 1)))

    assert [BATCH_MAX_COUNT, 1] == [len(transactions_of(batch)) for batch in batches]


def test_what_fits_no_batch_is_left_out() -> None:
    batches = list(batches_of([b"a", bytes(BATCH_MAX_BYTES), b"b"]))

    assert [(b"a", b"b")] == [transactions_of(batch) for batch in batches]


@given(st.binary(max_size=100))
def test_no_bytes_of_a_batch_raise_anything_but_malformed(data: bytes) -> None:
    try:
        transactions = transactions_of(data)
    except MalformedRecord:
        return

    number = decode(Batch, data).sequence
    assert [data] == list(batches_of(transactions, number)) or not transactions


def test_a_batch_above_its_size_is_malformed() -> None:
    with pytest.raises(MalformedRecord):
        transactions_of(bytes(BATCH_MAX_BYTES + 1))
