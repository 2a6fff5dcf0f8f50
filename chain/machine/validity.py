"""Valid or not: depends on bytes and the parent's state alone, today and in ten years.

A block is checked first for what its bytes say by themselves, genuine signatures
included; only what passed (`CheckedBlock`) is executed.

Source: docs/specs/machine.md, MACH-040 to MACH-047.
"""

from collections.abc import Callable
from dataclasses import dataclass

from chain.block.block import Block, body_fault
from chain.block.certificate import AuthoritySet
from chain.block.evidence import check_evidence, parse_evidence
from chain.block.transaction import Transaction, parse_transaction
from chain.codec.record import MalformedRecord
from chain.kit.reason import InvalidBlock, Refusal
from chain.limits import (
    BLOCK_BODY_BYTES_MAX,
    BLOCK_EXTRAS_BYTES_MAX,
    BLOCK_TRANSACTIONS_MAX_COUNT,
    EVIDENCE_MAX_COUNT,
)
from chain.machine.application import Application
from chain.machine.frame import BIN_HEADER_BYTES
from chain.machine.run import BlockFacts, Defect, Outcome, Unfit, open_block
from chain.state.view import CommittedView

_ROOTS = (
    "state_root",
    "receipts_root",
    "history_root",
    "authorities_hash",
    "next_authorities_hash",
    "params_hash",
    "epoch_end",
)


@dataclass(frozen=True, slots=True)
class CheckedBlock:
    """A block whose body matches its header, whose every signature is genuine.

    Made by `check_block` alone: execution takes nothing else.
    """

    block: Block
    transactions: tuple[Transaction, ...]


def check_block(
    application: Application,
    chain_id: bytes,
    block: Block,
    is_genuine: Callable[[Transaction], bool],
    parse: Callable[[bytes], Transaction] | None = None,
) -> CheckedBlock:
    """Return the block as one that may be executed.

    `is_genuine` and `parse` may answer from caches, keyed by a transaction's whole bytes.
    Refuses: InvalidBlock, for another chain, a body that the header does not describe, too
    many or too large parts, a transaction that does not decode or stands before its class,
    a signature that is not genuine.
    """
    if block.header.chain_id != chain_id:
        raise InvalidBlock("it is a block of another chain")
    _check_sizes(block)
    fault = body_fault(block)
    if fault:
        raise InvalidBlock(f"{fault} does not match the body")
    for data in block.evidence:
        _check_evidence(chain_id, data)
    transactions: list[Transaction] = []
    before = 0
    for index, data in enumerate(block.transactions):
        try:
            transaction = parse(data) if parse else parse_transaction(application, chain_id, data)
        except Refusal as refusal:
            raise InvalidBlock(f"transaction {index}: {refusal}") from refusal
        if transaction.transaction_class < before:
            raise InvalidBlock(
                f"transaction {index}: class {transaction.transaction_class} after {before}"
            )
        if not is_genuine(transaction):
            raise InvalidBlock(f"transaction {index}: transaction.bad_signature")
        before = transaction.transaction_class
        transactions.append(transaction)
    return CheckedBlock(block, tuple(transactions))


def apply_block(
    application: Application,
    state: CommittedView,
    checked: CheckedBlock,
    authorities: AuthoritySet,
) -> Outcome:
    """Return what the block comes to on its parent's state.

    Refuses: InvalidBlock, saying which rule or which root fails.
    Raises: MemoryError, RecursionError, OSError as they come: then nothing is decided.
    """
    header = checked.block.header
    if header.epoch != authorities.epoch or header.proposer != authorities.leader(header.view):
        raise InvalidBlock(f"proposer {header.proposer} does not lead view {header.view}")
    facts = BlockFacts(
        chain_id=header.chain_id,
        epoch=header.epoch,
        height=header.height,
        view=header.view,
        parent_id=header.parent_id,
        proposer=header.proposer,
        time_ms=header.time_ms,
    )
    run = open_block(application, state, facts, checked.block.oracle, checked.block.evidence)
    for index, transaction in enumerate(checked.transactions):
        try:
            answer = run.apply(transaction)
        except Defect as defect:
            raise InvalidBlock(f"transaction {index}: {defect}") from defect
        if isinstance(answer, Unfit):
            raise InvalidBlock(f"transaction {index}: {answer.reason.slug}: {answer.message}")
    outcome = run.close()
    for name in _ROOTS:
        if getattr(outcome, name) != getattr(header, name):
            raise InvalidBlock(f"{name} is not what executing the block gives")
    return outcome


def _check_sizes(block: Block) -> None:
    count = len(block.transactions)
    size_bytes = sum(map(len, block.transactions)) + BIN_HEADER_BYTES * count
    extras_bytes = len(block.oracle) + sum(map(len, block.evidence))
    if count > BLOCK_TRANSACTIONS_MAX_COUNT:
        raise InvalidBlock(f"{count} transactions")
    if size_bytes > BLOCK_BODY_BYTES_MAX:
        raise InvalidBlock(f"transactions of {size_bytes} bytes")
    if extras_bytes > BLOCK_EXTRAS_BYTES_MAX or len(block.evidence) > EVIDENCE_MAX_COUNT:
        raise InvalidBlock(f"oracle section and evidence of {extras_bytes} bytes")


def _check_evidence(chain_id: bytes, data: bytes) -> None:
    try:
        evidence = parse_evidence(data)
    except MalformedRecord as fault:
        raise InvalidBlock(f"evidence: {fault}") from fault
    if not check_evidence(evidence, chain_id):
        raise InvalidBlock("evidence proves nothing")


__all__ = ["CheckedBlock", "InvalidBlock", "apply_block", "check_block"]
