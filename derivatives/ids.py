"""The names of things in the clearinghouse, and the key parts that hold them.

An account's id is the ledger holder of its collateral and cash (`chain.kit.holder`), so
that nobody translates between the two.  What belongs to a compartment or an instrument
and to no signer is a holder with a name.

Source: docs/specs/accounts.md, ACCT-001 to ACCT-003.
"""

from typing import TypeAlias

from chain.kit import HolderId, address_of, holder_key, text_key
from chain.kit.holder import WALLET_DIGITS

AccountId: TypeAlias = HolderId
InstrumentId: TypeAlias = str
FeedId: TypeAlias = str
CompartmentId: TypeAlias = str

ACCOUNT = holder_key("account_holder")
INSTRUMENT = text_key("instrument", 32)
FEED_BYTES_MAX = 16
FEED = text_key("feed", FEED_BYTES_MAX)
COMPARTMENT = text_key("compartment", 16)
ASSET = text_key("asset", 16)


def is_account(holder: HolderId) -> bool:
    """Return whether a holder is a signer's margin account: not a wallet, not a name.

    >>> is_account("00" * 32 + "/0"), is_account("00" * 32), is_account("house/BTC-PERP")
    (True, False, False)
    """
    return holder[WALLET_DIGITS : WALLET_DIGITS + 1] == "/" and address_of(holder) is not None


def number_of(account: AccountId) -> int:
    """Return an account's number among those of its owner.

    >>> number_of("00" * 32 + "/7")
    7
    """
    assert is_account(account)
    return int(account[WALLET_DIGITS + 1 :])


def house_of(instrument: InstrumentId) -> HolderId:
    """Return the holder that stands between the two sides of every trade in an instrument."""
    return "house/" + instrument


def funding_house_of(instrument: InstrumentId) -> HolderId:
    """Return the holder through which an instrument's funding passes."""
    return "house-funding/" + instrument


def issuer_of(synthetic: InstrumentId) -> AccountId:
    """Return who is long of all there is of a synthetic; nobody owns it, and it has no money."""
    return "issuer/" + synthetic


def escrow_of(synthetic: InstrumentId) -> HolderId:
    """Return the holder of what waits to be burned or redeemed."""
    return "pending/" + synthetic


def insurance_of(compartment: CompartmentId) -> HolderId:
    """Return the holder of a compartment's insurance fund."""
    return "insurance/" + compartment


def default_fund_of(compartment: CompartmentId) -> HolderId:
    """Return the holder of a compartment's default fund."""
    return "default-fund/" + compartment


def default_account_of(compartment: CompartmentId) -> AccountId:
    """Return the account that takes over insolvent accounts; nobody owns it."""
    return "default/" + compartment


def fees_of(compartment: CompartmentId) -> HolderId:
    """Return the holder of a compartment's fees."""
    return "fees/" + compartment
