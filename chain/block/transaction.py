"""What a signer signs and sends, taken apart once and kept with its bytes.

    body        = [version, signer, lane, sequence, valid_until_height, kind, payload]
    sign bytes  = "NOVATION/tx/1" | chain id | body            id = SHA-256(sign bytes)
    transaction = [body, [[public key, signature], ...]]       ascending by public key

The keys travel, so whether the signatures are genuine needs no state.

Source: docs/specs/transaction.md, TX-001 to TX-016.
"""

from collections.abc import Mapping, Sequence
from itertools import islice, pairwise
from typing import Any, ClassVar, Protocol

from chain.block import reasons
from chain.codec.canonical import decode, encode
from chain.codec.record import (
    U32,
    Address,
    Held,
    MalformedRecord,
    PublicKey,
    Raw,
    Signature,
    record,
)
from chain.crypto.digest import TAG_TRANSACTION, sha256
from chain.crypto.verification import are_genuine
from chain.kernel.level import kernel
from chain.kit.reason import Refusal, require
from chain.limits import (
    GOVERNANCE_TRANSACTION_BYTES_MAX,
    LANES_MAX_COUNT,
    LIST_ACTIONS_MAX_COUNT,
    SIGNATURES_MAX_COUNT,
    TRANSACTION_BYTES_MAX,
)

TRANSACTION_VERSION = 1
LIST_KIND = 1
LIST_WEIGHT = 20
SIGNATURE_WEIGHT = 540
"""One verification: 54 us, in tenths of a microsecond."""


@record
class Body:
    """What is signed: who asks, where in which lane, until when, and what."""

    version: int
    signer: Address
    lane: int
    sequence: int
    valid_until_height: U32
    kind: int
    payload: Raw


@record
class SignedTransaction:
    """A body as bytes with its signatures, strictly ascending by public key."""

    body: Raw
    signatures: tuple[tuple[PublicKey, Signature], ...]


@record
class Action:
    """One thing asked inside a signed list."""

    kind: int
    payload: Raw


@record
class SignedList:
    """1 to 64 actions under one signature, all or nothing, never nested."""

    transaction_name: ClassVar[str] = "list"

    actions: tuple[Action, ...]


class Kinds(Protocol):
    """What is asked of an application: which record a kind's payload is."""

    def payload(self, kind: int) -> type[Any] | None:
        """Return the record class of a kind, None for an unknown one."""
        ...


class Transaction(Held, frozen=True, gc=False):
    """A well-formed transaction: canonical, of a known kind, not yet known to be genuine.

    `digest` is that of the whole bytes, signatures included: the key of every cache.
    `actions` are the (kind, payload) pairs to apply: one, or those of a signed list.
    `weight` is the work of verifying and applying it.
    """

    data: bytes
    digest: bytes
    id: bytes
    body: Body
    actions: tuple[tuple[int, Any], ...]
    signatures: tuple[tuple[bytes, bytes], ...]
    sign_bytes: bytes
    transaction_class: int
    weight: int

    @property
    def payload(self) -> Any:
        """Return the record that the body carries; that of a list is made for whoever asks."""
        return list_of(self.actions) if self.body.kind == LIST_KIND else self.actions[0][1]

    @property
    def signing_keys(self) -> tuple[bytes, ...]:
        """Return the keys that signed, ascending."""
        signatures = self.signatures
        if len(signatures) == 1:
            return (signatures[0][0],)
        return tuple([key for key, _ in signatures])


def sign_bytes_of(chain_id: bytes, body_bytes: bytes) -> bytes:
    """Return what every signature of this body on this chain is over."""
    assert len(chain_id) == 32
    return TAG_TRANSACTION + chain_id + body_bytes


def transaction_id(chain_id: bytes, body_bytes: bytes) -> bytes:
    """Return the id of a transaction, which no signature changes."""
    return sha256(sign_bytes_of(chain_id, body_bytes))


def body_of(
    *, signer: bytes, lane: int, sequence: int, valid_until_height: int, kind: int, payload: object
) -> bytes:
    """Return the bytes of a body, ready to be signed."""
    return encode(
        Body(
            version=TRANSACTION_VERSION,
            signer=signer,
            lane=lane,
            sequence=sequence,
            valid_until_height=valid_until_height,
            kind=kind,
            payload=Raw(encode(payload)),
        )
    )


