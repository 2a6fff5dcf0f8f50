"""What is the same for every account of a compartment under a schedule, as the kernel takes it.

A *place* is an instrument that somebody holds, or an asset that backs; it keeps its number as
long as the market is kept.  Before each pass every place's row and terms are held against
what they were, and those that differ are marked: who holds none of them stands as before.

Source: docs/specs/margin.md, MARG-017, MARG-018.
"""

from array import array
from typing import Any, NamedTuple, TypeAlias

from chain.kit import PPM, View
from chain.modules.ledger.state import ASSETS
from derivatives.accounts.collateral import compartment_terms
from derivatives.accounts.state import COLLATERAL
from derivatives.ids import CompartmentId, InstrumentId
from derivatives.instruments.state import INSTRUMENTS
from derivatives.instruments.terms import is_option, strike_of
from derivatives.margin.account import assets_of
from derivatives.margin.charges.dated import Charges
from derivatives.margin.charges.pins import Pin
from derivatives.margin.charges.ranges import terms_under
from derivatives.margin.charges.soon import pins_under
from derivatives.margin.kernel.scan import BOUND_QUANTUMS_MAX, LANES, WIDTH_MAX
from derivatives.margin.kernel.twin import BRACKET_QUANTUMS
from derivatives.margin.rows import (
    Line,
    collateral_losses,
    collateral_pins,
    family_of,
    line_of,
)
from derivatives.margin.state import FAMILIES, SCHEDULES, FamilyTerms
from derivatives.oracle.state import PRICES
from derivatives.perpetuals.funding import index_of

KIND_INSTRUMENT, KIND_COLLATERAL, KIND_DECLINED, KIND_OPTION = 0, 1, 2, 3
TERMS_COUNT = 8
LEANS_COUNT = 6
FAMILIES_MAX_COUNT = 64
FUNDING_MAX_E18 = 2**120
PAR_DECIMALS = 8
LOW_MASK = 2**64 - 1
HALF = 2**63


_Shape: TypeAlias = tuple[str, tuple[str, ...], tuple[tuple[str, str], ...]]
_Rows: TypeAlias = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]
"""What a lot loses in scenarios and at pins, and how it leans."""

NO_ROWS: _Rows = ((), (), ())


class Place(NamedTuple):
    """What a place is of, the family in whose scenarios it moves, and an option's strike."""

    name: str
    is_instrument: bool
    family: int
    strike_e8: int


