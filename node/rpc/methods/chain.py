"""What is final: where the chain stands, its blocks, its authorities, and proofs.

Source: docs/specs/rpc.md, RPC-080 to RPC-083.
"""

from typing import Any

import trio
from msgspec import Struct

from chain.block.certificate import AuthoritySet
from chain.codec.canonical import encode
from chain.kit.plain import plain_record
from chain.modules.authorities.sets import authorities_of
from chain.state.proof import prove
from derivatives.margin.kernel.level import level_name
from node.rpc.errors import ParametersInvalid
from node.rpc.forms import blob_form, hex_form, key_form, key_from
from node.rpc.method import Answer, Call, NoParameters, Parameters, method
from node.rpc.methods.blocks import block_form, members_now
from node.rpc.methods.reading import SteadyView, read_at, work_at
from node.rpc.methods.state import REFUSALS_AT, WhichRecord, table_named
from node.rpc.methods.values import (
    At,
    BlobText,
    GivenNumber,
    HashText,
    NumberText,
    PublicKeyText,
    height_from,
    number_from,
)
from node.rpc.openrpc import version_of_program
from node.rpc.reasons import BLOCK_UNKNOWN
from node.rpc.refusals import refused
from node.state_store import Head


class Status(Answer, frozen=True):
    """Where this node and its chain stand."""

    chain_id: HashText
    chain_name: str
    kind: str
    height: NumberText
    block_id: HashText
    state_root: HashText
    time_ms: int
    finalized: bool
    epoch: NumberText
    view: NumberText
    leader: str
    best_height: NumberText
    syncing: bool
    ready: bool
    signing: bool
    not_signing_why: str
    halt_height: NumberText | None
    name: str
    authorities: list[str]
    peers: list[str]
    waiting_count: int
    version: str
    kernel: str


@method("chain_getStatus", is_prompt=True)
async def get_status(call: Call, _asked: NoParameters) -> Status:
    """Return where the chain stands: its final head, and this node's part in it.

    `view` is the view that this node is in, which moves on also when no block is made;
    `halt_height` the block after which this node ends, null when it goes on;
    `kernel` names what margins accounts: C at some width, or python.
    """
    services = call.services
    view, head = services.state_store.view_at(None)
    standing = services.consensus.standing()
    listed = authorities_of(view, head.header.epoch)
    network = services.network
    linked = [peer.name for peer in network.peers() if peer.linked] if network is not None else []
    return Status(
        chain_id=hex_form(services.genesis.chain_id),
        chain_name=services.genesis.chain_name,
        kind=services.genesis.kind,
        height=str(head.height),
        block_id=hex_form(head.block_id),
        state_root=hex_form(head.state_root),
        time_ms=head.time_ms,
        finalized=True,
        epoch=str(standing.epoch),
        view=str(standing.view),
        leader=standing.leader,
        best_height=str(standing.best_height),
        syncing=standing.syncing,
        ready=standing.ready,
        signing=standing.signing,
        not_signing_why=standing.not_signing_why,
        halt_height=str(services.halt.height) if services.halt.height is not None else None,
        name=services.own_name,
        authorities=[member.name for member in listed.members] if listed is not None else [],
        peers=linked,
        waiting_count=services.mempool.waiting_count,
        version=version_of_program(),
        kernel=level_name(),
    )


class WhichBlock(Parameters, frozen=True):
    """A block by exactly one of these."""

    height: GivenNumber | None = None
    block_id: HashText | None = None


class BlockAnswer(Answer, frozen=True):
    """A final block, what came of it, and what makes it final."""

    header: dict[str, Any]
    transactions: list[dict[str, Any]]
    hooks: dict[str, Any] | None
    oracle: BlobText | None
    evidence: list[BlobText]
    certificate: dict[str, Any] | None
    height: NumberText
    time_ms: int
    finalized: bool


