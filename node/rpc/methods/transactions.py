"""Describe, build, submit, simulate and follow transactions.

The node never holds a signer's key: `tx_build` gives the bytes to sign, and whoever signs makes
those bytes again from the same fields before believing them.

Source: docs/specs/rpc.md, RPC-090 to RPC-096.
"""

from typing import Any

import trio
from msgspec import Struct

from chain.block.reasons import EXPIRED
from chain.block.transaction import (
    Transaction,
    body_of,
    parse_transaction,
    parse_transactions,
    sign_bytes_of,
    signed_transaction,
    transaction_id,
)
from chain.kit.holder import text_of_holder
from chain.kit.reason import Refusal
from chain.limits import VALIDITY_MAX_BLOCKS
from chain.state.view import View
from node.mempool.pieces import pieces_of
from node.mempool.reasons import OUTCOME_UNKNOWN
from node.rpc import limits
from node.rpc.errors import ParametersInvalid
from node.rpc.forms import blob_form, blob_from, blobs_from, hex_form, payload_from
from node.rpc.method import Answer, Call, NoParameters, Parameters, method
from node.rpc.methods.describe import Described, described_kinds, kind_named
from node.rpc.methods.standing import final_place, receipt_at, receipt_shape, transaction_standing
from node.rpc.methods.trading.given import account_given
from node.rpc.methods.values import (
    AddressText,
    BlobText,
    GivenNumber,
    HashText,
    Lane,
    NumberText,
    PublicKeyText,
    SignatureText,
    address_given,
    number_from,
)
from node.rpc.refusals import refused, translated
from node.rpc.risk.standing import Stand, account_at, stand_of
from node.services import Services

VALIDITY_DEFAULT_BLOCKS = 600
"""Five minutes at the usual pace: long enough for a person, short enough to know soon."""

assert VALIDITY_DEFAULT_BLOCKS <= VALIDITY_MAX_BLOCKS


@method("tx_describe")
async def describe(call: Call, _asked: NoParameters) -> list[Described]:
    """Return every transaction kind: number, name, what it does, and its fields with units."""
    return described_kinds(call.services.application)


class WhatToBuild(Parameters, frozen=True):
    """A kind, its fields, who asks; what is left out is filled in."""

    kind: str | int
    fields: dict[str, Any]
    signer: AddressText
    lane: Lane = 0
    sequence: GivenNumber | None = None
    valid_until_height: GivenNumber | None = None


class Built(Answer, frozen=True):
    """An unsigned body, what to sign, and the id that it will have."""

    unsigned: BlobText
    sign_bytes: BlobText
    id: HashText
    kind: str
    signer: AddressText
    lane: int
    sequence: NumberText
    valid_until_height: NumberText
    chain_id: HashText


@method("tx_build", weight=2, refusals=("lookup.kind_unknown",))
async def build(call: Call, asked: WhatToBuild) -> Built:
    """Return the body of a transaction, the bytes to sign with ed25519, and its id.

    Without `sequence` the lane's next one is used, waiting transactions counted; without
    `valid_until_height` it is valid for the next 600 blocks.
    """
    services = call.services
    kind = kind_named(services.application, asked.kind)
    payload = payload_from(services.application, kind, asked.fields)
    signer = address_given(asked.signer, "signer")
    if asked.sequence is None:
        sequence = services.mempool.next_sequence(signer, asked.lane)
    else:
        sequence = number_from(asked.sequence)
    if asked.valid_until_height is None:
        valid_until_height = services.finality.head.height + VALIDITY_DEFAULT_BLOCKS
    else:
        valid_until_height = number_from(asked.valid_until_height)
    if valid_until_height >= 2**32:
        raise ParametersInvalid("valid_until_height is beyond 32 bits", field="valid_until_height")
    body = body_of(
        signer=signer,
        lane=asked.lane,
        sequence=sequence,
        valid_until_height=valid_until_height,
        kind=kind,
        payload=payload,
    )
    chain_id = services.genesis.chain_id
    return Built(
        unsigned=blob_form(body),
        sign_bytes=blob_form(sign_bytes_of(chain_id, body)),
        id=hex_form(transaction_id(chain_id, body)),
        kind=services.application.kind_name(kind),
        signer=asked.signer.lower(),
        lane=asked.lane,
        sequence=str(sequence),
        valid_until_height=str(valid_until_height),
        chain_id=hex_form(chain_id),
    )


class Signed(Struct, frozen=True, forbid_unknown_fields=True):
    """One signature over the sign-bytes."""

    public_key: PublicKeyText
    signature: SignatureText


class WhatToSubmit(Parameters, frozen=True):
    """A whole transaction, or a body with signatures."""

    tx: BlobText | None = None
    unsigned: BlobText | None = None
    signatures: list[Signed] | None = None