class Market:
    """Rows and terms of all places, packed, with marks on those that are new."""

    def __init__(self, view: View, compartment: CompartmentId, schedule: str) -> None:
        """Begin without a place."""
        self.compartment, self.schedule = compartment, schedule
        self._shaped = self._shape(view)
        self.settlement, self.assets, grouped = self._shaped
        self.families = tuple(name for _, name in grouped)
        self._groups = tuple(group for group, _ in grouped)
        self.is_packable = self._fits = False
        self.terms, self.rows, self.bounds = array("q"), array("q"), array("q")
        self.leans, self.pins, self.pin_weights = array("q"), array("q"), array("q")
        self.new = bytearray()
        self.weights, self.family_terms, self.scales = array("q"), array("q"), array("q")
        self._instruments: dict[InstrumentId, int] = {}
        self._assets: dict[str, int] = {}
        self._places: list[Place] = []
        self._known: list[Any] = []
        self._records: list[FamilyTerms] = []
        self._charged: dict[int, dict[Charges, None]] | None = None
        self._is_charged = True
        self._pins: list[tuple[Pin, ...]] = []
        self._width = self._pin_width = 0

    def _shape(self, view: View) -> _Shape:
        """Return what places are numbered by: settlement asset, other assets, families.

        Of each family what it moves with comes first, so that those which do stand together.
        """
        settlement = compartment_terms(view, self.compartment).settlement_asset
        assets = assets_of(view, self.compartment)
        prefix = (self.compartment, self.schedule)
        families = [
            (terms.moves_with or str(key[2]), str(key[2]))  # type: ignore[index]
            for key, terms in view.scan(FAMILIES, prefix)
        ]
        others = tuple(asset for asset in assets if asset != settlement)
        return settlement, others, tuple(sorted(families))

    def still_stands(self, view: View) -> bool:
        """Return whether what accounts were packed by is what it was."""
        return self._shaped == self._shape(view) and all(
            place.family == self._family_index(view, place.name, place.is_instrument)
            for place in self._places
        )

    def _family_index(self, view: View, name: str, is_instrument: bool) -> int:
        """Return the family of an instrument or an asset; the first where it has none."""
        if is_instrument:
            family = family_of(view, name)
        else:
            terms = view.get(COLLATERAL, (self.compartment, name))
            family = None if terms is None else terms.feed
        return self.families.index(family) if family in self.families else 0

    def place_of_instrument(self, view: View, instrument_id: InstrumentId) -> int:
        """Return the place of an instrument, a new one where it had none."""
        place = self._instruments.get(instrument_id)
        if place is None:
            place = self._instruments[instrument_id] = self._add(
                view, instrument_id, is_instrument=True
            )
        return place

    def place_of_asset(self, view: View, asset: str) -> int:
        """Return the place of an asset, a new one where it had none."""
        place = self._assets.get(asset)
        if place is None:
            place = self._assets[asset] = self._add(view, asset, is_instrument=False)
        return place

    def _add(self, view: View, name: str, *, is_instrument: bool) -> int:
        family = self._family_index(view, name, is_instrument)
        strike_e8 = 0
        if is_instrument:
            instrument = view.get(INSTRUMENTS, name)
            if instrument is not None and is_option(instrument):
                strike_e8 = strike_of(view, name) * instrument.tick_size_e8
        self._places.append(Place(name, is_instrument, family, strike_e8))
        self._known.append(None)
        self.terms.extend((KIND_DECLINED, family, *(0,) * (TERMS_COUNT - 2)))
        self.rows.extend((0,) * self._width)
        self.pins.extend((0,) * self._pin_width)
        self.leans.extend((0,) * LEANS_COUNT)
        self.bounds.append(BRACKET_QUANTUMS)
        self.new.append(0)
        return len(self._places) - 1

    @property
    def places(self) -> tuple[Place, ...]:
        """Return what each place is of."""
        return tuple(self._places)

    def order_of(self, place: int) -> tuple[int, int]:
        """Return what an account's positions are sorted by: family, then an option's strike."""
        found = self._places[place]
        return found.family, found.strike_e8

    def refresh(self, view: View, holders: "array[int]") -> bool:
        """Hold every place that somebody holds against the state, and mark in `new` what differs.

        Return whether all accounts are to be seen anew.  A market of no families, of too many,
        or of terms that the kernel does not take is not packable, and nothing is refreshed.
        """
        everything = self._refresh_families(view)
        scales = view.get(SCHEDULES, (self.compartment, self.schedule))
        assert scales is not None, f"no schedule {self.schedule} in {self.compartment}"
        shares = (scales.offset_ppm, scales.offset_floor_ppm)
        scaled = (scales.maintenance_ppm, scales.recovery_ppm, *shares)
        fits = _in_bounds(scaled) and max(shares) <= PPM
        self.is_packable = self._fits and fits
        if not self.is_packable:
            return False
        if scaled != tuple(self.scales):
            self.scales, everything = array("q", scaled), True
        self._refresh_pins(view)
        charged: dict[int, dict[Charges, None]] = {}
        for place, (name, is_instrument, family, _) in enumerate(self._places):
            # A place of whom has another schedule by now was never counted.
            if place >= len(holders) or not holders[place]:
                continue
            now = Charges(self._records[family].basis_ppm)
            if is_instrument:
                line = self._refresh_instrument(view, place, name, family)
                now = now if line is None else line.charges
            else:
                self._refresh_asset(view, place, name, family)
            charged.setdefault(family, {})[now] = None
        return self._refresh_charges(charged) or everything

    def _refresh_pins(self, view: View) -> None:
        """Pack what pins count; where they are others, whatever holds options is new."""
        found = [
            pins_under(view, self.compartment, self.schedule, family, terms)
            for family, terms in zip(self.families, self._records, strict=True)
        ]
        if found == self._pins:
            return
        widest = max(map(len, found))
        width = widest + (-widest % LANES)
        if width != self._pin_width:
            self._pin_width = width
            self.pins = array("q", bytes(8 * width * len(self._places)))
            self._pins = []
        self.pin_weights = array("q")
        for pins in found:
            self.pin_weights.extend(pin.weight_ppm for pin in pins)
            self.pin_weights.extend((0,) * (width - len(pins)))
        for place, (_, _, family, strike_e8) in enumerate(self._places):
            if not self._pins or found[family] != self._pins[family]:
                self._known[place] = None
                self.new[place] |= strike_e8 > 0
        self._pins = found

    def _refresh_charges(self, charged: dict[int, dict[Charges, None]]) -> bool:
        """Pack the families' charges, and return whether they are others than before.

        Where what is of one family is charged by two dates, nothing is packable.
        """
        if charged == self._charged:
            self.is_packable = self._is_charged
            return False
        self._charged = charged
        self.family_terms = array("q")
        for family, (terms, group) in enumerate(zip(self._records, self._groups, strict=True)):
            now = next(iter(charged.get(family, ())), Charges(terms.basis_ppm))
            self.family_terms.extend((now.level_ppm, terms.offsets, self._groups.index(group)))
            self.family_terms.extend((now.skew_ppm, now.vega_ppm, now.short_ppm))
            self.family_terms.extend((now.long_cut_ppm, now.short_rise_ppm))
        self._is_charged = all(
            len(each) == 1
            and _in_bounds(one[:6])
            and 2 * max(one.long_cut_ppm, one.short_rise_ppm) <= PPM
            for each in charged.values()
            for one in each
        )
        self.is_packable = self._is_charged
        return True

    def _refresh_families(self, view: View) -> bool:
        """Pack the families' weights where their terms are new; then every place is new."""
        records = [
            terms_under(view, self.compartment, self.schedule, name) for name in self.families
        ]
        found = [terms for terms in records if terms is not None]
        if found == self._records:  # of no families too
            return False
        self._records = found
        widest = max((len(terms.scenarios) for terms in found), default=0)
        self._fits = (
            0 < len(found) <= FAMILIES_MAX_COUNT and widest <= WIDTH_MAX and all(map(_fits, found))
        )
        if not self._fits:
            return False
        self._width = widest + (-widest % LANES)
        self.weights = array("q")
        for terms in found:
            self.weights.extend(scenario.weight_ppm for scenario in terms.scenarios)
            self.weights.extend((0,) * (self._width - len(terms.scenarios)))
        self._charged = None
        self._known = [None] * len(self._places)
        self.rows = array("q", bytes(8 * self._width * len(self._places)))
        return True

    def _refresh_instrument(self, view: View, place: int, name: str, family: int) -> Line | None:
        """Hold an instrument's place against its line, and return the line."""
        line = line_of(view, name, self.compartment, self.schedule)
        index_e18 = index_of(view, name)
        known = self._known[place]
        if line is not None and known is not None and known[0] is line and known[1] == index_e18:
            return line
        if line is None or self.families[family] != line.family:
            self._store(place, None, KIND_DECLINED, ())
            return None
        fee = line.exit_fee_ppm * line.mark_value_quantums
        low = index_e18 & LOW_MASK
        numbers = (line.mark_value_quantums, line.index_value_quantums, fee)
        fits = abs(index_e18) < FUNDING_MAX_E18 and _in_bounds(
            (*numbers, abs(line.moving_quantums))
        )
        kind = KIND_INSTRUMENT if line.lean is None else KIND_OPTION
        lean = () if line.lean is None else line.lean[:LEANS_COUNT]
        packed = (
            *numbers,
            low - 2 * HALF if low >= HALF else low,
            index_e18 >> 64,
            line.moving_quantums,
        )
        rows = (line.losses_quantums, line.pin_losses_quantums, lean)
        self._store(place, (line, index_e18), kind if fits else KIND_DECLINED, packed, rows)
        return line

    def _refresh_asset(self, view: View, place: int, name: str, family: int) -> None:
        terms = view.get(COLLATERAL, (self.compartment, name))
        price = None if terms is None else view.get(PRICES, terms.feed)
        if terms is None or price is None:  # counts nothing
            self._store(place, None, KIND_COLLATERAL, (0, 0, 0, 1))
            return
        own, paid = view.get(ASSETS, name), view.get(ASSETS, self.settlement)
        if own is None or paid is None or terms.feed != self.families[family]:
            self._store(place, None, KIND_DECLINED, ())
            return
        power = PAR_DECIMALS + own.decimals - paid.decimals
        times, divisor = 10 ** max(0, -power), 10 ** max(0, power)
        careful_e8 = min(price.price_e8, price.average_5m_e8)
        packed = (careful_e8 * times, price.price_e8 * times, terms.haircut_ppm, divisor)
        if self._known[place] != packed:
            kind = KIND_COLLATERAL if _in_bounds(packed) else KIND_DECLINED
            record = self._records[family]
            pins = collateral_pins(record, self._pins[family])
            rows = (collateral_losses(record), pins, ())
            self._store(place, packed, kind, packed, rows)

    def _store(
        self, place: int, known: Any, kind: int, numbers: tuple[int, ...], rows: _Rows = NO_ROWS
    ) -> None:
        """Store a place's terms and rows where they differ, and mark it.

        Other pins alone mark an option alone: nobody else has any.
        """
        self._known[place] = known
        row, pins, lean = rows
        bound = BRACKET_QUANTUMS + max(map(abs, (*row, *pins, *lean[1:])), default=0)
        if kind == KIND_DECLINED or bound >= BOUND_QUANTUMS_MAX:
            kind, numbers, row, bound = KIND_DECLINED, (), (), BRACKET_QUANTUMS
            pins = lean = ()
        changed = self._put(
            self.terms, TERMS_COUNT, place, (kind, self._places[place].family, *numbers)
        )
        changed |= self._put(self.rows, self._width, place, row)
        changed |= self._put(self.leans, LEANS_COUNT, place, lean)
        moved = self._put(self.pins, self._pin_width, place, pins)
        self.bounds[place] = bound
        if changed or (moved and kind == KIND_OPTION):
            self.new[place] = 1

    def _put(self, to: "array[int]", width: int, place: int, numbers: tuple[int, ...]) -> bool:
        """Put a place's numbers, zeros behind them, and return whether they are others."""
        packed = array("q", (*numbers, *(0,) * (width - len(numbers))))
        begin = place * width
        if packed == to[begin : begin + width]:
            return False
        to[begin : begin + width] = packed
        return True


def _in_bounds(numbers: tuple[int, ...]) -> bool:
    return min(numbers) >= 0 and max(numbers) < BOUND_QUANTUMS_MAX


def _fits(terms: FamilyTerms) -> bool:
    """Return whether the kernel takes these terms; a weight of nothing is its padding."""
    weights_ppm = [scenario.weight_ppm for scenario in terms.scenarios]
    return (
        min(weights_ppm, default=0) > 0
        and max(weights_ppm) <= PPM
        and _in_bounds((terms.basis_ppm,))
    )
