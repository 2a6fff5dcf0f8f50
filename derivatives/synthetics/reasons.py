"""Why a synthetic is not minted, burned or redeemed, or not traded."""

from chain.kit import Reason

SYNTHETIC_UNKNOWN = Reason(
    1, "synthetic_unknown", "There is no synthetic {instrument}.", ("instrument",)
)
SIZE_TOO_SMALL = Reason(
    2,
    "size_too_small",
    "A request is for {limit_lots} lots or more, not for {size_lots}.",
    ("size_lots", "limit_lots"),
)
REQUESTS_TOO_MANY = Reason(
    3,
    "requests_too_many",
    "A signer has at most {limit_count} requests waiting.",
    ("limit_count",),
)
HOUR_CAP_EXCEEDED = Reason(
    4,
    "hour_cap_exceeded",
    "In this hour {size_lots} lots would have been minted, above {limit_lots}.",
    ("size_lots", "limit_lots"),
)
DEBT_SHORT = Reason(
    5,
    "debt_short",
    "The account owes {owed_lots} lots, fewer than {size_lots}.",
    ("owed_lots", "size_lots"),
)
COLLATERAL_IS_SYNTHETIC = Reason(
    6,
    "collateral_is_synthetic",
    "An account that owes a synthetic has none as collateral, and this one has {asset}.",
    ("account", "asset"),
)
NOT_TRADED = Reason(
    7,
    "not_traded",
    "{instrument} is minted, burned and redeemed, and has no book.",
    ("instrument",),
)

REASONS = (
    SYNTHETIC_UNKNOWN,
    SIZE_TOO_SMALL,
    REQUESTS_TOO_MANY,
    HOUR_CAP_EXCEEDED,
    DEBT_SHORT,
    COLLATERAL_IS_SYNTHETIC,
    NOT_TRADED,
)
