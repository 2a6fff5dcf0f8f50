"""Why a signer may not act, or may not change who may act for it."""

from chain.kit import Reason

SEQUENCE_STALE = Reason(
    1,
    "sequence_stale",
    "The lane's next sequence is {expected}, and {got} is used already.",
    ("expected", "got"),
)
SEQUENCE_AHEAD = Reason(
    2,
    "sequence_ahead",
    "The lane's next sequence is {expected}, and {got} would leave a gap.",
    ("expected", "got"),
)
SIGNER_UNKNOWN = Reason(
    3, "signer_unknown", "Nothing was ever sent to this address, so it cannot send."
)
KEY_NOT_AUTHORISED = Reason(
    4,
    "key_not_authorised",
    "The key {public_key} may not send this for this signer.",
    ("public_key",),
)
THRESHOLD_NOT_MET = Reason(
    5,
    "threshold_not_met",
    "{signature_count} of the signer's keys signed where {threshold_count} are needed.",
    ("signature_count", "threshold_count"),
)
AGENT_EXPIRED = Reason(
    6,
    "agent_expired",
    "The agent's key expired at {expires_ms} ms of chain time; it is {time_ms} ms.",
    ("expires_ms", "time_ms"),
)
MINIMUM_NOT_MET = Reason(
    7,
    "minimum_not_met",
    "A first transfer to an address is at least {minimum_quantums} quantums of {asset}.",
    ("minimum_quantums", "asset"),
)
KEYS_OUT_OF_ORDER = Reason(
    8, "keys_out_of_order", "Keys are given in ascending order, no key twice."
)
KEY_COUNT_WRONG = Reason(
    9,
    "key_count_wrong",
    "A signer has 1 to {limit_count} keys, not {key_count}.",
    ("key_count", "limit_count"),
)
THRESHOLD_WRONG = Reason(
    10,
    "threshold_wrong",
    "A threshold is between 1 and the {key_count} keys, not {threshold_count}.",
    ("threshold_count", "key_count"),
)
AGENT_SCOPE_EMPTY = Reason(11, "agent_scope_empty", "An agent may send at least one kind or class.")
AGENT_SCOPE_OUT_OF_ORDER = Reason(
    12, "agent_scope_out_of_order", "Kinds and classes are given in ascending order, none twice."
)
AGENT_CLASS_FORBIDDEN = Reason(
    13,
    "agent_class_forbidden",
    "An agent may have classes 1 to 3, never {class_number}.",
    ("class_number",),
)
AGENT_KIND_FORBIDDEN = Reason(
    14,
    "agent_kind_forbidden",
    "An agent may never have kind {kind}: lists, keys and transfers are the signer's own.",
    ("kind",),
)
AGENT_IS_KEY = Reason(15, "agent_is_key", "The key is one of the signer's own keys.")
AGENT_KNOWN = Reason(16, "agent_known", "The key is an agent already; remove it first.")
AGENT_UNKNOWN = Reason(17, "agent_unknown", "The key is no agent of this signer.")
AGENTS_TOO_MANY = Reason(
    18, "agents_too_many", "A signer has at most {limit_count} agents.", ("limit_count",)
)
AGENT_EXPIRY_PAST = Reason(
    19,
    "agent_expiry_past",
    "The agent would expire at {expires_ms} ms of chain time; it is {time_ms} ms.",
    ("expires_ms", "time_ms"),
)
AGENT_SCOPE_TOO_LONG = Reason(
    20, "agent_scope_too_long", "An agent has at most {limit_count} kinds.", ("limit_count",)
)

REASONS = (
    SEQUENCE_STALE,
    SEQUENCE_AHEAD,
    SIGNER_UNKNOWN,
    KEY_NOT_AUTHORISED,
    THRESHOLD_NOT_MET,
    AGENT_EXPIRED,
    MINIMUM_NOT_MET,
    KEYS_OUT_OF_ORDER,
    KEY_COUNT_WRONG,
    THRESHOLD_WRONG,
    AGENT_SCOPE_EMPTY,
    AGENT_SCOPE_OUT_OF_ORDER,
    AGENT_CLASS_FORBIDDEN,
    AGENT_KIND_FORBIDDEN,
    AGENT_IS_KEY,
    AGENT_KNOWN,
    AGENT_UNKNOWN,
    AGENTS_TOO_MANY,
    AGENT_EXPIRY_PAST,
    AGENT_SCOPE_TOO_LONG,
)
