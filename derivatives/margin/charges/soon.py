"""Which dates end soon, kept in state, and the pins that an underlying has by them.

Step 5 begins by writing the dates with at most eight days left, each with its listed strikes,
where they differ from what is written.  Pins follow from them and from the forwards' prices.

Source: docs/specs/margin.md, MARG-095 and MARG-096.
"""

from operator import is_
from typing import Any, NamedTuple

from chain.kit import State, View
from derivatives.ids import CompartmentId
from derivatives.instruments.state import EXPIRIES, INSTRUMENTS, SETTLEMENTS
from derivatives.instruments.terms import is_option, strike_of
from derivatives.margin.charges.pins import PINNED_FROM_MS, Dated, Pin, pins_of
from derivatives.margin.charges.ranges import range_of, terms_under
from derivatives.margin.state import OPTION_TERMS, SOON, FamilyTerms, Soon, SoonDate
from derivatives.oracle.state import PRICES

MEMO_MAX = 256


class _Date(NamedTuple):
    """Where and when options end."""

    compartment: CompartmentId
    family: str
    expiry_ms: int


def keep_soon(state: State, time_ms: int) -> None:
    """Write which dates end soon in each compartment, where that is news."""
    found = soon_in(state, time_ms)
    for key, known in [*state.scan(SOON)]:
        if str(key) not in found:
            state.delete(SOON, str(key))
        elif found[str(key)] == known:
            del found[str(key)]
    for compartment, soon in found.items():
        state.put(SOON, compartment, soon)


def soon_in(view: View, time_ms: int) -> dict[CompartmentId, Soon]:
    """Return the dates with at most eight days left that have options, by compartment."""
    strikes: dict[_Date, list[int]] = {}
    for key, expiry in view.scan(EXPIRIES):
        if not 0 < expiry.expiry_ms - time_ms <= PINNED_FROM_MS:
            continue
        instrument = view.get(INSTRUMENTS, str(key))
        if instrument is None or not is_option(instrument):
            continue
        settlement = view.get(SETTLEMENTS, str(key))
        if settlement is not None and settlement.price_ticks > 0:
            continue
        date = _Date(instrument.compartment, expiry.forward, expiry.expiry_ms)
        strike_e8 = strike_of(view, str(key)) * instrument.tick_size_e8
        strikes.setdefault(date, []).append(strike_e8)
    found: dict[CompartmentId, list[SoonDate]] = {}
    for date, listed in sorted(strikes.items()):
        soon = SoonDate(date.family, date.expiry_ms, tuple(sorted({*listed})))
        found.setdefault(date.compartment, []).append(soon)
    return {compartment: Soon(tuple(dates)) for compartment, dates in found.items()}


_KNOWN: dict[tuple[CompartmentId, str, str], tuple[tuple[Any, ...], tuple[Pin, ...]]] = {}


def pins_under(
    view: View, compartment: CompartmentId, schedule: str, family: str, terms: FamilyTerms
) -> tuple[Pin, ...]:
    """Return the pins of what moves by the same scenarios, the same object while none differs.

    That is all families that offset each other, or else those that move as one.  Only dates
    whose options are charged under the schedule are pinned.
    """
    soon = view.get(SOON, compartment)
    if soon is None:
        return ()
    moved_by = _moved_by(family, terms)
    made_of: list[Any] = [soon]
    dates = []
    for date in soon.dates:
        place = (compartment, schedule, date.family)
        own, options = terms_under(view, *place), view.get(OPTION_TERMS, place)
        price = view.get(PRICES, date.family)
        if own is None or options is None or _moved_by(date.family, own) != moved_by:
            continue
        if price is not None:
            made_of += (own, price)
            left_ms = date.expiry_ms - price.updated_ms
            range_ppm = range_of(own)
            dates.append(Dated(date.family, price.price_e8, left_ms, range_ppm, date.strikes_e8))
    known = _KNOWN.get((compartment, schedule, moved_by))
    if known is not None and len(known[0]) == len(made_of) and all(map(is_, known[0], made_of)):
        return known[1]
    made = pins_of(dates)
    if known is not None and known[1] == made:
        made = known[1]
    if len(_KNOWN) >= MEMO_MAX:
        _KNOWN.clear()
    _KNOWN[compartment, schedule, moved_by] = (tuple(made_of), made)
    return made


def _moved_by(family: str, terms: FamilyTerms) -> str:
    """Return what a family shares its scenarios with: all that offset, or its group."""
    return "" if terms.offsets else terms.moves_with or family
