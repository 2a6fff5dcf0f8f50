"""Margin many accounts at once: their scans through the kernel, all else in exact sums.

Says of every account what `health_of` says of it, of what maintenance is made of.  What is
the same for all, lines and terms, is read once; of an account only its own records are.

Source: docs/specs/margin.md, MARG-075.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from chain.kit import PPM, View, divide_up, multiply_ppm_up
from chain.modules.ledger.state import BALANCES
from derivatives.accounts.collateral import compartment_terms
from derivatives.ids import AccountId, CompartmentId, InstrumentId
from derivatives.margin.account import (
    Standing,
    assets_of,
    backing_of,
    portfolio_of,
    schedule_terms,
    standing_of,
)
from derivatives.margin.charges.held import collateral_lots
from derivatives.margin.charges.ranges import terms_under
from derivatives.margin.kernel.scan import Group, grid_of, worst_losses
from derivatives.margin.kernel.twin import Rung, ladder_quantums
from derivatives.margin.risk import risk_without_orders
from derivatives.margin.rows import Line, collateral_losses, line_of
from derivatives.margin.state import FamilyTerms
from derivatives.perpetuals.funding import index_of, owed_by
from derivatives.positions.state import HOLDINGS, POSITIONS


class Maintenance(NamedTuple):
    """How an account stands against its maintenance requirement; named as in `Health`.

    With equity of `recovered_quantums` it is warned and flagged no longer.
    """

    equity_quantums: int
    index_equity_quantums: int
    solvency_quantums: int
    risk_quantums: int
    maintenance_quantums: int
    recovered_quantums: int


class _Family:
    """The groups of one family, with the rows they hold, each once."""

    def __init__(self, terms: FamilyTerms) -> None:
        self.terms = terms
        self.level_ppm = terms.basis_ppm
        """Of what has no date; the line of a dated one tells its own."""
        self.rows: list[tuple[int, ...]] = []
        self.groups: list[Group] = []
        self.nets: list[int] = []
        self.weights = tuple(scenario.weight_ppm for scenario in terms.scenarios)
        self.collateral_place = self.place_of(collateral_losses(terms))

    def place_of(self, row: tuple[int, ...]) -> int:
        """Return the place of a new row."""
        self.rows.append(row)
        return len(self.rows) - 1

    def risks(self) -> list[int]:
        """Return scan and basis of every group, in quantums."""
        scans = worst_losses(grid_of(tuple(self.rows), self.weights), self.groups)
        return [scan + self.basis_of(group) for group, scan in enumerate(scans)]

    def basis_of(self, group: int) -> int:
        """Return the basis of one group, in quantums. Rounds: up."""
        return ladder_quantums((Rung(self.level_ppm, self.nets[group]),))


class _Traded(NamedTuple):
    """One instrument: its line, its funding index, its family and its row there."""

    line: Line
    index_e18: int
    family: _Family
    place: int
    fee_quantums_ppm: int


class _Market:
    """What is the same for every account of a compartment under a schedule."""

    def __init__(self, view: View, compartment: CompartmentId, schedule: str) -> None:
        self.compartment, self.schedule = compartment, schedule
        self.settlement = compartment_terms(view, compartment).settlement_asset
        self.others = [a for a in assets_of(view, compartment) if a != self.settlement]
        self.terms = schedule_terms(view, compartment, schedule)
        self.families: dict[str, _Family] = {}
        self.traded: dict[InstrumentId, _Traded] = {}

    def family(self, view: View, name: str) -> _Family:
        """Return the family of this name."""
        known = self.families.get(name)
        if known is None:
            terms = terms_under(view, self.compartment, self.schedule, name)
            assert terms is not None
            known = self.families[name] = _Family(terms)
        return known

    def instrument(self, view: View, instrument_id: InstrumentId) -> _Traded:
        """Return an instrument that somebody holds."""
        known = self.traded.get(instrument_id)
        if known is None:
            line = line_of(view, instrument_id, self.compartment, self.schedule)
            assert line is not None, f"{instrument_id} is held and has no mark"
            family = self.family(view, line.family)
            family.level_ppm = line.charges.level_ppm
            place = family.place_of(line.losses_quantums)
            fee = line.exit_fee_ppm * line.mark_value_quantums
            known = _Traded(line, index_of(view, instrument_id), family, place, fee)
            self.traded[instrument_id] = known
        return known


class _Sums(NamedTuple):
    """One account's sums, and where its families' risks will stand."""

    market: _Market
    equity_quantums: int
    index_equity_quantums: int
    solvency_quantums: int
    charged_quantums: int
    risk_quantums: int | None
    """None where every family is charged alone, by its scan and basis: then it is at places."""
    places: tuple[tuple[str, int], ...]


_Risks: TypeAlias = dict[tuple[CompartmentId, str], dict[str, list[int]]]
"""Of each market, each family's risks by group."""


