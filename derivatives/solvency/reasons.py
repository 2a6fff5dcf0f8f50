"""Why solvency refuses."""

from chain.kit import Reason

COMPARTMENT_FROZEN = Reason(
    1,
    "compartment_frozen",
    "The compartment {compartment} stands still: {cause} failed in block {since_height}.",
    ("compartment", "cause", "since_height"),
)

REASONS = (COMPARTMENT_FROZEN,)