def signed_transaction(body_bytes: bytes, signatures: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Return a transaction's bytes, the signatures put in the order of their keys."""
    return encode(SignedTransaction(Raw(body_bytes), tuple(sorted(signatures))))


def list_of(actions: Sequence[tuple[int, object]]) -> SignedList:
    """Return the payload of a signed list of (kind, payload) pairs."""
    return SignedList(tuple(Action(kind, Raw(encode(payload))) for kind, payload in actions))


def parse_transaction(kinds: Kinds, chain_id: bytes, data: bytes) -> Transaction:
    """Return the transaction that these bytes are, not asking who really signed it.

    Refuses: transaction.too_large, .malformed, .float, .field_unknown, .not_canonical,
    .signature_missing, .signatures_too_many, .signatures_out_of_order, .version_unknown,
    .lane_unknown, .kind_unknown, .list_empty, .list_too_long, .list_nested.
    """
    if kernel is not None and type(data) is bytes:
        found: Transaction | None = kernel.parse(data, chain_id, kinds.payload)
        if found is not None:
            return found
    return _parsed_plainly(kinds, chain_id, data)


def parse_transactions(
    kinds: Kinds,
    chain_id: bytes,
    batch: Sequence[bytes],
    known: tuple[Mapping[bytes, object], ...] = (),
) -> list[Transaction | bytes | Refusal]:
    """Return for each what `parse_transaction` returns or refuses.

    Of one whose id is a key of any of `known`, the id alone.
    """

    def plainly(data: bytes) -> Transaction | bytes | Refusal:
        try:
            found = _parsed_plainly(kinds, chain_id, data)
        except Refusal as refusal:
            return refusal
        return found.id if any(found.id in each for each in known) else found

    if kernel is None:
        return [plainly(data) for data in batch]
    read: list[Transaction | bytes | Refusal] = kernel.parse_many(
        batch, chain_id, kinds.payload, known, plainly
    )
    return read


def _parsed_plainly(kinds: Kinds, chain_id: bytes, data: bytes) -> Transaction:
    """Return what `parse_transaction` does, in Python: what is right, and every refusal."""
    if len(data) > GOVERNANCE_TRANSACTION_BYTES_MAX:
        raise _too_large(data, GOVERNANCE_TRANSACTION_BYTES_MAX)
    signed = _decoded(SignedTransaction, data)
    _check_signatures(signed.signatures)
    body_bytes = bytes(signed.body)
    body = _decoded(Body, body_bytes)
    if body.version != TRANSACTION_VERSION:
        raise Refusal(reasons.VERSION_UNKNOWN, version=body.version)
    if body.lane >= LANES_MAX_COUNT:
        raise Refusal(reasons.LANE_UNKNOWN, lane=body.lane, limit_count=LANES_MAX_COUNT)
    payload = _payload(kinds, body.kind, body.payload)
    if body.kind == LIST_KIND:
        actions = _actions(kinds, payload)
        transaction_class = max([action.transaction_class for _, action in actions])
        weight = LIST_WEIGHT + sum([action.weight for _, action in actions])
    else:
        actions = ((body.kind, payload),)
        transaction_class = payload.transaction_class
        weight = payload.weight
    if transaction_class != 0 and len(data) > TRANSACTION_BYTES_MAX:
        raise _too_large(data, TRANSACTION_BYTES_MAX)
    sign_bytes = TAG_TRANSACTION + chain_id + body_bytes
    return Transaction(
        data,
        sha256(data),
        sha256(sign_bytes),
        body,
        actions,
        signed.signatures,
        sign_bytes,
        transaction_class,
        weight + SIGNATURE_WEIGHT * len(signed.signatures),
    )


def is_genuine_transaction(transaction: Transaction) -> bool:
    """Return whether every signature is genuine; false on any chain but the signed one."""
    return are_genuine_transactions((transaction,))[0]


def are_genuine_transactions(transactions: Sequence[Transaction]) -> list[bool]:
    """Return for each what `is_genuine_transaction` says of it; they are verified in one call."""
    verdicts = are_genuine(
        [
            (key, transaction.sign_bytes, signature)
            for transaction in transactions
            for key, signature in transaction.signatures
        ]
    )
    if len(verdicts) == len(transactions):
        return verdicts
    left = iter(verdicts)
    return [all(list(islice(left, len(transaction.signatures)))) for transaction in transactions]


def _too_large(data: bytes, limit_bytes: int) -> Refusal:
    return Refusal(reasons.TOO_LARGE, size_bytes=len(data), limit_bytes=limit_bytes)


def _decoded(kind: type[Any], data: bytes) -> Any:
    """Return the record, or refuse for what the decoder found wrong with the bytes."""
    try:
        return decode(kind, data)
    except MalformedRecord as fault:
        what = str(fault)
        if "got `float`" in what:
            raise Refusal(reasons.FLOAT, what=what) from fault
        if "at most length" in what and "`array`" in what:
            raise Refusal(reasons.FIELD_UNKNOWN, what=what) from fault
        if what == "not in canonical form":
            raise Refusal(reasons.NOT_CANONICAL) from fault
        raise Refusal(reasons.MALFORMED, what=what) from fault


def _check_signatures(signatures: tuple[tuple[bytes, bytes], ...]) -> None:
    count = len(signatures)
    if count == 1:
        return
    require(count, reasons.SIGNATURE_MISSING)
    if count > SIGNATURES_MAX_COUNT:
        raise Refusal(
            reasons.SIGNATURES_TOO_MANY, signature_count=count, limit_count=SIGNATURES_MAX_COUNT
        )
    for (left, _), (right, _) in pairwise(signatures):
        require(left < right, reasons.SIGNATURES_OUT_OF_ORDER)


def _payload(kinds: Kinds, kind: int, raw: Raw) -> Any:
    record_type = kinds.payload(kind)
    if record_type is None:
        raise Refusal(reasons.KIND_UNKNOWN, kind=kind)
    return _decoded(record_type, bytes(raw))


def _actions(kinds: Kinds, payload: SignedList) -> tuple[tuple[int, Any], ...]:
    count = len(payload.actions)
    require(count, reasons.LIST_EMPTY)
    if count > LIST_ACTIONS_MAX_COUNT:
        raise Refusal(reasons.LIST_TOO_LONG, action_count=count, limit_count=LIST_ACTIONS_MAX_COUNT)
    actions = []
    for action in payload.actions:
        require(action.kind != LIST_KIND, reasons.LIST_NESTED)
        actions.append((action.kind, _payload(kinds, action.kind, action.payload)))
    return tuple(actions)


if kernel is not None:
    kernel.use_transactions(Body, Raw, Transaction, SignedList, TAG_TRANSACTION)
