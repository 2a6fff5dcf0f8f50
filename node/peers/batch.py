"""A batch of transactions as it is published.

Source: docs/specs/gossip.md, GOSSIP-001 to GOSSIP-003.
"""

from collections.abc import Iterator, Sequence

from chain.codec.canonical import decode, encode
from chain.codec.record import MalformedRecord, record
from p2p.limits import PUBLISH_MAX_BYTES

BATCH_MAX_COUNT = 1_024
BATCH_MAX_BYTES = PUBLISH_MAX_BYTES
_HEAD_BYTES = 16
"""The head of the batch with its number, and five bytes before each transaction, are msgpack's."""

_PREFIX_BYTES = 5


@record
class Batch:
    """Transactions, whole, in the order in which their publisher admitted them.

    The number is the publisher's own count: what is said again is said in other bytes, since a
    message that was heard once is not carried twice.
    """

    sequence: int
    transactions: tuple[bytes, ...]


def batches_of(transactions: Sequence[bytes], first_sequence: int = 0) -> Iterator[bytes]:
    """Give the transactions as numbered batches that may be published, as few as fit.

    One that fits no batch alone is left out: it travels with a block.
    """
    sequence = first_sequence
    held: list[bytes] = []
    held_bytes = _HEAD_BYTES
    for transaction in transactions:
        size_bytes = len(transaction) + _PREFIX_BYTES
        if size_bytes + _HEAD_BYTES > BATCH_MAX_BYTES:
            continue
        if held_bytes + size_bytes > BATCH_MAX_BYTES or len(held) == BATCH_MAX_COUNT:
            yield encode(Batch(sequence, tuple(held)))
            sequence += 1
            held, held_bytes = [], _HEAD_BYTES
        held.append(transaction)
        held_bytes += size_bytes
    if held:
        yield encode(Batch(sequence, tuple(held)))


def transactions_of(data: bytes) -> tuple[bytes, ...]:
    """Return the transactions of a published batch, or raise `MalformedRecord`."""
    transactions = decode(Batch, data, BATCH_MAX_BYTES).transactions
    if len(transactions) > BATCH_MAX_COUNT:
        raise MalformedRecord(f"more than {BATCH_MAX_COUNT} transactions in a batch")
    return transactions
