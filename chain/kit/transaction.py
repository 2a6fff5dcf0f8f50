"""What a signer may ask is a record that knows its shape and its effect.

A payload is a `@record` with two class attributes and two methods:

    transaction_class  0 system · 1 cancels, deposits, top-ups, keepers · 2 post-only ·
                       3 other trading · 4 the rest; a property where a field decides
    weight             work in tenths of a microsecond on the reference machine
    check()            refuses what no state could make right
    apply(context)     looks at state, changes it, tells events, or refuses

Source: docs/specs/transaction.md, TX-030 to TX-033.
"""

from typing import Protocol

from chain.kit.context import Context

CLASS_SYSTEM = 0
CLASS_RELIEF = 1
CLASS_POST_ONLY = 2
CLASS_TRADING = 3
CLASS_REST = 4
CLASSES = (CLASS_SYSTEM, CLASS_RELIEF, CLASS_POST_ONLY, CLASS_TRADING, CLASS_REST)


class Payload(Protocol):
    """What every transaction's record can do."""

    @property
    def transaction_class(self) -> int:
        """Return the place in the order of a block, from the payload alone."""
        ...

    @property
    def weight(self) -> int:
        """Return the work of applying it, in tenths of a microsecond."""
        ...

    def check(self) -> None:
        """Refuse what no state could make right."""
        ...

    def apply(self, context: Context) -> None:
        """Do what is asked, or refuse."""
        ...
