"""Step 12 of a block: the equations, of what the block changed.

Source: docs/specs/solvency.md, SOLV-001 to SOLV-008.
"""

from chain.kit import BlockContext
from derivatives.solvency.equations import broken_in
from derivatives.solvency.freezing import freeze


def hold_equations(context: BlockContext) -> None:
    """Freeze every compartment in which an equation broke. Bounded by what was changed."""
    for compartment, cause in sorted(broken_in(context).items()):
        freeze(context, compartment, cause)
