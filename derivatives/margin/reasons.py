"""Why margin does not let something happen."""

from chain.kit import Reason

AMOUNT_NOT_POSITIVE = Reason(
    1,
    "amount_not_positive",
    "An amount to withdraw is positive, not {amount_quantums}.",
    ("amount_quantums",),
)
INITIAL_MARGIN_SHORT = Reason(
    2,
    "initial_margin_short",
    "{account} needs {required_quantums} quantums of equity and has {available_quantums}, short by"
    " {short_by_quantums}.",
    ("account", "required_quantums", "available_quantums", "short_by_quantums"),
)
INSOLVENT = Reason(
    3,
    "insolvent",
    "{account} would be insolvent: its positions and collateral are worth {solvency_quantums}.",
    ("account", "solvency_quantums"),
)
DEBT_TOO_DEEP = Reason(
    4,
    "debt_too_deep",
    "{account} would owe {debt_quantums} quantums, above {limit_quantums} for its collateral.",
    ("account", "debt_quantums", "limit_quantums"),
)
DEBT_OF_COMPARTMENT_FULL = Reason(
    5,
    "debt_of_compartment_full",
    "All accounts together would owe {debt_quantums} quantums, above {limit_quantums}.",
    ("debt_quantums", "limit_quantums"),
)
FEED_NOT_NORMAL = Reason(
    6,
    "feed_not_normal",
    "The account needs the feed {feed}, which does not permit withdrawals now.",
    ("feed",),
)
OUTFLOW_LIMIT = Reason(
    7,
    "outflow_limit",
    "{outflow_quantums} quantums would have left the compartment this hour, above"
    " {limit_quantums}.",
    ("outflow_quantums", "limit_quantums"),
)
EQUITY_TOO_THIN = Reason(
    8,
    "equity_too_thin",
    "To withdraw, equity is at least {required_quantums} quantums, not {available_quantums}.",
    ("required_quantums", "available_quantums"),
)
SCHEDULE_UNKNOWN = Reason(
    9, "schedule_unknown", "The compartment has no schedule {schedule}.", ("schedule",)
)
ENTRY_EQUITY_SHORT = Reason(
    10,
    "entry_equity_short",
    "The schedule {schedule} asks for {required_quantums} quantums of equity, not"
    " {available_quantums}.",
    ("schedule", "required_quantums", "available_quantums"),
)
OWNED_TOO_MANY = Reason(
    11,
    "owned_too_many",
    "A signer has at most {limit_count} accounts in use.",
    ("limit_count",),
)
SCHEDULE_LACKS_FAMILY = Reason(
    12,
    "schedule_lacks_family",
    "The schedule {schedule} does not margin {family}.",
    ("schedule", "family"),
)

REASONS = (
    AMOUNT_NOT_POSITIVE,
    INITIAL_MARGIN_SHORT,
    INSOLVENT,
    DEBT_TOO_DEEP,
    DEBT_OF_COMPARTMENT_FULL,
    FEED_NOT_NORMAL,
    OUTFLOW_LIMIT,
    EQUITY_TOO_THIN,
    SCHEDULE_UNKNOWN,
    ENTRY_EQUITY_SHORT,
    OWNED_TOO_MANY,
    SCHEDULE_LACKS_FAMILY,
)
