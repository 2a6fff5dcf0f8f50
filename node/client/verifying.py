"""Believe no node: check a block's certificate, and a value's proof, against genesis.

    value --proof--> state root --header--> block id --headers--> certified id --votes--> genesis

The authorities of epoch 0 are in the genesis, whose hash is the chain's id.  Without a
genesis at hand the node's own word on who the authorities are is taken, and said so.

Source: docs/specs/cli.md, CLI-056 and CLI-057.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chain.block.certificate import AuthoritySet, Certificate, check_certificate, signers_of
from chain.block.header import Header, block_id_of, parse_header
from chain.block.vote import FINALIZE
from chain.codec.canonical import decode
from chain.codec.record import MalformedRecord
from chain.kit.genesis import GenesisFault
from chain.machine.genesis import Genesis, load_genesis
from chain.modules.authorities.sets import authorities_hash_of
from chain.modules.authorities.state import Authority, AuthorityList
from chain.state.proof import Proof, verify_proof
from node.client.declarations import application
from node.client.failures import ANSWER_STRANGE, NOT_FOUND, PROOF_WRONG, Failure
from node.client.transport import Client


@dataclass(frozen=True)
class Anchor:
    """Who is trusted to make blocks final, and on whose word."""

    chain_id: bytes
    epoch: int
    members: tuple[Authority, ...]
    from_genesis: bool

    @property
    def voters(self) -> AuthoritySet:
        """The set that certificates are checked against."""
        return AuthoritySet(self.epoch, tuple(member.consensus_key for member in self.members))


@dataclass(frozen=True)
class VerifiedBlock:
    """A header that a quorum made final, and who did."""

    header: Header
    block_id: bytes
    certified_height: int
    signers: tuple[str, ...]
    quorum_count: int


def genesis_in(folder: Path | None) -> Genesis | None:
    """Return the genesis that a data folder holds, of a network or of one node."""
    if folder is None:
        return None
    for path in (folder / "genesis.json", *sorted(folder.glob("*/genesis.json"))):
        try:
            return load_genesis(application(), path.read_bytes())
        except (OSError, GenesisFault):
            continue
    return None


def anchor_of(client: Client, folder: Path | None) -> Anchor:
    """Return whom to trust: the genesis at hand, if it is of this chain, else the node.

    Refuses: PROOF_WRONG, when the genesis at hand is of another chain.
    """
    answer = client.call("chain_getAuthorities")
    chain_id = _hash(client.call("chain_getStatus")["chain_id"])
    epoch = int(answer["epoch"])
    genesis = genesis_in(folder)
    if genesis is not None and genesis.chain_id != chain_id:
        raise _wrong(
            f"the node runs chain 0x{chain_id.hex()[:8]}…, the genesis in {folder} is of"
            f" 0x{genesis.chain_id.hex()[:8]}…"
        )
    if genesis is not None and epoch == 0:
        return Anchor(chain_id, 0, genesis.authorities.members, from_genesis=True)
    members = tuple(
        Authority(
            name=one["name"],
            consensus_key=_hash(one["public_key"]),
            oracle_key=_hash(one["oracle_key"]),
        )
        for one in answer["authorities"]
    )
    return Anchor(chain_id, epoch, members, from_genesis=False)


def verified_block(block: Mapping[str, Any], anchor: Anchor) -> VerifiedBlock:
    """Return the header of a block, once a quorum is seen to have made it final.

    Refuses: PROOF_WRONG, saying which link does not hold; NOT_FOUND without a certificate.
    """
    shape = block["certificate"]
    header = _header(block["header"])
    if shape is None:
        raise Failure(
            NOT_FOUND,
            f"block {header.height} has no certificate at this node",
            "genesis has none: it is what certificates are checked against",
        )
    if header.chain_id != anchor.chain_id:
        raise _wrong(f"block {header.height} is of another chain")
    listed = authorities_hash_of(AuthorityList(members=anchor.members))
    if header.epoch != anchor.epoch or header.authorities_hash != listed:
        raise _wrong(f"block {header.height} names other authorities than those trusted")
    last = header
    for above in shape["headers"]:
        following = _header(above)
        if following.parent_id != block_id_of(last) or following.height != last.height + 1:
            raise _wrong(f"header {following.height} does not stand on the one before it")
        last = following
    certificate = Certificate(
        kind=FINALIZE,
        epoch=int(shape["epoch"]),
        view=int(shape["view"]),
        block_id=_hash(shape["block_id"]),
        bitmap=_blob(shape["bitmap"]),
        signatures=tuple(_hex(text) for text in shape["signatures"]),
    )
    if certificate.block_id != block_id_of(last):
        raise _wrong(f"the certificate is for another block than {last.height}")
    if not check_certificate(certificate, anchor.chain_id, anchor.voters):
        raise _wrong("the certificate is not signed by a quorum of the authorities")
    signers = signers_of(certificate, anchor.voters.count) or ()
    return VerifiedBlock(
        header=header,
        block_id=block_id_of(header),
        certified_height=last.height,
        signers=tuple(anchor.members[index].name for index in signers),
        quorum_count=anchor.voters.quorum,
    )


def verified_value(answer: Mapping[str, Any], encoded_key: bytes, header: Header) -> bytes | None:
    """Return the record's bytes under a key, or None, once the header's root covers that.

    Refuses: PROOF_WRONG.
    """
    value = None if answer["encoded_value"] is None else _blob(answer["encoded_value"])
    try:
        proof = decode(Proof, _blob(answer["encoded_proof"]))
    except MalformedRecord as fault:
        raise Failure(ANSWER_STRANGE, f"the proof is none: {fault}") from fault
    if not verify_proof(header.state_root, encoded_key, value, proof):
        raise _wrong(f"the state root of block {header.height} does not cover this value")
    return value


def _header(shape: Mapping[str, Any]) -> Header:
    """Return a header from its bytes; the shown fields beside them are for people."""
    try:
        header = parse_header(_blob(shape["raw"]))
    except MalformedRecord as fault:
        raise _wrong(f"a header is none: {fault}") from fault
    if _hash(shape["block_id"]) != block_id_of(header) or int(shape["height"]) != header.height:
        raise _wrong(f"header {shape['height']} is not what its bytes say")
    return header


def _wrong(message: str) -> Failure:
    return Failure(
        PROOF_WRONG,
        message,
        "do not rely on this node; ask another: --rpc URL",
    )


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except ValueError as fault:
        raise _wrong(f"{text[:20]} is no hexadecimal") from fault


def _hash(text: str) -> bytes:
    data = _hex(text)
    if len(data) != 32:
        raise _wrong(f"{text[:20]} is no hash")
    return data


def _blob(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as fault:
        raise _wrong("something is not base64") from fault
