"""Make a transaction and sign it: every signed byte is made here, from our own declarations.

Asked of the node are numbers alone: its chain's id, its height, the next sequence of a lane.
A wrong one makes the transaction worthless, never another transaction.

Source: docs/specs/cli.md, CLI-036.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chain.block.transaction import (
    LIST_KIND,
    body_of,
    list_of,
    sign_bytes_of,
    signed_transaction,
    transaction_id,
)
from chain.codec.canonical import OutOfBounds, encode_bounded
from chain.crypto.addresses import text_of
from chain.crypto.signing import SigningKey
from chain.kit.plain import MalformedPlain, record_from
from chain.kit.reason import Refusal
from node.client.declarations import application, kind_named
from node.client.failures import CHAIN_DIFFERS, DECLARATION_DIFFERS, VALUE_MALFORMED, Failure, Kind
from node.client.target import Target
from node.client.transport import Client

ORDINARY_LANE = 0
CANCEL_LANE = 1
"""Kept free, so that a cancel never waits behind a transaction that was lost."""
VALID_FOR_BLOCKS = 120
"""A minute at half a second a block: long enough for two bad leaders, soon known to be over."""


@dataclass(frozen=True)
class Chain:
    """What is known of the chain at the moment of building."""

    chain_id: bytes
    kind: str
    height: int


@dataclass(frozen=True)
class Signed:
    """A transaction ready to be sent, and what to say of it."""

    data: bytes
    id: bytes
    kind: str
    signer: bytes
    lane: int
    sequence: int
    valid_until_height: int

    @property
    def id_text(self) -> str:
        """The id as JSON and people write it."""
        return f"0x{self.id.hex()}"

    @property
    def blob(self) -> str:
        """The bytes as JSON carries them."""
        return base64.b64encode(self.data).decode()


def chain_at(client: Client, target: Target) -> Chain:
    """Return the chain that answers.

    Refuses: CHAIN_DIFFERS, when the network file of the folder names another one.
    """
    status = client.call("chain_getStatus")
    chain_id = bytes.fromhex(str(status["chain_id"]).removeprefix("0x"))
    if target.chain_id is not None and target.chain_id != chain_id:
        raise Failure(
            CHAIN_DIFFERS,
            f"{target.url} runs chain 0x{chain_id.hex()[:8]}…, the network of {target.folder}"
            f" is 0x{target.chain_id.hex()[:8]}…",
            "nothing was signed; another node: --rpc URL      another folder: --data DIR",
            details={"got": f"0x{chain_id.hex()}", "expected": f"0x{target.chain_id.hex()}"},
        )
    return Chain(chain_id, str(status["kind"]), int(status["height"]))


def payload_of(name: str, plain: Mapping[str, Any]) -> tuple[int, Any]:
    """Return kind and payload of a transaction, checked as far as no state is needed.

    Refuses: a value of another form or out of its width; what `check` refuses.
    """
    kind, record = kind_named(name)
    try:
        payload = record_from(record, plain, name)
        encode_bounded(payload)
        payload.check()
    except (MalformedPlain, OutOfBounds) as fault:
        raise Failure(VALUE_MALFORMED, str(fault)) from fault
    except Refusal as refusal:
        raise Failure(
            Kind(refusal.reason.slug, refusal.reason.code, 4),
            refusal.message,
            "nothing was signed or sent",
            details=refusal.facts,
        ) from refusal
    return kind, payload


@dataclass(frozen=True)
class Asked:
    """What a transaction is to do: one kind and its payload, and how JSON says the same."""

    name: str
    plain: Mapping[str, Any]
    kind: int
    payload: Any


def one(name: str, plain: Mapping[str, Any]) -> Asked:
    """Return one transaction. Refuses: as `payload_of`."""
    return Asked(name, plain, *payload_of(name, plain))


def several(actions: Sequence[tuple[str, Mapping[str, Any]]]) -> Asked:
    """Return a signed list of actions, all or nothing under one signature.

    Refuses: as `payload_of`, for the first that cannot be meant.
    """
    listed = list_of([payload_of(name, plain) for name, plain in actions])
    told = [{"kind": name, "fields": dict(plain)} for name, plain in actions]
    return Asked(application().kind_name(LIST_KIND), {"actions": told}, LIST_KIND, listed)


@dataclass(frozen=True)
class Draft:
    """A body that was made here and that the node makes alike, not signed yet."""

    chain: Chain
    body: bytes
    kind: str
    signer: bytes
    lane: int
    sequence: int
    valid_until_height: int


def draft(
    client: Client, chain: Chain, signer: bytes, name: str, plain: Mapping[str, Any]
) -> Draft:
    """Return the body of a transaction with the next sequence of the ordinary lane.

    Refuses: as `payload_of`; DECLARATION_DIFFERS.
    """
    return draft_of(client, chain, signer, one(name, plain))


def draft_of(
    client: Client,
    chain: Chain,
    signer: bytes,
    asked: Asked,
    *,
    lane: int = ORDINARY_LANE,
    valid_for_blocks: int = VALID_FOR_BLOCKS,
) -> Draft:
    """Return the body of what is asked, with the next sequence of a lane.

    The node is asked for the sequence, which counts what waits there, and builds the same
    body: one that differs comes from another version of the declarations.

    Refuses: DECLARATION_DIFFERS.
    """
    valid_until_height = chain.height + valid_for_blocks
    answer = client.call(
        "tx_build",
        kind=asked.name,
        fields=dict(asked.plain),
        signer=text_of(signer),
        lane=lane,
        valid_until_height=str(valid_until_height),
    )
    sequence = int(answer["sequence"])
    body = body_of(
        signer=signer,
        lane=lane,
        sequence=sequence,
        valid_until_height=valid_until_height,
        kind=asked.kind,
        payload=asked.payload,
    )
    if base64.b64encode(body).decode() != answer["unsigned"]:
        raise Failure(
            DECLARATION_DIFFERS,
            f"the node understands {asked.name} otherwise than this program",
            "nothing was signed; use the novation of the node's version (novation version)",
        )
    return Draft(chain, body, asked.name, signer, lane, sequence, valid_until_height)


def sign(drafted: Draft, keys: Sequence[SigningKey]) -> Signed:
    """Return the transaction, signed by these keys."""
    message = sign_bytes_of(drafted.chain.chain_id, drafted.body)
    signatures = [(key.public_key, key.sign(message)) for key in keys]
    return Signed(
        data=signed_transaction(drafted.body, signatures),
        id=transaction_id(drafted.chain.chain_id, drafted.body),
        kind=drafted.kind,
        signer=drafted.signer,
        lane=drafted.lane,
        sequence=drafted.sequence,
        valid_until_height=drafted.valid_until_height,
    )
