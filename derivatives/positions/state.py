"""Who is long and short of what, at which cost."""

from chain.kit import Table, record
from derivatives.ids import ACCOUNT, COMPARTMENT, INSTRUMENT


@record
class Position:
    """One account's open size in one instrument: long above zero, short below.

    A flat position is deleted, so `size_lots` is never zero.  `entry_value_quantums` is
    what the open lots cost, negative for a short.  `funding_index_e18` is the instrument's
    funding index when funding was last settled.
    """

    size_lots: int
    entry_value_quantums: int
    funding_index_e18: int


@record
class Premium:
    """What the open lots of an option cost at their trades, below zero for what was received.

    A memo for people: it was paid, so no equation counts it.  Deleted with its position.
    """

    paid_quantums: int


@record
class Holdings:
    """The instruments an account holds, ascending; deleted when there are none."""

    instruments: tuple[str, ...]


@record
class OpenInterest:
    """The lots that are long, which as many are short of; deleted at zero."""

    long_lots: int


@record
class PositionHolders:
    """How many accounts of a compartment hold positions."""

    accounts_count: int


POSITIONS = Table(1, "positions", key=(ACCOUNT, INSTRUMENT), value=Position, ordered=True)
HOLDINGS = Table(2, "holdings", key=(ACCOUNT,), value=Holdings, ordered=True)
OPEN_INTEREST = Table(3, "open_interest", key=(INSTRUMENT,), value=OpenInterest, ordered=True)
POSITION_HOLDERS = Table(4, "position_holders", key=(COMPARTMENT,), value=PositionHolders)
PREMIUMS = Table(5, "premiums", key=(ACCOUNT, INSTRUMENT), value=Premium, ordered=True)
