"""What came of a transaction: applied with events, or refused with a reason.

Receipts are consensus: the header's `receipts_root` covers them in the order of the
transactions.  When hooks told events, one more receipt stands after them: 32 zero bytes
for its id, kind 0, index = number of transactions.

Source: docs/specs/block.md, BLOCK-020 to BLOCK-024.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from chain.codec.canonical import decode, encode
from chain.codec.record import I64, U63_MAX, Hash, Raw, record
from chain.crypto.digest import TAG_RECEIPTS, ZERO_HASH, tagged
from chain.crypto.merkle import merkle_root

HOOKS_KIND = 0
ID_FROM, ID_END = 3, 35


@record
class Emitted:
    """One event: which module's, which of its events, and the event's own fields."""

    module_number: int
    number: int
    payload: Raw


@record
class Receipt:
    """What came of one transaction; `code` 0 is applied, else the refusal's code.

    Facts are those of the refusal, in the order of its declaration; an applied
    transaction has none.  A refused one has no events, and pays `fee_quantums`.
    """

    id: Hash
    index: int
    kind: int
    code: int
    facts: tuple[tuple[str, I64 | str], ...]
    events: tuple[Emitted, ...]
    fee_quantums: int

    @property
    def ok(self) -> bool:
        """Return whether the transaction was applied."""
        return self.code == 0


def facts_of(facts: Iterable[tuple[str, int | str]]) -> tuple[tuple[str, int | str], ...]:
    """Return facts as a receipt holds them: an integer beyond 63 bits becomes its digits."""
    return tuple(
        [
            (name, str(value) if type(value) is int and abs(value) > U63_MAX else value)
            for name, value in facts
        ]
    )


def receipts_root(receipts: Sequence[bytes], change_leaves: Sequence[bytes]) -> bytes:
    """Return the root over encoded receipts and over changed records.

    SHA-256("NOVATION/receipts/1" | Merkle root of receipts | Merkle root of changes)
    """
    return tagged(TAG_RECEIPTS, merkle_root(receipts), merkle_root(change_leaves))


def change_leaf(key_hash: bytes, old_hash: bytes | None, new_hash: bytes | None) -> bytes:
    """Return the leaf of one changed record: key hash, old and new value hash, zeros for none."""
    return key_hash + (old_hash or ZERO_HASH) + (new_hash or ZERO_HASH)


def encode_receipt(receipt: Receipt) -> bytes:
    """Return the bytes that are hashed and stored."""
    return encode(receipt)


def id_in(receipt: bytes) -> bytes:
    r"""Return whose receipt these bytes are: 32 zero bytes for what hooks told.

    A receipt begins with the header of its seven fields and that of a hash, three bytes.

    >>> id_in(encode_receipt(Receipt(bytes(range(32)), 0, 1, 0, (), (), 0)))[:4]
    b'\x00\x01\x02\x03'
    """
    return receipt[ID_FROM:ID_END]


def decode_receipt(data: bytes) -> Receipt:
    """Return the receipt that these bytes are. Refuses: MalformedRecord."""
    return decode(Receipt, data)


def event_from(event_type: type[Any], emitted: Emitted) -> Any:
    """Return the event record that was emitted. Refuses: MalformedRecord."""
    return decode(event_type, bytes(emitted.payload))
