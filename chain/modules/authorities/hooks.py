"""What a block's evidence does: an offence is recorded, once a key.

Source: docs/specs/authorities.md, AUTH-010 to AUTH-015.
"""

from chain.block.evidence import Evidence, offence_of, parse_evidence
from chain.codec.record import MalformedRecord
from chain.kit import BlockContext, InvalidBlock, View
from chain.modules.authorities.events import OffenceRecorded
from chain.modules.authorities.sets import authority_set_of
from chain.modules.authorities.state import EPOCHS_KEPT_COUNT, OFFENCES, OffenceRecord


def evidence_fault(view: View, epoch: int, evidence: Evidence) -> str:
    """Return why evidence may not stand in the next block of an epoch, or nothing.

    Whether its signatures are genuine is asked before, of its bytes alone.
    """
    if not epoch - EPOCHS_KEPT_COUNT < evidence.epoch <= epoch:
        return f"evidence of epoch {evidence.epoch} in epoch {epoch}"
    authorities = authority_set_of(view, evidence.epoch)
    if authorities is None or authorities.index_of(evidence.signer) is None:
        return f"evidence against {evidence.signer.hex()}, no authority then"
    if view.get(OFFENCES, evidence.signer) is not None:
        return f"repeated evidence against {evidence.signer.hex()}"
    return ""


def record_offences(context: BlockContext) -> None:
    """Record the offence that each piece of evidence proves.

    Refuses: InvalidBlock, for evidence out of order, of a forgotten epoch, against nobody
    of that epoch's set, or against a key whose offence is on record.
    """
    before = b""
    for data in context.evidence:
        if data <= before:
            raise InvalidBlock("evidence does not ascend by its bytes")
        before = data
        try:
            evidence = parse_evidence(data)
        except MalformedRecord as fault:
            raise InvalidBlock(f"evidence: {fault}") from fault
        fault_text = evidence_fault(context.state, context.epoch, evidence)
        first, second = evidence.first, evidence.second
        kind = offence_of(first.kind, first.block_id, second.kind, second.block_id)
        if fault_text or kind is None:
            raise InvalidBlock(fault_text or "evidence of nothing forbidden")
        context.state.put(
            OFFENCES,
            evidence.signer,
            OffenceRecord(
                kind=int(kind), epoch=evidence.epoch, view=evidence.view, height=context.height
            ),
        )
        context.emit(
            OffenceRecorded(
                public_key=evidence.signer,
                kind=int(kind),
                epoch=evidence.epoch,
                view=evidence.view,
            )
        )
