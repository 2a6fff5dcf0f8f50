"""Proposes transactions that others signed, under signatures that they never made."""

from dataclasses import replace

from chain.block.header import block_id_of
from chain.block.transaction import SignedTransaction
from chain.block.vote import NOTARIZE
from chain.codec.canonical import decode, encode
from chain.consensus.messages import Message, Proposal
from chain.kit.reason import InvalidBlock, Refusal
from chain.machine.run import BlockFacts, open_block, seal
from node.executor import ParentGone
from tests.simulation.member import Name
from tests.simulation.nodes.liars.liar import Liar, NodeSin


class ForgesSignatures(NodeSin):
    """The ids are those of genuine transactions, which everybody has checked; the bytes are not."""

    def __init__(self) -> None:
        self.forged_count = 0

    def says(self, liar: Liar, target: Name, message: Message) -> list[Message]:  # type: ignore[override]
        if not isinstance(message, Proposal) or not liar.is_own(message):
            return [message]
        header, block = message.block.header, message.block
        if header.view != message.view or not block.transactions or block.oracle:
            return [message]
        facts = BlockFacts(
            chain_id=header.chain_id,
            epoch=header.epoch,
            height=header.height,
            view=header.view,
            parent_id=header.parent_id,
            proposer=header.proposer,
            time_ms=header.time_ms,
        )
        try:
            run = open_block(
                liar.world.application, liar.executor.state_after(header.parent_id), facts, b"", ()
            )
        except (ParentGone, InvalidBlock):
            return [message]
        try:
            for data in block.transactions:
                run.apply(liar.executor._parse(data))
        except Refusal:
            return [message]  # another sin was faster
        forged = tuple(_forged(data) for data in block.transactions)
        other = seal(facts, forged, b"", (), run.close())
        block_id = block_id_of(other.header)
        vote = liar.vote(NOTARIZE, message.view, block_id)
        assert vote is not None
        self.forged_count += 1
        return [replace(message, block=other, block_id=block_id, signature=vote.signature)]


def _forged(data: bytes) -> bytes:
    signed = decode(SignedTransaction, data)
    forged = tuple((key, bytes(64)) for key, _ in signed.signatures)
    return encode(SignedTransaction(signed.body, forged))