@method("chain_getBlock", weight=5, refusals=("lookup.block_unknown",))
async def get_block(call: Call, asked: WhichBlock) -> BlockAnswer:
    """Return a block with its transactions, their receipts, and its Finalize certificate.

    The certificate is this block's own or that of the first certified block above it, with the
    headers in between; `signers` and `signatures` are in the same order. Without `height` and
    `block_id` the newest final block is meant.
    """
    services = call.services
    if asked.height is not None and asked.block_id is not None:
        raise ParametersInvalid("a block is named by its height or by its id, not by both")
    if asked.block_id is not None:
        height = services.storage.height_of(bytes.fromhex(asked.block_id[2:]))
        named = asked.block_id
    elif asked.height is not None:
        height = number_from(asked.height)
        named = str(height)
    else:
        height = services.finality.head.height
        named = str(height)
    shape = None
    # A block on disk is told of once it is folded: until then the head is the one below.
    if height is not None and height <= services.finality.head.height:
        members = members_now(services)
        shape = await trio.to_thread.run_sync(block_form, services, height, members)
    if shape is None:
        raise refused(BLOCK_UNKNOWN, block=named)
    header = shape["header"]
    return BlockAnswer(**shape, height=header["height"], time_ms=header["time_ms"], finalized=True)


class When(Parameters, frozen=True):
    """The state to look at."""

    at: At = "finalized"


class Member(Struct, frozen=True):
    """One authority."""

    index: int
    name: str
    public_key: PublicKeyText
    oracle_key: PublicKeyText


class Authorities(Answer, frozen=True):
    """Who makes blocks."""

    epoch: NumberText
    authorities: list[Member]
    quorum_count: int
    fault_max_count: int
    height: NumberText
    time_ms: int
    finalized: bool


@method("chain_getAuthorities", refusals=REFUSALS_AT)
async def get_authorities(call: Call, asked: When) -> Authorities:
    """Return the authorities that vote after the block at this height, by index.

    `public_key` is the key that votes; a certificate has at least `quorum_count` signatures.
    """

    def look(view: SteadyView, head: Head) -> Authorities:
        epoch = head.header.epoch + (1 if head.header.epoch_end else 0)
        listed = authorities_of(view, epoch)
        assert listed is not None, "the state keeps the authorities of its own epoch"
        keys = tuple(member.consensus_key for member in listed.members)
        voters = AuthoritySet(epoch, keys)
        return Authorities(
            epoch=str(epoch),
            authorities=[
                Member(index, one.name, hex_form(one.consensus_key), hex_form(one.oracle_key))
                for index, one in enumerate(listed.members)
            ],
            quorum_count=voters.quorum,
            fault_max_count=voters.fault_max,
            height=str(head.height),
            time_ms=head.time_ms,
            finalized=True,
        )

    return await read_at(call.services, height_from(asked.at), look)


class ProofAnswer(Answer, frozen=True):
    """A record, or that there is none, with what connects it to a block's state root."""

    table: str
    key: dict[str, Any]
    value: dict[str, Any] | None
    encoded_key: BlobText
    encoded_value: BlobText | None
    proof: dict[str, Any]
    encoded_proof: BlobText
    state_root: HashText
    block_id: HashText
    height: NumberText
    time_ms: int
    finalized: bool


@method(
    "chain_getProof",
    weight=5,
    refusals=("lookup.table_unknown", *REFUSALS_AT),
)
async def get_proof(call: Call, asked: WhichRecord) -> ProofAnswer:
    """Return a record with the proof that the block's state root covers it, or its absence.

    `encoded_key` and `encoded_value` are what is hashed; `proof` is `docs/specs/state.md`,
    STATE-030; the header of the block is in `chain_getBlock`, with what makes it final.
    """
    table = table_named(call.services, asked.table)
    key = key_from(table, asked.key)
    encoded_key = table.encoded(key)

    def work(view: SteadyView, head: Head) -> ProofAnswer:
        data = view.encoded_of(table, key)
        proof = prove(view, encoded_key)
        return ProofAnswer(
            table=table.name,
            key=key_form(table, key),
            value=None if data is None else plain_record(table.record_from(data)),
            encoded_key=blob_form(encoded_key),
            encoded_value=None if data is None else blob_form(data),
            proof=plain_record(proof),
            encoded_proof=blob_form(encode(proof)),
            state_root=hex_form(head.state_root),
            block_id=hex_form(head.block_id),
            height=str(head.height),
            time_ms=head.time_ms,
            finalized=True,
        )

    height = height_from(asked.at)
    if height is None:
        return await read_at(call.services, None, work)
    return await work_at(call.services, height, work)


METHODS = (get_status, get_block, get_authorities, get_proof)
