"""An offer of a block trade as a file that goes to the other side.

Nothing in it is believed: it is shown before it is accepted, and the chain looks at every
signature.

Source: docs/specs/cli.md, CLI-110; docs/specs/block_trades.md, BLTR-001.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chain.crypto.signing import SigningKey
from chain.kit.plain import MalformedPlain, plain_record, record_from
from derivatives.block_trades.offers import Offer, offer_bytes
from node.client.failures import USAGE, VALUE_MALFORMED, Failure
from node.client.joint import (
    HASH_BYTES,
    bytes_from,
    fault_said,
    signatures_from,
    signatures_told,
    write_told,
)

FORMAT = 1


@dataclass(frozen=True)
class OfferFile:
    """An offer on one chain, and who signed it so far, by public key."""

    chain_id: bytes
    offer: Offer
    signatures: Mapping[bytes, bytes]

    def signed_by(self, key: SigningKey) -> "OfferFile":
        """Return it with this key's signature, in place of an earlier one of that key."""
        signature = key.sign(offer_bytes(self.chain_id, self.offer))
        return replace(self, signatures={**self.signatures, key.public_key: signature})

    @property
    def plain(self) -> dict[str, Any]:
        """Return offer and signatures as a transaction has them."""
        return {
            "offer": plain_record(self.offer),
            "signatures": signatures_told(self.signatures),
        }

    def written(self) -> dict[str, Any]:
        """Return it as the file holds it."""
        return {"format": FORMAT, "chain_id": f"0x{self.chain_id.hex()}", **self.plain}


def read_offer(path: Path, chain_id: bytes) -> OfferFile:
    """Return what a file holds.

    Refuses: VALUE_MALFORMED, for anything that is no such file; USAGE, for another chain's.
    """
    try:
        found = _offer_from(json.loads(path.read_text(encoding="utf-8")))
    except OSError as fault:
        raise Failure(VALUE_MALFORMED, f"{path} cannot be read: {fault.strerror}") from fault
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise Failure(
            VALUE_MALFORMED,
            f"{path} is no offer of a block trade ({fault_said(fault)})",
            "make one: novation block offer TO --leg INSTRUMENT:SIZE@P --out FILE",
        ) from fault
    if found.chain_id != chain_id:
        raise Failure(
            USAGE,
            f"the offer is for chain 0x{found.chain_id.hex()[:8]}…,"
            f" this is 0x{chain_id.hex()[:8]}…",
            "nothing was signed or sent",
        )
    return found


def _offer_from(told: Any) -> OfferFile:
    if told["format"] != FORMAT:
        raise ValueError(f"format {told['format']}")
    try:
        offer = record_from(Offer, told["offer"], "offer")
    except MalformedPlain as fault:
        raise ValueError(str(fault)) from fault
    return OfferFile(
        chain_id=bytes_from(told["chain_id"], HASH_BYTES),
        offer=offer,
        signatures=signatures_from(told["signatures"]),
    )


def write_offer(path: Path, offer: OfferFile) -> None:
    """Write the file, whole or not at all. Refuses: UNWRITABLE."""
    write_told(path, offer.written())
