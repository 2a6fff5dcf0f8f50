"""What is always true of marks.

Source: docs/specs/marks.md, MARK-001 to MARK-005.
"""

from chain.kit import PPM, View, hold
from derivatives.instruments.state import INSTRUMENTS
from derivatives.instruments.terms import index_value_quantums, quote_decimals_of
from derivatives.marks.state import MARKS


def every_mark_is_near_its_index(view: View) -> None:
    """Hold that a mark lies within its clamp and a tick, and that values follow from prices."""
    for key, mark in view.scan(MARKS):
        instrument = view.get(INSTRUMENTS, key)
        hold(instrument is not None, f"{key!r} has a mark and is not listed")
        assert instrument is not None
        distance_e8 = abs(mark.mark_price_ticks * instrument.tick_size_e8 - mark.index_price_e8)
        reach = instrument.mark_clamp_ppm * mark.index_price_e8 + PPM * instrument.tick_size_e8
        hold(distance_e8 * PPM <= reach, f"{key!r}: mark {distance_e8} e-8 from its index")
        value = index_value_quantums(
            mark.index_price_e8, instrument, quote_decimals_of(view, instrument)
        )
        hold(value == mark.index_value_quantums, f"{key!r}: index value is not {value}")
        ticks = mark.mark_price_ticks * instrument.tick_value_quantums
        hold(ticks == mark.mark_value_quantums, f"{key!r}: mark value is not {ticks}")


INVARIANTS = (every_mark_is_near_its_index,)
