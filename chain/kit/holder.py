"""Who money sits with, as one kind of text: wallets, margin accounts, named holders.

    wallet of a signer    64 lower-case hexadecimal digits, the address
    margin account        the wallet's text, `/`, the number without leading zeros
    anything else         a name: `fees`, `insurance/main`, `house/BTC-PERP`

A name is printable ASCII without spaces and never begins with 64 hexadecimal digits, so
the three cannot be confused.  Hexadecimal and not bech32m, because every transfer makes
two of them and a checksum in Python costs as much as verifying a signature; what people
see and type is the address (`text_of_holder`).

Source: docs/specs/ledger.md, LEDG-001 to LEDG-004.
"""

import re
from typing import TypeAlias

from chain.codec.order import KeyPart, text_key
from chain.crypto.addresses import MalformedAddress, address_from, text_of

HolderId: TypeAlias = str

HOLDER_BYTES_MAX = 80
ACCOUNT_NUMBER_MAX = 2**16 - 1
WALLET_DIGITS = 64
HEXADECIMAL = "0123456789abcdef"
OWING_PREFIXES = ("house/", "house-funding/", "default/")

_WALLET = re.compile(r"[0-9a-f]{64}(/(0|[1-9][0-9]{0,4}))?")
_NAME = re.compile(r"[!-~]{1,80}")


class MalformedHolder(ValueError):
    """Text names no holder; says why."""


def wallet(address: bytes) -> HolderId:
    """Return the holder of what a signer has outside margin accounts.

    >>> wallet(bytes(32))[:8]
    '00000000'
    """
    return address.hex()


def account(address: bytes, number: int) -> HolderId:
    """Return the holder that is a signer's margin account of this number."""
    assert 0 <= number <= ACCOUNT_NUMBER_MAX
    return f"{address.hex()}/{number}"


def address_of(holder: HolderId) -> bytes | None:
    """Return the signer behind a wallet or a margin account, None behind a name."""
    if _WALLET.fullmatch(holder) is None:
        return None
    return bytes.fromhex(holder[:WALLET_DIGITS])


def may_owe(holder: HolderId) -> bool:
    """Return whether a balance of this holder may be below zero.

    A margin account's cash may, within the rules of debt, and so may the house's side of
    open positions; wallets and funds never.
    """
    if holder.startswith(OWING_PREFIXES):
        return True
    # A name never begins with 64 hexadecimal digits, so this place tells an account apart.
    return holder[WALLET_DIGITS : WALLET_DIGITS + 1] == "/" and bool(_WALLET.fullmatch(holder))


def check_holder(text: str) -> str:
    """Return what is wrong with a holder's text, or nothing."""
    if len(text) == WALLET_DIGITS and not text.strip(HEXADECIMAL):
        return ""
    match = _WALLET.fullmatch(text)
    if match is not None:
        number = match.group(2)
        return (
            f"account number above {ACCOUNT_NUMBER_MAX}"
            if number and int(number) > ACCOUNT_NUMBER_MAX
            else ""
        )
    if _NAME.fullmatch(text) is None:
        return "a holder is 1 to 80 printable characters without spaces"
    if re.match(r"[0-9a-f]{64}", text):
        return f"after an address only /number may follow, 0 to {ACCOUNT_NUMBER_MAX}"
    return ""


def text_of_holder(holder: HolderId) -> str:
    """Return the holder as people see it: an address where it stores hexadecimal digits."""
    address = address_of(holder)
    return holder if address is None else text_of(address) + holder[WALLET_DIGITS:]


def holder_from(text: str) -> HolderId:
    """Return the holder that people mean by `nov1...`, `nov1.../0` or a name.

    Refuses: MalformedHolder, for a mistyped address, a bad number or an impossible name.
    """
    holder = text
    if text.startswith("nov1"):
        stem, slash, number = text.partition("/")
        try:
            holder = address_from(stem).hex() + slash + number
        except MalformedAddress as fault:
            raise MalformedHolder(str(fault)) from fault
    wrong = check_holder(holder)
    if wrong:
        raise MalformedHolder(f"{text!r}: {wrong}")
    return holder


def holder_key(name: str) -> KeyPart:
    """Return a key's component that holds a holder; its name is `holder` or ends in `_holder`."""
    assert name.rpartition("_")[2] == "holder"
    return text_key(name, HOLDER_BYTES_MAX)
