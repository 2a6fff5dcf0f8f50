"""A real chain of two blocks with a real certificate, in the shapes that a node answers with."""

import base64
from dataclasses import dataclass
from typing import Any

from chain.block.certificate import Certificate, certificate_of
from chain.block.header import Header, block_id_of, header_bytes
from chain.block.vote import FINALIZE, Vote, vote_bytes
from chain.codec.canonical import encode
from chain.modules.authorities.sets import authority_set_of
from chain.modules.ledger.transactions import Transfer
from chain.state.proof import prove
from tests import given


def hexed(data: bytes) -> str:
    return f"0x{data.hex()}"


def based(data: bytes) -> str:
    return base64.b64encode(data).decode()


@dataclass
class Finality:
    """A world whose second block carries the certificate of both."""

    world: given.World
    certificate: Certificate

    @property
    def headers(self) -> list[Header]:
        return [block.header for block in self.world.blocks]

    def header_shape(self, header: Header) -> dict[str, Any]:
        return {
            "height": str(header.height),
            "block_id": hexed(block_id_of(header)),
            "parent_id": hexed(header.parent_id),
            "state_root": hexed(header.state_root),
            "time_ms": header.time_ms,
            "view": str(header.view),
            "proposer_name": "auth0",
            "tx_count": header.tx_count,
            "raw": based(header_bytes(header)),
        }

    def block(self, height: int) -> dict[str, Any]:
        """Return what `chain_getBlock` answers; the certificate is that of the last block."""
        certificate = self.certificate
        return {
            "header": self.header_shape(self.headers[height - 1]),
            "transactions": [],
            "certificate": {
                "height": str(len(self.headers)),
                "block_id": hexed(certificate.block_id),
                "epoch": str(certificate.epoch),
                "view": str(certificate.view),
                "bitmap": based(certificate.bitmap),
                "signatures": [hexed(signature) for signature in certificate.signatures],
                "signer_names": ["auth0"],
                "headers": [self.header_shape(header) for header in self.headers[height:]],
            },
        }

    def answers(self) -> dict[str, Any]:
        return {
            "chain_getStatus": self.status(),
            "chain_getAuthorities": self.authorities(),
            "chain_getBlock": lambda height="2", **_: self.block(int(height)),
            "chain_getProof": lambda table, key, at="finalized": self.proof(table, key),
        }

    def status(self) -> dict[str, Any]:
        return {
            "chain_id": hexed(self.world.chain_id),
            "chain_name": "novation-test",
            "kind": "devnet",
            "height": str(len(self.headers)),
        }

    def authorities(self) -> dict[str, Any]:
        return {
            "epoch": "0",
            "authorities": [
                {
                    "name": member.name,
                    "public_key": hexed(member.consensus_key),
                    "oracle_key": hexed(member.oracle_key),
                }
                for member in self.world.genesis.authorities.members
            ],
        }

    def proof(self, name: str, key: dict[str, Any]) -> dict[str, Any]:
        table = self.world.application.table(name)
        assert table is not None
        encoded_key = table.encoded(key["asset"])
        data = self.world.tables.encoded_of(table, key["asset"])
        return {
            "encoded_value": None if data is None else based(data),
            "encoded_proof": based(encode(prove(self.world.tables, encoded_key))),
            "height": str(len(self.headers)),
        }


def finality() -> Finality:
    """Return a chain of two blocks that three of its four authorities made final."""
    world = given.world()
    transfer = Transfer(to=given.address("bob"), asset="USD", amount_quantums=5_000_000)
    world.send("alice", transfer)
    world.close_block()
    last = world.close_block().header
    voters = authority_set_of(world.tables, 0)
    assert voters is not None
    block_id = block_id_of(last)
    message = vote_bytes(world.chain_id, 0, last.view, FINALIZE, block_id)
    names = {given.address(f"auth{i}/consensus"): f"auth{i}/consensus" for i in range(4)}
    votes = [
        Vote(0, last.view, FINALIZE, block_id, index, given.key(names[voter]).sign(message))
        for index, voter in enumerate(voters.keys[:3])
    ]
    return Finality(world, certificate_of(votes, voters))
