"""Why a transaction is not one that a block may hold, whatever the modules say."""

from chain.kit.reason import Area, Reason

MALFORMED = Reason(1, "malformed", "The bytes are no transaction: {what}.", ("what",))
NOT_CANONICAL = Reason(
    2, "not_canonical", "The bytes decode, but are not the one canonical encoding of what they say."
)
TOO_LARGE = Reason(
    3,
    "too_large",
    "The transaction has {size_bytes} bytes where {limit_bytes} are allowed.",
    ("size_bytes", "limit_bytes"),
)
VERSION_UNKNOWN = Reason(4, "version_unknown", "Version {version} is not known.", ("version",))
KIND_UNKNOWN = Reason(5, "kind_unknown", "No module has a transaction of kind {kind}.", ("kind",))
FIELD_UNKNOWN = Reason(
    6, "field_unknown", "There are more fields than this kind declares: {what}.", ("what",)
)
FLOAT = Reason(7, "float", "A floating-point number stands where none may: {what}.", ("what",))
SIGNATURE_MISSING = Reason(8, "signature_missing", "The transaction has no signature.")
SIGNATURES_TOO_MANY = Reason(
    9,
    "signatures_too_many",
    "The transaction has {signature_count} signatures where {limit_count} are allowed.",
    ("signature_count", "limit_count"),
)
SIGNATURES_OUT_OF_ORDER = Reason(
    10, "signatures_out_of_order", "Signatures stand in ascending order of key, no key twice."
)
BAD_SIGNATURE = Reason(
    11,
    "bad_signature",
    "A signature does not verify over this body on this chain (chain id, key or bytes differ).",
)
EXPIRED = Reason(
    12,
    "expired",
    "It was valid until height {valid_until_height}; the next block is {next_height}.",
    ("valid_until_height", "next_height"),
)
EXPIRY_TOO_FAR = Reason(
    13,
    "expiry_too_far",
    "It is valid until height {valid_until_height}, beyond the {latest_height} allowed now.",
    ("valid_until_height", "latest_height"),
)
LIST_EMPTY = Reason(14, "list_empty", "A signed list holds no action.")
LIST_TOO_LONG = Reason(
    15,
    "list_too_long",
    "The signed list has {action_count} actions where {limit_count} are allowed.",
    ("action_count", "limit_count"),
)
LIST_NESTED = Reason(16, "list_nested", "A signed list may not hold another signed list.")
LANE_UNKNOWN = Reason(
    17, "lane_unknown", "Lane {lane} is not one of the {limit_count}.", ("lane", "limit_count")
)
OUT_OF_ORDER = Reason(
    18, "out_of_order", "Its class stands before the one of the transaction before it."
)

TRANSACTION = Area(
    10,
    "transaction",
    (
        MALFORMED,
        NOT_CANONICAL,
        TOO_LARGE,
        VERSION_UNKNOWN,
        KIND_UNKNOWN,
        FIELD_UNKNOWN,
        FLOAT,
        SIGNATURE_MISSING,
        SIGNATURES_TOO_MANY,
        SIGNATURES_OUT_OF_ORDER,
        BAD_SIGNATURE,
        EXPIRED,
        EXPIRY_TOO_FAR,
        LIST_EMPTY,
        LIST_TOO_LONG,
        LIST_NESTED,
        LANE_UNKNOWN,
        OUT_OF_ORDER,
    ),
)

BLOCK_COUNT = Reason(
    1, "block_count", "The block has its {limit_count} transactions.", ("limit_count",)
)
BLOCK_BYTES = Reason(
    2, "block_bytes", "The block has no room left in {limit_bytes} bytes.", ("limit_bytes",)
)
BLOCK_WRITES = Reason(
    3,
    "block_writes",
    "The block's transactions would write more than {limit_count} records.",
    ("limit_count",),
)
BLOCK_WORK = Reason(
    4, "block_work", "The block has no room left in {limit_count} units of work.", ("limit_count",)
)

BLOCK_ALONE = Reason(
    5,
    "block_alone",
    "The transaction alone does more than a block may: {limit_count} at most.",
    ("limit_count",),
)

LIMITS = Area(16, "limits", (BLOCK_COUNT, BLOCK_BYTES, BLOCK_WRITES, BLOCK_WORK, BLOCK_ALONE))
