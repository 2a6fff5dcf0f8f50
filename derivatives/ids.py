"""The names of things in the clearinghouse, and the key parts that hold them.

An account's id is the ledger holder of its collateral and cash (`chain.kit.holder`), so
that nobody translates between the two.

Source: docs/specs/clearing.md.
"""

from typing import TypeAlias

from chain.kit import HolderId, holder_key, text_key

AccountId: TypeAlias = HolderId
InstrumentId: TypeAlias = str
FeedId: TypeAlias = str
CompartmentId: TypeAlias = str

ACCOUNT = holder_key("account_holder")
INSTRUMENT = text_key("instrument", 32)
FEED = text_key("feed", 16)
COMPARTMENT = text_key("compartment", 16)
