"""Why an account is not taken from as asked."""

from chain.kit import Reason

SLICES_OUT_OF_RANGE = Reason(
    1,
    "slices_out_of_range",
    "A keeper takes 1 to {limit_count} slices at once, not {slices_count}.",
    ("slices_count", "limit_count"),
)
OWN_ACCOUNT = Reason(
    2, "own_account", "Nobody is the keeper of an account of his own, {account}.", ("account",)
)
COMPARTMENT_DIFFERS = Reason(
    3,
    "compartment_differs",
    "The account {account} is in the compartment {compartment}, the keeper's is not.",
    ("account", "compartment"),
)
NOT_FLAGGED = Reason(
    4,
    "not_flagged",
    "The account {account} is neither flagged nor closing for its debt.",
    ("account",),
)
NOT_LIQUIDATABLE = Reason(
    5,
    "not_liquidatable",
    "The account {account} has {equity_quantums} quantums of equity now, and needs"
    " {maintenance_quantums}.",
    ("account", "equity_quantums", "maintenance_quantums"),
)
TOO_EARLY = Reason(
    6,
    "too_early",
    "Keepers take from {account} from the block after {since_height} on.",
    ("account", "since_height"),
)
FEED_WAITS = Reason(
    7,
    "feed_waits",
    "The account needs the feed {feed}, by which nobody is liquidated now.",
    ("feed",),
)
NO_SLICE = Reason(
    8,
    "no_slice",
    "Nothing of {account} can be taken that would free requirement and leave it solvent.",
    ("account",),
)
NOT_CONVERTING = Reason(
    9, "not_converting", "The account {account} need not convert collateral.", ("account",)
)
ASSET_NOT_NEXT = Reason(
    10,
    "asset_not_next",
    "Of {account}, {next_asset} is converted first, not {asset}.",
    ("account", "asset", "next_asset"),
)
NO_COLLATERAL = Reason(
    11, "no_collateral", "The account {account} has no collateral to convert now.", ("account",)
)
AMOUNT_NOT_POSITIVE = Reason(
    12,
    "amount_not_positive",
    "An amount to convert is above zero, not {amount_quantums}.",
    ("amount_quantums",),
)

REASONS = (
    SLICES_OUT_OF_RANGE,
    OWN_ACCOUNT,
    COMPARTMENT_DIFFERS,
    NOT_FLAGGED,
    NOT_LIQUIDATABLE,
    TOO_EARLY,
    FEED_WAITS,
    NO_SLICE,
    NOT_CONVERTING,
    ASSET_NOT_NEXT,
    NO_COLLATERAL,
    AMOUNT_NOT_POSITIVE,
)
