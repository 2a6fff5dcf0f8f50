"""A batch of transactions as it is published.

Source: docs/specs/gossip.md, GOSSIP-001 to GOSSIP-003.
"""

from collections.abc import Iterator, Sequence

from chain.codec.canonical import decode, encode
from chain.codec.record import MalformedRecord, record
from p2p.limits import PUBLISH_MAX_BYTES

BATCH_MAX_COUNT = 1_024
BATCH_MAX_BYTES = PUBLISH_MAX_BYTES
_HEAD_BYTES = 8
"""The head of the batch, and five bytes before each transaction, are msgpack's."""

_PREFIX_BYTES = 5


@record
class Batch:
    """Transactions, whole, in the order in which their publisher admitted them."""

    transactions: tuple[bytes, ...]


def batches_of(transactions: Sequence[bytes]) -> Iterator[bytes]:
    """Give the transactions as batches that may be published, as few as fit.

    One that fits no batch alone is left out: it travels with a block.
    """
    held: list[bytes] = []
    held_bytes = _HEAD_BYTES
    for transaction in transactions:
        size_bytes = len(transaction) + _PREFIX_BYTES
        if size_bytes + _HEAD_BYTES > BATCH_MAX_BYTES:
            continue
        if held_bytes + size_bytes > BATCH_MAX_BYTES or len(held) == BATCH_MAX_COUNT:
            yield encode(Batch(tuple(held)))
            held, held_bytes = [], _HEAD_BYTES
        held.append(transaction)
        held_bytes += size_bytes
    if held:
        yield encode(Batch(tuple(held)))


def transactions_of(data: bytes) -> tuple[bytes, ...]:
    """Return the transactions of a published batch, or raise `MalformedRecord`."""
    transactions = decode(Batch, data, BATCH_MAX_BYTES).transactions
    if len(transactions) > BATCH_MAX_COUNT:
        raise MalformedRecord(f"more than {BATCH_MAX_COUNT} transactions in a batch")
    return transactions
