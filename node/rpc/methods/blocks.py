"""Show blocks, headers and certificates.

Source: docs/specs/rpc.md, RPC-080 to RPC-082.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chain.block.block import Block
from chain.block.certificate import Certificate, signers_of
from chain.block.header import Header, block_id_of, header_bytes
from chain.block.receipt import HOOKS_KIND, Receipt
from chain.block.transaction import parse_transaction
from chain.modules.authorities.sets import authorities_of
from chain.modules.authorities.state import Authority
from node.rpc.forms import blob_form, hex_form, receipt_form, transaction_form

if TYPE_CHECKING:
    from node.services import Services

TOLD_TRANSACTIONS_MAX_COUNT = 100
"""Transactions that are named in a message about a block; its count is always whole."""

Members = tuple[Authority, ...]
"""Authorities of an epoch in the order of their index."""


def members_now(services: "Services") -> Mapping[int, Members]:
    """Return the authorities of every epoch that the state still keeps. Main loop only."""
    view, head = services.state_store.view_at(None)
    kept = {}
    for epoch in range(max(0, head.header.epoch - 2), head.header.epoch + 2):
        listed = authorities_of(view, epoch)
        if listed is not None:
            kept[epoch] = listed.members
    return kept


def name_of(members: Members, index: int) -> str:
    """Return the name of an authority, or its number where the names are no longer kept."""
    return members[index].name if index < len(members) else str(index)


def header_form(header: Header, members: Members) -> dict[str, Any]:
    """Return every field of a header, its id, its proposer's name and its bytes."""
    return {
        "height": str(header.height),
        "block_id": hex_form(block_id_of(header)),
        "version": header.version,
        "chain_id": hex_form(header.chain_id),
        "epoch": str(header.epoch),
        "view": str(header.view),
        "parent_id": hex_form(header.parent_id),
        "proposer": header.proposer,
        "proposer_name": name_of(members, header.proposer),
        "time_ms": header.time_ms,
        "tx_root": hex_form(header.tx_root),
        "tx_count": header.tx_count,
        "body_bytes": header.body_bytes,
        "oracle_root": hex_form(header.oracle_root),
        "evidence_root": hex_form(header.evidence_root),
        "state_root": hex_form(header.state_root),
        "receipts_root": hex_form(header.receipts_root),
        "history_root": hex_form(header.history_root),
        "authorities_hash": hex_form(header.authorities_hash),
        "next_authorities_hash": hex_form(header.next_authorities_hash),
        "params_hash": hex_form(header.params_hash),
        "flags": header.flags,
        "raw": blob_form(header_bytes(header)),
    }


def certificate_form(
    services: "Services", height: int, members_of: Mapping[int, Members]
) -> dict[str, Any] | None:
    """Return the certificate that makes a block final, with the headers that lead up to it.

    It is this block's own or that of the first certified block above; None for a block that
    has none yet, which only genesis and blocks in the middle of catching up are.
    """
    storage = services.storage
    found = storage.certificate_at_or_above(height)
    if found is None:
        return None
    certified_height, certificate = found
    headers = []
    for above in range(height + 1, certified_height + 1):
        header = storage.header(above)
        assert header is not None, "a certified block is stored with all below it"
        headers.append(header_form(header, members_of.get(header.epoch, ())))
    members = members_of.get(certificate.epoch, ())
    return {
        "height": str(certified_height),
        **_votes_form(certificate, members),
        "headers": headers,
    }


def _votes_form(certificate: Certificate, members: Members) -> dict[str, Any]:
    signers = signers_of(certificate, len(members)) if members else None
    return {
        "block_id": hex_form(certificate.block_id),
        "epoch": str(certificate.epoch),
        "view": str(certificate.view),
        "signers": [hex_form(members[index].consensus_key) for index in signers or ()],
        "signer_names": [members[index].name for index in signers or ()],
        "bitmap": blob_form(certificate.bitmap),
        "signatures": [hex_form(signature) for signature in certificate.signatures],
    }


def block_form(
    services: "Services", height: int, members_of: Mapping[int, Members]
) -> dict[str, Any] | None:
    """Return a block with what came of it and its certificate, None for one not stored.

    Parses every transaction: use a thread.
    """
    block = services.storage.block(height)
    if block is None:
        return None
    receipts = services.storage.receipts(height)
    application, chain_id = services.application, services.genesis.chain_id
    transactions = []
    for data, receipt in zip(block.transactions, receipts, strict=False):
        transaction = parse_transaction(application, chain_id, data)
        transactions.append(
            {
                **transaction_form(application, transaction),
                "receipt": receipt_form(application, receipt, height),
            }
        )
    hooks = receipts[len(block.transactions) :]
    return {
        "header": header_form(block.header, members_of.get(block.header.epoch, ())),
        "transactions": transactions,
        "hooks": receipt_form(application, hooks[0], height) if hooks else None,
        "oracle": blob_form(block.oracle) if block.oracle else None,
        "evidence": [blob_form(data) for data in block.evidence],
        "certificate": certificate_form(services, height, members_of),
    }


def told_block(services: "Services", block: Block, receipts: tuple[Receipt, ...]) -> dict[str, Any]:
    """Return what followers are told of a block: its place and what its transactions came to."""
    header = block.header
    view, _ = services.state_store.view_at(None)
    listed = authorities_of(view, header.epoch)
    application = services.application
    own = [receipt for receipt in receipts if receipt.kind != HOOKS_KIND]
    return {
        "height": str(header.height),
        "block_id": hex_form(block_id_of(header)),
        "parent_id": hex_form(header.parent_id),
        "state_root": hex_form(header.state_root),
        "time_ms": header.time_ms,
        "epoch": str(header.epoch),
        "view": str(header.view),
        "proposer": header.proposer,
        "proposer_name": name_of(listed.members if listed else (), header.proposer),
        "tx_count": header.tx_count,
        "transactions": [
            {
                "id": hex_form(receipt.id),
                "index": receipt.index,
                "kind": application.kind_name(receipt.kind),
                "ok": receipt.ok,
                "reason": _reason_slug(services, receipt.code),
            }
            for receipt in own[:TOLD_TRANSACTIONS_MAX_COUNT]
        ],
    }


def _reason_slug(services: "Services", code: int) -> str | None:
    reason = services.application.reason(code) if code else None
    return reason.slug if reason is not None else None
