"""Choose which evidence a proposer may put into its block.

Source: docs/specs/authorities.md, AUTH-014.
"""

from collections.abc import Iterable

from chain.block.evidence import check_evidence, parse_evidence
from chain.codec.record import MalformedRecord
from chain.kit import View
from chain.limits import EVIDENCE_MAX_COUNT
from chain.modules.authorities.hooks import evidence_fault
from chain.modules.system.standing import progress_of


def admissible_evidence(
    view: View, chain_id: bytes, candidates: Iterable[bytes]
) -> tuple[bytes, ...]:
    """Return what of this evidence the next block may hold, as it must stand there.

    Leaves out what proves nothing, is of a forgotten epoch, or is against a key whose
    offence is on record or proven by another piece; at most 64 pieces, ascending.
    """
    epoch = progress_of(view).epoch
    chosen: list[bytes] = []
    accused: list[bytes] = []
    for data in sorted(candidates):
        try:
            evidence = parse_evidence(data)
        except MalformedRecord:
            continue
        if evidence.signer in accused or evidence_fault(view, epoch, evidence):
            continue
        if check_evidence(evidence, chain_id):
            chosen.append(data)
            accused.append(evidence.signer)
    return tuple(chosen[:EVIDENCE_MAX_COUNT])