class WhatToWaitFor(Parameters, frozen=True):
    """A whole transaction or a body with signatures, and how long to wait for its outcome."""

    tx: BlobText | None = None
    unsigned: BlobText | None = None
    signatures: list[Signed] | None = None
    timeout_ms: int = limits.WAIT_DEFAULT_MS


class Submitted(Answer, frozen=True):
    """The id of a transaction that waits here now."""

    id: HashText
    valid_until_height: NumberText


class WhatToTry(Parameters, frozen=True):
    """A whole transaction, or a body with signatures, and an account to look at."""

    tx: BlobText | None = None
    unsigned: BlobText | None = None
    signatures: list[Signed] | None = None
    account: str | None = None


class ReceiptAnswer(Answer, frozen=True):
    """What came of a transaction, or would come."""

    id: HashText
    height: NumberText
    index: int
    kind: str
    ok: bool
    code: int
    reason: str | None
    message: str | None
    facts: dict[str, Any]
    events: list[dict[str, Any]]
    fee_quantums: NumberText
    finalized: bool
    hint: str | None = None


ADMISSION_REFUSALS = ("transaction.*", "signers.*", "mempool.*")


def _bytes_given(asked: WhatToSubmit | WhatToWaitFor | WhatToTry) -> bytes:
    """Return the bytes of the transaction that was given in either form.

    Refuses: ParametersInvalid.
    """
    if asked.tx is not None and asked.unsigned is None and asked.signatures is None:
        return blob_from(asked.tx, "tx")
    if asked.tx is None and asked.unsigned is not None and asked.signatures is not None:
        pairs = [
            (bytes.fromhex(one.public_key[2:]), bytes.fromhex(one.signature[2:]))
            for one in asked.signatures
        ]
        body = blob_from(asked.unsigned, "unsigned")
        return signed_transaction(body, pairs)
    raise ParametersInvalid("give either tx, or unsigned and signatures")


def _parsed(services: Services, asked: WhatToSubmit | WhatToWaitFor | WhatToTry) -> Transaction:
    return parse_transaction(services.application, services.genesis.chain_id, _bytes_given(asked))


@method("tx_submit", weight=2, refusals=ADMISSION_REFUSALS, is_prompt=True)
async def submit(call: Call, asked: WhatToSubmit) -> Submitted:
    """Hand in a signed transaction and return its id at once; `tx_getStatus` says the rest.

    Handing in again what waits or is final already is no error and changes nothing.
    """
    services = call.services
    transaction = _parsed(services, asked)
    await _submitted(services, transaction)
    return Submitted(
        id=hex_form(transaction.id),
        valid_until_height=str(transaction.body.valid_until_height),
    )


async def _submitted(services: Services, transaction: Transaction) -> None:
    """Admit a transaction unless it is known already: sending twice is harmless.

    Refuses: what admission refuses.
    """
    try:
        await services.admission.submit_parsed(transaction)
    except Refusal:
        if not _is_known(services, transaction):
            raise


class WhatToSubmitTogether(Parameters, frozen=True):
    """Whole transactions, at most 200, in the order in which they are to be admitted."""

    txs: list[BlobText]


class SubmittedOrNot(Answer, frozen=True):
    """The id of a transaction that waits here now, or why it was refused."""

    id: HashText | None
    valid_until_height: NumberText | None
    error: dict[str, Any] | None


@method("tx_submitMany", weight=50, refusals=())
async def submit_many(call: Call, asked: WhatToSubmitTogether) -> list[SubmittedOrNot]:
    """Hand in many signed transactions and return for each what `tx_submit` would.

    One that is refused does not stop those after it. Costs the node half of what as many calls do.
    """
    if len(asked.txs) > limits.SUBMITTED_MAX_COUNT:
        raise ParametersInvalid(
            f"at most {limits.SUBMITTED_MAX_COUNT} transactions are handed in at once", field="txs"
        )
    services = call.services
    outcomes: list[Transaction | bytes | Refusal] = []
    for some in pieces_of(blobs_from(asked.txs, "txs"), len, limits.PARSED_AT_ONCE_BYTES):
        if outcomes:
            await trio.lowlevel.checkpoint()
        outcomes += parse_transactions(services.application, services.genesis.chain_id, some)
    whole = [outcome for outcome in outcomes if isinstance(outcome, Transaction)]
    refusals = iter(await services.admission.submit_list(whole))
    return [
        _submitted_or_not(services, outcome, next(refusals))
        if isinstance(outcome, Transaction)
        else SubmittedOrNot(None, None, translated(outcome).shape())
        for outcome in outcomes
        if not isinstance(outcome, bytes)
    ]


def _submitted_or_not(
    services: Services, transaction: Transaction, refusal: Refusal | None
) -> SubmittedOrNot:
    if refusal is not None and not _is_known(services, transaction):
        return SubmittedOrNot(hex_form(transaction.id), None, translated(refusal).shape())
    return SubmittedOrNot(hex_form(transaction.id), str(transaction.body.valid_until_height), None)


