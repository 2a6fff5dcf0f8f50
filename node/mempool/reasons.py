"""Why a good transaction may not wait here now. Numbers are permanent.

Source: docs/specs/mempool.md, POOL-020.
"""

from chain.kit.reason import Area, Reason

DUPLICATE = Reason(1, "duplicate", "This transaction is already here.")
SLOT_TAKEN = Reason(
    2,
    "slot_taken",
    "Another transaction waits with sequence {sequence} of lane {lane};"
    " only a cancel replaces it, and only if it is an order.",
    ("lane", "sequence"),
)
SEQUENCE_GAP_TOO_FAR = Reason(
    3,
    "sequence_gap_too_far",
    "Lane {lane} expects sequence {expected}; {got} is too far ahead to wait for it.",
    ("lane", "expected", "got"),
)
LANE_FULL = Reason(
    4,
    "lane_full",
    "Lane {lane} has {limit_count} transactions behind a gap; sequence {missing} fills it.",
    ("lane", "limit_count", "missing"),
)
SIGNER_FULL = Reason(
    5,
    "signer_full",
    "This signer has {waiting_count} transactions of {waiting_bytes} bytes waiting, of"
    " {limit_count} and {limit_bytes} allowed.",
    ("waiting_count", "waiting_bytes", "limit_count", "limit_bytes"),
)
FULL = Reason(
    6,
    "full",
    "The pool is full: {waiting_count} transactions of {waiting_bytes} bytes wait,"
    " and none of them has to make room for this one.",
    ("waiting_count", "waiting_bytes"),
)
SEQUENCE_USED = Reason(
    7,
    "sequence_used",
    "Lane {lane} expects sequence {expected}; {got} is used.",
    ("lane", "expected", "got"),
)
OUTCOME_UNKNOWN = Reason(
    11,
    "outcome_unknown",
    "It was sent and is not final yet; it may still become so until height {valid_until_height}.",
    ("valid_until_height",),
)

MEMPOOL = Area(
    11,
    "mempool",
    (
        DUPLICATE,
        SLOT_TAKEN,
        SEQUENCE_GAP_TOO_FAR,
        LANE_FULL,
        SIGNER_FULL,
        FULL,
        SEQUENCE_USED,
        OUTCOME_UNKNOWN,
    ),
)
