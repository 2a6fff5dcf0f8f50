"""The forms that parameters and answers have in common.

Source: docs/specs/rpc.md, RPC-041.
"""

from typing import Annotated

from msgspec import Meta

from chain.crypto.addresses import MalformedAddress, address_from
from node.rpc import limits
from node.rpc.errors import ParametersInvalid

_U63_TEXT = r"^(0|[1-9][0-9]{0,18})$"
# What a double holds exactly: an integer of JSON beyond it may have been rounded already.
EXACT_MAX = 2**53 - 1

HashText = Annotated[str, Meta(pattern=r"^0x[0-9a-f]{64}$", description="32 bytes: 0x and hex")]
PublicKeyText = Annotated[str, Meta(pattern=r"^0x[0-9a-f]{64}$", description="ed25519 key, hex")]
SignatureText = Annotated[str, Meta(pattern=r"^0x[0-9a-f]{128}$", description="64 bytes, hex")]
AddressText = Annotated[str, Meta(min_length=62, max_length=62, description="bech32m, nov1...")]
BlobText = Annotated[str, Meta(description="bytes in base64")]
NumberText = Annotated[str, Meta(pattern=_U63_TEXT, description="an integer as a string")]
SignedText = Annotated[str, Meta(pattern=r"^(0|-?[1-9][0-9]{0,38})$", description="an integer")]
GivenNumber = NumberText | Annotated[int, Meta(ge=0, le=EXACT_MAX)]
"""What is asked for by number; a JSON number is taken as well where it is exact."""

At = (
    Annotated[
        str,
        Meta(
            pattern=r"^(finalized|0|[1-9][0-9]{0,18})$",
            description="`finalized`, or a height of the last 1,000 blocks",
        ),
    ]
    | Annotated[int, Meta(ge=0, le=EXACT_MAX)]
)
Limit = Annotated[int, Meta(ge=1, le=limits.LIST_ITEMS_MAX_COUNT, description="items at most")]
Lane = Annotated[int, Meta(ge=0, le=2**16 - 1)]


def number_from(given: str | int) -> int:
    """Return the integer that a number in either form means, below 2^63.

    Refuses: ParametersInvalid.
    """
    number = int(given)
    if number >= 2**63:
        raise ParametersInvalid(f"{number} is beyond 63 bits")
    return number


def height_from(at: str | int) -> int | None:
    """Return the height that `at` means, None for the final head."""
    return None if at == "finalized" else number_from(at)


def address_given(text: str, place: str) -> bytes:
    """Return the address that a text means.

    Refuses: ParametersInvalid, saying near which character.
    """
    try:
        return address_from(text)
    except MalformedAddress as fault:
        raise ParametersInvalid(f"{place}: {fault}", field=place, detail=str(fault)) from fault
