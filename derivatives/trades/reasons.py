"""Why two accounts may not trade."""

from chain.kit import Reason

OPENING_FORBIDDEN = Reason(
    1, "opening_forbidden", "Positions in {instrument} may not grow now.", ("instrument",)
)
REDUCING_FORBIDDEN = Reason(
    2, "reducing_forbidden", "Nothing may trade in {instrument} now.", ("instrument",)
)
POSITION_TOO_LARGE = Reason(
    3,
    "position_too_large",
    "The position would be worth {value_quantums} quantums, above {limit_quantums}.",
    ("value_quantums", "limit_quantums"),
)
POSITIONS_TOO_MANY = Reason(
    4,
    "positions_too_many",
    "An account holds positions in at most {limit_count} instruments.",
    ("limit_count",),
)
ACCOUNT_ISOLATED = Reason(
    5,
    "account_isolated",
    "The account is isolated and holds {instrument} already.",
    ("instrument",),
)
ACCOUNTS_TOO_MANY = Reason(
    6,
    "accounts_too_many",
    "The compartment has positions of {limit_count} accounts, as many as it may.",
    ("limit_count",),
)
OPEN_INTEREST_FULL = Reason(
    7,
    "open_interest_full",
    "Open interest would be {open_interest_lots} lots, above {limit_lots}.",
    ("open_interest_lots", "limit_lots"),
)
COMPARTMENT_DIFFERS = Reason(
    8,
    "compartment_differs",
    "The account is in the compartment {compartment}, the instrument is not.",
    ("compartment",),
)

REASONS = (
    OPENING_FORBIDDEN,
    REDUCING_FORBIDDEN,
    POSITION_TOO_LARGE,
    POSITIONS_TOO_MANY,
    ACCOUNT_ISOLATED,
    ACCOUNTS_TOO_MANY,
    OPEN_INTEREST_FULL,
    COMPARTMENT_DIFFERS,
)
