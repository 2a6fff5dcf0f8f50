"""What the chain itself refuses, whatever the module."""

from chain.kit import Reason

OUT_OF_BOUNDS = Reason(
    1, "out_of_bounds", "A record would leave the width it is stored in: {what}.", ("what",)
)

REASONS = (OUT_OF_BOUNDS,)
