"""Every number that an account's margin is made of, each with its rule; they add up exactly.

    equity       = sum of the lines `equity`
    risk         = sum of the lines `risk`: R, and `open_risk`: R_open
    initial      = sum of the lines `initial`,  the first of which is R_open scaled
    maintenance  = sum of the lines `maintenance`, the first of which is R scaled

Source: docs/specs/rpc.md, RPC-134; docs/specs/margin.md.
"""

from collections.abc import Iterator

from msgspec import Struct

from chain.kit import multiply_ppm_up
from derivatives.margin.charges.held import (
    Portfolio,
    families_of,
    family_part,
    most_lots,
    opened_part,
)
from derivatives.margin.kernel.twin import groups_of, risk_of
from derivatives.margin.risk import (
    Health,
    depeg_quantums,
    exit_fee_quantums,
    funding_8h,
    grown,
    risk_with_orders,
)
from derivatives.margin.state import ScheduleTerms
from node.rpc.methods.values import SignedText


class MarginLine(Struct, frozen=True):
    """One number of one sum: what it is, of which instrument, asset or underlying, by which rule.

    `sum` is equity, risk, open_risk, initial or maintenance.
    """

    sum: str
    name: str
    of: str
    quantums: SignedText
    rule: str


def lines_of(portfolio: Portfolio, terms: ScheduleTerms, found: Health) -> list[MarginLine]:
    """Return every number that equity and both requirements are made of, in reading order."""
    return [
        MarginLine(total, name, of, str(quantums), rule)
        for total, name, of, quantums, rule in (
            *_equity(portfolio),
            *_risk(portfolio, terms, found),
            *_initial(portfolio, terms, found),
            *_maintenance(portfolio, terms, found),
        )
    ]


Row = tuple[str, str, str, int, str]
CHARGES = (
    ("skew", "MARG-091"),
    ("vega", "MARG-092"),
    ("short_options", "MARG-093"),
    ("pins", "MARG-095, MARG-097"),
)


def _equity(portfolio: Portfolio) -> Iterator[Row]:
    yield "equity", "cash", "", portfolio.cash_quantums, "MARG-025"
    for part in portfolio.backing:
        yield "equity", "collateral_value", part.family, part.value_quantums, "MARG-025"
    for one in portfolio.holdings:
        if one.size_lots:
            name = one.line.instrument
            worth = one.size_lots * one.line.mark_value_quantums
            yield "equity", "size_at_mark", name, worth, "POSN-010"
            yield "equity", "entry_value", name, -one.entry_value_quantums, "POSN-010"
            if one.owed_quantums:
                yield "equity", "funding_owed", name, -one.owed_quantums, "MARG-026"


def _risk(portfolio: Portfolio, terms: ScheduleTerms, found: Health) -> Iterator[Row]:
    families = families_of(portfolio)
    closed = [family_part(family) for family in families]
    alone = 0
    for group in groups_of(closed):
        alone += group.worst_quantums + group.added_quantums
        yield "risk", "scan", group.name, group.scan_quantums, "MARG-030, MARG-094"
        yield "risk", "basis", group.name, group.basis_quantums, "MARG-031, MARG-090"
        charged = (*group.charged, group.worst_quantums - group.scan_quantums)
        for (name, rule), quantums in zip(CHARGES, charged, strict=True):
            if quantums:
                yield "risk", name, group.name, quantums, rule
    if found.risk_quantums != alone:
        yield "risk", "offset", "", found.risk_quantums - alone, "MARG-045"
    total, before = "open_risk", found.risk_quantums
    yield total, "risk", "", before, "MARG-030"
    opened = [opened_part(family, part) for family, part in zip(families, closed, strict=True)]
    whole = [
        part._replace(pinned=one.pinned and one.pinned._replace(extra_quantums=()))
        for part, one in zip(closed, opened, strict=True)
    ]
    growing = grown(portfolio, families, opened)
    steps = (
        ("pins_whole", risk_of(whole, terms.offset_ppm, terms.offset_floor_ppm), "MARG-097"),
        ("resting_orders", risk_of(opened, terms.offset_ppm, terms.offset_floor_ppm), "MARG-037"),
        ("range_growing", risk_of(growing, terms.offset_ppm, terms.offset_floor_ppm), "MARG-114"),
        ("offsets_off", risk_with_orders(portfolio, families, opened, terms), "MARG-046"),
        ("concentration", found.risk_open_quantums, "MARG-041, MARG-098"),
    )
    for name, after, rule in steps:
        if after != before:
            yield total, name, "", after - before, rule
        before = after


def _haircuts(portfolio: Portfolio, total: str) -> Iterator[Row]:
    for part in portfolio.backing:
        haircut = multiply_ppm_up(part.value_quantums, part.haircut_ppm)
        yield total, "haircut", part.family, haircut, "MARG-025"


def _initial(portfolio: Portfolio, terms: ScheduleTerms, found: Health) -> Iterator[Row]:
    total = "initial"
    scaled = multiply_ppm_up(found.risk_open_quantums, terms.initial_ppm)
    yield total, "open_risk_scaled", f"{terms.initial_ppm} ppm", scaled, "MARG-002"
    yield from _haircuts(portfolio, total)
    added = 0
    for one in portfolio.holdings:
        fee = exit_fee_quantums(one.line, most_lots(one))
        added += fee
        yield total, "exit_fees", one.line.instrument, fee, "MARG-033"
    funding = funding_8h(portfolio.holdings)
    depeg = depeg_quantums(found.risk_quantums, portfolio.settlement_price_e8)
    if funding:
        yield total, "funding_8h", "", funding, "MARG-034"
    if depeg:
        yield total, "settlement_depeg", "", depeg, "MARG-036"
    known = scaled + found.haircut_quantums + added + funding + depeg
    yield total, "price_uncertainty", "", found.initial_quantums - known, "MARG-035, MARG-098"


def _maintenance(portfolio: Portfolio, terms: ScheduleTerms, found: Health) -> Iterator[Row]:
    total = "maintenance"
    scaled = multiply_ppm_up(found.risk_quantums, terms.maintenance_ppm)
    yield total, "risk_scaled", f"{terms.maintenance_ppm} ppm", scaled, "MARG-002"
    yield from _haircuts(portfolio, total)
    for one in portfolio.holdings:
        if one.size_lots:
            fee = exit_fee_quantums(one.line, abs(one.size_lots))
            yield total, "exit_fees", one.line.instrument, fee, "MARG-033"
