"""Write an address for people, and read it back with every typing slip noticed.

The text is bech32m (BIP-350): `nov1`, then the 32 bytes five bits a character, then six
characters of checksum that find any four wrong characters.

Source: docs/specs/signatures.md, SIG-020 to SIG-023.
"""

import base64
from collections.abc import Iterable
from functools import cache, lru_cache

PREFIX = "nov"
ADDRESS_BYTES = 32
TEXT_LENGTH = 62

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_PLACE = {character: place for place, character in enumerate(_ALPHABET)}
_FIVE_BITS = bytes(range(32))
_FROM_BASE32 = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", _FIVE_BITS)
_TO_ALPHABET = bytes.maketrans(_FIVE_BITS, _ALPHABET.encode())
_BECH32M = 0x2BC830A3
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM_LENGTH = 6
_STRAY = 0b1111
"""52 characters hold four bits more than an address."""
_PREFIX_VALUES = (*(ord(c) >> 5 for c in PREFIX), 0, *(ord(c) & 31 for c in PREFIX))


class MalformedAddress(ValueError):
    """A text is not an address of this chain; the message says near which character."""


def _brought_back(top: int) -> int:
    """Return what five bits that leave a checksum at the top bring back into it."""
    brought = 0
    for place, generator in enumerate(_GENERATOR):
        if top >> place & 1:
            brought ^= generator
    return brought


_BROUGHT_BACK = tuple(map(_brought_back, range(32)))


def _checksum_of(values: Iterable[int], checksum: int = 1) -> int:
    """Return what values of five bits leave, after those that left this checksum."""
    brought_back = _BROUGHT_BACK
    for value in values:
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value ^ brought_back[checksum >> 25]
    return checksum


_PREFIX_CHECKSUM = _checksum_of(_PREFIX_VALUES)


@lru_cache(maxsize=4_096)
def text_of(address: bytes) -> str:
    """Return the text of an address, 62 characters in lower case.

    >>> text_of(bytes(32))[:12]
    'nov1qqqqqqqq'
    """
    assert len(address) == ADDRESS_BYTES
    groups = base64.b32encode(address).rstrip(b"=").translate(_FROM_BASE32)
    checksum = _checksum_of(groups + bytes(_CHECKSUM_LENGTH), _PREFIX_CHECKSUM) ^ _BECH32M
    last = bytes([checksum >> 5 * (5 - place) & 31 for place in range(_CHECKSUM_LENGTH)])
    return f"{PREFIX}1" + (groups + last).translate(_TO_ALPHABET).decode()


def address_from(text: str) -> bytes:
    """Return the 32 bytes of an address.

    Refuses: MalformedAddress, for another prefix, length, letter case or character, a
    wrong checksum, or bits left over that are not zero.
    """
    lowered = text.lower()
    if text not in {lowered, text.upper()}:
        raise MalformedAddress("an address is all lower case or all upper case")
    if not lowered.startswith(f"{PREFIX}1"):
        raise MalformedAddress(f"an address begins with {PREFIX}1, this one with {text[:4]!r}")
    if len(lowered) != TEXT_LENGTH:
        raise MalformedAddress(f"an address has {TEXT_LENGTH} characters, this one has {len(text)}")
    values: list[int] = []
    for position, character in enumerate(lowered[len(PREFIX) + 1 :], len(PREFIX) + 2):
        place = _PLACE.get(character)
        if place is None:
            raise MalformedAddress(
                f"character {position}, {character!r}, is never part of an address"
            )
        values.append(place)
    slip = _checksum_of(values, _PREFIX_CHECKSUM) ^ _BECH32M
    if slip:
        near = _single_slips().get(slip)
        place_of_slip = f" near character {near}" if near else ""
        raise MalformedAddress(f"the checksum does not fit: a typing slip{place_of_slip}")
    address = 0
    for value in values[:-_CHECKSUM_LENGTH]:
        address = address << 5 | value
    if address & _STRAY:
        raise MalformedAddress("the last character before the checksum carries stray bits")
    return (address >> _STRAY.bit_length()).to_bytes(ADDRESS_BYTES, "big")


@cache
def _single_slips() -> dict[int, int]:
    """Return, by what is left in the checksum, the position of the one wrong character.

    The checksum is linear, so what one wrong character leaves does not depend on the
    others.  Which character would be right is kept back: a guess must not receive money.
    """
    length = TEXT_LENGTH - len(PREFIX) - 1
    nothing = _checksum_of([0] * length)
    slips: dict[int, int] = {}
    for place in range(length):
        for change in range(1, 32):
            values = [0] * length
            values[place] = change
            slips[_checksum_of(values) ^ nothing] = len(PREFIX) + 2 + place
    return slips
