"""A transaction that several keys sign one after the other, as a file that goes from hand to hand.

The file has the body and the signatures so far.  Nothing in it is believed: what is signed is
shown from the body itself, and every signature is looked at again when it is sent.

Source: docs/specs/cli.md, CLI-092 to CLI-095.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chain.block.transaction import sign_bytes_of, signed_transaction
from chain.crypto.signing import SigningKey
from node.client.failures import UNWRITABLE, VALUE_MALFORMED, Failure

FORMAT = 1
HASH_BYTES, SIGNATURE_BYTES = 32, 64


@dataclass(frozen=True)
class Joint:
    """The body of a transaction on one chain, and who signed it so far, by public key."""

    chain_id: bytes
    body: bytes
    signatures: Mapping[bytes, bytes]

    def signed_by(self, key: SigningKey) -> "Joint":
        """Return it with this key's signature, in place of an earlier one of that key."""
        signature = key.sign(sign_bytes_of(self.chain_id, self.body))
        return replace(self, signatures={**self.signatures, key.public_key: signature})

    @property
    def data(self) -> bytes:
        """The transaction as it is sent, with the signatures so far, by ascending key."""
        return signed_transaction(self.body, sorted(self.signatures.items()))

    def written(self) -> dict[str, Any]:
        """Return it as the file holds it."""
        return {
            "format": FORMAT,
            "chain_id": f"0x{self.chain_id.hex()}",
            "unsigned": base64.b64encode(self.body).decode(),
            "signatures": signatures_told(self.signatures),
        }


def read_joint(path: Path) -> Joint:
    """Return what a file holds. Refuses: VALUE_MALFORMED, for anything that is no such file."""
    try:
        return _joint_from(json.loads(path.read_text(encoding="utf-8")))
    except OSError as fault:
        raise Failure(VALUE_MALFORMED, f"{path} cannot be read: {fault.strerror}") from fault
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise Failure(
            VALUE_MALFORMED,
            f"{path} is no transaction to be signed by several ({fault_said(fault)})",
            "make one: novation multisig propose MODULE.TRANSACTION ... --out FILE",
        ) from fault


def fault_said(fault: Exception) -> str:
    """Return what is wrong with a document, for people.

    >>> fault_said(KeyError("format")), fault_said(TypeError("list indices ..."))
    ("it has no 'format'", 'it is put together otherwise')
    """
    if isinstance(fault, KeyError):
        return f"it has no {fault}"
    return str(fault) if isinstance(fault, ValueError) else "it is put together otherwise"


def _joint_from(told: Any) -> Joint:
    if told["format"] != FORMAT:
        raise ValueError(f"format {told['format']}")
    return Joint(
        chain_id=bytes_from(told["chain_id"], HASH_BYTES),
        body=base64.b64decode(told["unsigned"], validate=True),
        signatures=signatures_from(told["signatures"]),
    )


def bytes_from(text: str, count: int) -> bytes:
    """Return so many bytes from `0x` and digits. Refuses: ValueError, for another number."""
    data = bytes.fromhex(text.removeprefix("0x"))
    if len(data) != count:
        raise ValueError(f"{len(data)} bytes where {count} belong")
    return data


def write_joint(path: Path, joint: Joint) -> None:
    """Write the file, whole or not at all. Refuses: UNWRITABLE."""
    write_told(path, joint.written())


def signatures_told(signatures: Mapping[bytes, bytes]) -> list[dict[str, str]]:
    """Return signatures as JSON says them, ascending by key."""
    return [
        {"public_key": f"0x{key.hex()}", "signature": f"0x{signature.hex()}"}
        for key, signature in sorted(signatures.items())
    ]


def signatures_from(told: Any) -> dict[bytes, bytes]:
    """Return the signatures that JSON says, by key. Refuses: ValueError and its like."""
    return {
        bytes_from(one["public_key"], HASH_BYTES): bytes_from(one["signature"], SIGNATURE_BYTES)
        for one in told
    }


def write_told(path: Path, told: Mapping[str, Any]) -> None:
    """Write a JSON document, whole or not at all. Refuses: UNWRITABLE."""
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
        draft.replace(path)
    except OSError as fault:
        raise Failure(UNWRITABLE, f"{path} cannot be written: {fault.strerror}") from fault
