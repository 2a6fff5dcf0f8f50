"""Why a block is not traded."""

from chain.kit import Reason

NOT_COUNTERPARTY = Reason(
    1, "not_counterparty", "The offer is for {counterparty}, not for {account}.",
    ("counterparty", "account"),
)  # fmt: skip
OFFER_EXPIRED = Reason(
    2,
    "offer_expired",
    "The offer was good till {expires_ms} ms; it is {time_ms} ms.",
    ("expires_ms", "time_ms"),
)
OFFER_TOO_LONG = Reason(
    3,
    "offer_too_long",
    "The offer is good till {expires_ms} ms; the latest now is {latest_ms} ms.",
    ("expires_ms", "latest_ms"),
)
OFFER_USED = Reason(
    4,
    "offer_used",
    "The offer {offer_sequence} of the account was accepted at height {accepted_height} already.",
    ("offer_sequence", "accepted_height"),
)
OFFER_REVOKED = Reason(
    5,
    "offer_revoked",
    "The offer {offer_sequence} was taken back; those from {lowest_sequence} on stand.",
    ("offer_sequence", "lowest_sequence"),
)
OFFERER_MAY_NOT = Reason(
    6, "offerer_may_not", "Who signed the offer may not trade for {account}.", ("account",)
)
SIGNATURES_WRONG = Reason(
    7,
    "signatures_wrong",
    "{given_count} signatures: an offer has 1 to {limit_count}, ascending by key, each key once.",
    ("given_count", "limit_count"),
)
SIGNATURE_FALSE = Reason(
    8, "signature_false", "The key {public_key} did not sign this offer.", ("public_key",)
)
SAME_OWNER = Reason(9, "same_owner", "Both accounts belong to one signer.")
ACCOUNT_FAILING = Reason(
    10,
    "account_failing",
    "The account {account} is being liquidated and trades no blocks.",
    ("account",),
)
MARKET_CLOSED = Reason(
    11, "market_closed", "{instrument} does not trade continuously now.", ("instrument",)
)
SIZE_BELOW_MINIMUM = Reason(
    12,
    "size_below_minimum",
    "A block of {instrument} is at least {lowest_lots} lots, not {size_lots}.",
    ("instrument", "size_lots", "lowest_lots"),
)
PRICE_OUTSIDE_BAND = Reason(
    13,
    "price_outside_band",
    "A block of {instrument} trades within the band of the mark {mark_price_ticks} ticks,"
    " not at {price_ticks}.",
    ("instrument", "price_ticks", "mark_price_ticks"),
)
FLOOR_NOT_RAISED = Reason(
    14,
    "floor_not_raised",
    "Offers below {lowest_sequence} are void already; {given_sequence} revokes none.",
    ("lowest_sequence", "given_sequence"),
)

REASONS = (
    NOT_COUNTERPARTY,
    OFFER_EXPIRED,
    OFFER_TOO_LONG,
    OFFER_USED,
    OFFER_REVOKED,
    OFFERER_MAY_NOT,
    SIGNATURES_WRONG,
    SIGNATURE_FALSE,
    SAME_OWNER,
    ACCOUNT_FAILING,
    MARKET_CLOSED,
    SIZE_BELOW_MINIMUM,
    PRICE_OUTSIDE_BAND,
    FLOOR_NOT_RAISED,
)