def _is_known(services: Services, transaction: Transaction) -> bool:
    """Whether a transaction waits or is final here already."""
    is_waiting = services.mempool.status(transaction.id) is not None
    return is_waiting or services.storage.location(transaction.id) is not None


@method("tx_submitAndWait", weight=2, refusals=(*ADMISSION_REFUSALS, "mempool.outcome_unknown"))
async def submit_and_wait(call: Call, asked: WhatToWaitFor) -> ReceiptAnswer:
    """Hand in a signed transaction and return its final receipt.

    When `timeout_ms` (at most 60,000) runs out first, the outcome is unknown: it may still be
    included until `valid_until_height`, and asking again waits on.
    """
    services = call.services
    if not 0 <= asked.timeout_ms <= limits.WAIT_MAX_MS:
        raise ParametersInvalid(f"timeout_ms is at most {limits.WAIT_MAX_MS}", field="timeout_ms")
    transaction = _parsed(services, asked)
    await _submitted(services, transaction)
    valid_until_height = transaction.body.valid_until_height
    with trio.move_on_after(asked.timeout_ms / 1000):
        await _wait_settled(services, transaction.id, valid_until_height)
    found = receipt_at(services, transaction.id)
    next_height = services.finality.head.height + 1
    if found is None and next_height > valid_until_height:
        raise refused(EXPIRED, valid_until_height=valid_until_height, next_height=next_height)
    if found is None:
        raise refused(OUTCOME_UNKNOWN, valid_until_height=valid_until_height)
    return ReceiptAnswer(**found, finalized=True)


async def _wait_settled(services: Services, identity: bytes, valid_until_height: int) -> None:
    """Wait until a transaction is final, or cannot become so any more."""
    async with trio.open_nursery() as nursery:

        async def until_final() -> None:
            if final_place(services, identity) is None:
                await services.finality.wait_transaction(identity)
            nursery.cancel_scope.cancel()

        async def until_expired() -> None:
            await services.finality.wait_head_above(valid_until_height - 1)
            nursery.cancel_scope.cancel()

        nursery.start_soon(until_final)
        nursery.start_soon(until_expired)


class Change(Struct, frozen=True):
    """How an account stands before and after; null where it is not open."""

    account: str
    before: Stand | None
    after: Stand | None


class SimulatedAnswer(ReceiptAnswer, frozen=True):
    """A receipt that would be, and what it would make of the account that was asked for."""

    change: Change | None = None


@method("tx_simulate", weight=10, refusals=ADMISSION_REFUSALS)
async def simulate(call: Call, asked: WhatToTry) -> SimulatedAnswer:
    """Return the receipt that a signed transaction would get in the next block.

    Nothing is kept and nothing is sent. What waits in its lane here goes before it. With
    `account` also how that account stands before and after. What would make it unfit for a
    block at all (a stale sequence, an expiry, a missing signature) is an error instead, as at
    `tx_submit`.
    """
    services = call.services
    transaction = _parsed(services, asked)
    account = None if asked.account is None else account_given(asked.account)

    def look(view: View) -> Stand | None:
        found = None if account is None else account_at(view, account)
        return None if found is None else stand_of(found)

    receipt, before, after = await services.simulator.try_out(
        transaction.data, look, _waiting_before(services, transaction)
    )
    shape = receipt_shape(services, receipt, services.finality.head.height + 1)
    change = None if account is None else Change(text_of_holder(account), before, after)
    return SimulatedAnswer(**shape, finalized=False, change=change)


def _waiting_before(services: Services, transaction: Transaction) -> list[Transaction]:
    """Return what waits here in the lane of a transaction, with sequences below its own."""
    body = transaction.body
    return [
        one
        for one in services.mempool.waiting_of(body.signer)
        if one.body.lane == body.lane and one.body.sequence < body.sequence
    ]


class WhichTransaction(Parameters, frozen=True):
    """A transaction by its id."""

    id: HashText


class StatusAnswer(Answer, frozen=True):
    """Where a transaction stands."""

    id: HashText
    status: str
    height: NumberText | None
    index: int | None
    valid_until_height: NumberText | None
    reason: str | None
    receipt: dict[str, Any] | None
    finalized: bool


@method("tx_getStatus", is_prompt=True)
async def get_status(call: Call, asked: WhichTransaction) -> StatusAnswer:
    """Return where a transaction stands, as far as this node knows.

    `unknown`, `waiting`, `proposed`, `applied`, `refused`, `expired` or `replaced`; the last two
    and `unknown` have no receipt.
    """
    shape = transaction_standing(call.services, bytes.fromhex(asked.id[2:]))
    return StatusAnswer(**shape)


METHODS = (describe, build, submit, submit_many, submit_and_wait, simulate, get_status)