def maintained(view: View, accounts: Sequence[AccountId]) -> list[Maintenance]:
    """Return how each account stands. Rounds: as `health_of`."""
    markets: dict[tuple[CompartmentId, str], _Market] = {}
    read = []
    for account in accounts:
        standing = standing_of(view, account)
        assert standing is not None
        place = (standing.compartment, standing.schedule)
        market = markets.get(place)
        if market is None:
            market = markets[place] = _Market(view, *place)
        read.append(_sums_of(view, account, standing, market))
    risks: _Risks = {
        place: {name: family.risks() for name, family in market.families.items()}
        for place, market in markets.items()
    }
    found = []
    for sums in read:
        market = sums.market
        risk = _risk_of(sums, risks)
        required = multiply_ppm_up(risk, market.terms.maintenance_ppm) + sums.charged_quantums
        found.append(
            Maintenance(
                sums.equity_quantums,
                sums.index_equity_quantums,
                sums.solvency_quantums,
                risk,
                required,
                required + multiply_ppm_up(risk, market.terms.recovery_ppm),
            )
        )
    return found


def _risk_of(sums: _Sums, risks: _Risks) -> int:
    """Return an account's risk."""
    if sums.risk_quantums is not None:
        return sums.risk_quantums
    of_family = risks[sums.market.compartment, sums.market.schedule]
    return sum(of_family[name][group] for name, group in sums.places)


def _stands_alone(market: _Market, held: Sequence[FamilyTerms]) -> bool:
    """Return whether families neither offset nor move with each other."""
    sharing = sum(one.offsets for one in held) > 1 and market.terms.offset_floor_ppm < PPM
    return not sharing and not any(one.moves_with for one in held)


def _sums_of(view: View, account: AccountId, standing: Standing, market: _Market) -> _Sums:
    stored = view.get(BALANCES, (account, market.settlement))
    cash = 0 if stored is None else stored.amount_quantums
    held = view.get(HOLDINGS, account)
    marked = indexed = charged = 0
    leans = False
    parts: dict[str, tuple[list[int], list[int], int]] = {}
    for instrument_id in () if held is None else held.instruments:
        position = view.get(POSITIONS, (account, instrument_id))
        assert position is not None
        line, index_e18, _, place, fee = market.instrument(view, instrument_id)
        size, gone = position.size_lots, position.entry_value_quantums
        if position.funding_index_e18 != index_e18:
            gone += owed_by(position, index_e18)
        marked += size * line.mark_value_quantums - gone
        indexed += size * line.index_value_quantums - gone
        charged += divide_up(abs(size) * fee, PPM)
        leans |= line.lean is not None
        places, sizes, net = parts.get(line.family) or ([], [], 0)
        places.append(place)
        sizes.append(size)
        parts[line.family] = (places, sizes, net + size * line.moving_quantums)
    careful = at_index = 0
    if any(view.get(BALANCES, (account, asset)) is not None for asset in market.others):
        for part in backing_of(view, account, standing, market.settlement):
            careful += part.value_quantums
            at_index += part.index_value_quantums
            charged += multiply_ppm_up(part.value_quantums, part.haircut_ppm)
            places, sizes, net = parts.get(part.family) or ([], [], 0)
            places.append(market.family(view, part.family).collateral_place)
            sizes.append(collateral_lots(part.value_quantums))
            parts[part.family] = (places, sizes, net + part.value_quantums)
    where = []
    risk = None
    if leans or not _stands_alone(market, [market.families[name].terms for name in parts]):
        portfolio = portfolio_of(view, account, standing, with_orders=False)
        risk = risk_without_orders(portfolio, market.terms)
        parts = {}
    for name, (places, sizes, net) in parts.items():
        family = market.families[name]
        where.append((name, len(family.groups)))
        family.groups.append(Group(places, sizes))
        family.nets.append(net)
    return _Sums(
        market,
        cash + careful + marked,
        cash + careful + indexed,
        cash + at_index + indexed,
        charged,
        risk,
        tuple(where),
    )
