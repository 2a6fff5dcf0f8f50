"""Why an account does not do as asked."""

from chain.kit import Reason

ACCOUNT_UNKNOWN = Reason(
    1, "account_unknown", "There is no margin account {account}.", ("account",)
)
ACCOUNT_KNOWN = Reason(2, "account_known", "The margin account {account} is open.", ("account",))
NOT_OWNER = Reason(3, "not_owner", "Only the owner of {account} may do this.", ("account",))
NOT_DELEGATE = Reason(
    4,
    "not_delegate",
    "The signer neither owns {account} nor may trade for it now.",
    ("account",),
)
COMPARTMENT_UNKNOWN = Reason(
    5, "compartment_unknown", "There is no compartment {compartment}.", ("compartment",)
)
MODE_UNKNOWN = Reason(
    6, "mode_unknown", "An account is 0 cross or 1 isolated, not {mode_number}.", ("mode_number",)
)
SCHEDULE_NOT_ENTERABLE = Reason(
    7,
    "schedule_not_enterable",
    "An account opens under the schedule standard and may change to {schedule} once it has equity.",
    ("schedule",),
)
ASSET_NOT_COLLATERAL = Reason(
    8,
    "asset_not_collateral",
    "{asset} is no collateral in the compartment {compartment}.",
    ("asset", "compartment"),
)
COLLATERAL_CAP_EXCEEDED = Reason(
    9,
    "collateral_cap_exceeded",
    "The compartment would hold {amount_quantums} quantums of {asset}, above {limit_quantums}.",
    ("asset", "amount_quantums", "limit_quantums"),
)
CUSTODY_SHORT = Reason(
    10,
    "custody_short",
    "The compartment holds {custody_quantums} quantums of {asset}, short by {short_by_quantums}.",
    ("asset", "custody_quantums", "short_by_quantums"),
)
DELEGATE_EXPIRY_PAST = Reason(
    11,
    "delegate_expiry_past",
    "A delegate expires after now, {time_ms} ms, not at {expires_ms} ms.",
    ("expires_ms", "time_ms"),
)
DELEGATE_UNKNOWN = Reason(
    12, "delegate_unknown", "The account {account} has no such delegate.", ("account",)
)
DELEGATES_TOO_MANY = Reason(
    13, "delegates_too_many", "An account has at most {limit_count} delegates.", ("limit_count",)
)
DELEGATE_IS_OWNER = Reason(14, "delegate_is_owner", "The owner needs no delegation.")

REASONS = (
    ACCOUNT_UNKNOWN,
    ACCOUNT_KNOWN,
    NOT_OWNER,
    NOT_DELEGATE,
    COMPARTMENT_UNKNOWN,
    MODE_UNKNOWN,
    SCHEDULE_NOT_ENTERABLE,
    ASSET_NOT_COLLATERAL,
    COLLATERAL_CAP_EXCEEDED,
    CUSTODY_SHORT,
    DELEGATE_EXPIRY_PAST,
    DELEGATE_UNKNOWN,
    DELEGATES_TOO_MANY,
    DELEGATE_IS_OWNER,
)
