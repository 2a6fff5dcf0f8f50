"""What each instrument is valued at, in this block and in its parent."""

from chain.kit import Table, record
from derivatives.ids import INSTRUMENT


@record
class Mark:
    """One instrument's mark and index, as money for one lot.

    `index_value_quantums` is one integer for longs and shorts alike, so variation nets to
    zero; `parent_index_value_quantums` is that of the parent block.  `updated_ms` is when
    the index was observed.
    """

    mark_price_ticks: int
    mark_value_quantums: int
    index_price_e8: int
    index_value_quantums: int
    parent_index_value_quantums: int
    basis_average_e9: int
    last_price_ticks: int
    updated_ms: int


MARKS = Table(1, "marks", key=(INSTRUMENT,), value=Mark, ordered=True)
