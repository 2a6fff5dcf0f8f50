"""Why insurance refuses."""

from chain.kit import Reason

SHORTFALL_OPEN = Reason(
    1,
    "shortfall_open",
    "The compartment {compartment} is short by {debt_quantums} quantums: nothing may open in it.",
    ("compartment", "debt_quantums"),
)
SHARE_EXCEEDED = Reason(
    2,
    "share_exceeded",
    "While {compartment} is short an account may withdraw {limit_quantums} quantums in all, "
    "not {withdrawn_quantums}.",
    ("compartment", "limit_quantums", "withdrawn_quantums"),
)
SLICES_COUNT = Reason(
    3,
    "slices_count",
    "A keeper takes 1 to {limit_count} slices at once, not {slices_count}.",
    ("slices_count", "limit_count"),
)
NOTHING_TO_TAKE = Reason(
    4,
    "nothing_to_take",
    "The default account of {compartment} has no slice that insurance can pay for.",
    ("compartment",),
)

REASONS = (SHORTFALL_OPEN, SHARE_EXCEEDED, SLICES_COUNT, NOTHING_TO_TAKE)
