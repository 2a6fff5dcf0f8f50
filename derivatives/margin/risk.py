"""From what an account holds to what it must have: pure sums over plain values.

    R       = sum over families of scan + basis + what options are charged, less what they
              offset, without resting orders
    R_open  = the same with resting orders, and concentration
    IM      = ceil(R_open x initial_ppm) + H + dispersion + depeg
              + max(0, funding of 8 h) + exit fees with resting orders
    MM      = ceil(R x maintenance_ppm) + H + exit fees

    scan    = max(0, max over s of w_s x (sum of size x loss[s] + 2 x sum of |size|))
    basis   = ceil(basis_ppm x |sum of size x value|), of dates a ladder (`kernel.twin`)

Options lose what their family's do together, discounted (`charges.leaning`), and at pins.
With resting orders nothing is below what any subset of them filled needs (`charges.filling`).

Source: docs/specs/margin.md, MARG-030 to MARG-049 and MARG-090 to MARG-109.
"""

from typing import NamedTuple

from chain.kit import PPM, divide_up, multiply_ppm_up
from derivatives.margin.charges.held import (
    Family,
    Holding,
    Portfolio,
    families_of,
    family_part,
    most_lots,
    opened_part,
)
from derivatives.margin.charges.size import concentration_quantums, dispersion_quantums
from derivatives.margin.kernel.twin import Part, risk_of
from derivatives.margin.rows import Line
from derivatives.margin.state import ScheduleTerms

E9 = 10**9
PAR_E8 = 10**8
DEPEG_FROM_E8 = 99_000_000
DEPEG_FACTOR = 4


class Health(NamedTuple):
    """How an account stands: equity, requirements and what they are made of.

    `backing_quantums` is cash and collateral, `unrealised_quantums` the net profit of
    positions after funding owed; their sum is `equity_quantums`.  `index_equity_quantums`
    is the same with positions at the index.  `delta_quantums` is what all families would
    lose together if each went to nothing.
    """

    cash_quantums: int
    equity_quantums: int
    index_equity_quantums: int
    solvency_quantums: int
    backing_quantums: int
    unrealised_quantums: int
    risk_quantums: int
    risk_open_quantums: int
    haircut_quantums: int
    initial_quantums: int
    maintenance_quantums: int
    delta_quantums: int

    @property
    def excess_quantums(self) -> int:
        """Return equity less the initial requirement."""
        return self.equity_quantums - self.initial_quantums

    def counted_quantums(self, gains_ppm: int) -> int:
        """Return equity with unrealised gains counted up to a share of cash and collateral.

        Rounds: down.
        """
        most = -multiply_ppm_up(-max(0, self.backing_quantums), gains_ppm)
        return self.backing_quantums + min(self.unrealised_quantums, most)


def health(portfolio: Portfolio, terms: ScheduleTerms) -> Health:
    """Return how an account stands. Rounds: requirements up, equity down."""
    families = families_of(portfolio)
    marked = indexed = exit_fees = added = 0
    for one in portfolio.holdings:
        line, size = one.line, one.size_lots
        gone = one.entry_value_quantums + one.owed_quantums
        marked += size * line.mark_value_quantums - gone
        indexed += size * line.index_value_quantums - gone
        exit_fees += exit_fee_quantums(line, abs(size))
        added += exit_fee_quantums(line, most_lots(one))
    closed = [family_part(family) for family in families]
    opened = [opened_part(family, part) for family, part in zip(families, closed, strict=True)]
    for family, opening in zip(families, opened, strict=True):
        added += dispersion_quantums(portfolio, family, opening)
    risk = risk_of(closed, terms.offset_ppm, terms.offset_floor_ppm)
    risk_open = risk_with_orders(portfolio, families, opened, terms)
    risk_open += concentration_quantums(portfolio, families, opened)
    added += depeg_quantums(risk, portfolio.settlement_price_e8) + funding_8h(portfolio.holdings)
    careful = at_index = haircut = 0
    for part in portfolio.backing:
        careful += part.value_quantums
        at_index += part.index_value_quantums
        haircut += multiply_ppm_up(part.value_quantums, part.haircut_ppm)
    backing_quantums = portfolio.cash_quantums + careful
    return Health(
        cash_quantums=portfolio.cash_quantums,
        equity_quantums=backing_quantums + marked,
        index_equity_quantums=backing_quantums + indexed,
        solvency_quantums=portfolio.cash_quantums + at_index + indexed,
        backing_quantums=backing_quantums,
        unrealised_quantums=marked,
        risk_quantums=risk,
        risk_open_quantums=risk_open,
        haircut_quantums=haircut,
        initial_quantums=multiply_ppm_up(risk_open, terms.initial_ppm) + haircut + added,
        maintenance_quantums=multiply_ppm_up(risk, terms.maintenance_ppm) + haircut + exit_fees,
        delta_quantums=sum(abs(family.net_quantums) for family in families),
    )


def risk_without_orders(portfolio: Portfolio, terms: ScheduleTerms) -> int:
    """Return R alone, as `health` says it."""
    parts = [family_part(family) for family in families_of(portfolio)]
    return risk_of(parts, terms.offset_ppm, terms.offset_floor_ppm)


def exit_fee_quantums(line: Line, lots: int) -> int:
    """Return what closing so many lots at the mark pays as a taker. Rounds: up."""
    return divide_up(lots * line.exit_fee_ppm * line.mark_value_quantums, PPM)


def funding_8h(holdings: tuple[Holding, ...]) -> int:
    """Return what an account pays of funding in eight hours at today's rates, at least 0.

    Each holding at the worst of nothing, all buys and all sells filled.  Rounds: up.
    """
    paid_quantums = 0
    for one in holdings:
        if one.rate_8h_e9:
            lot = one.rate_8h_e9 * one.line.index_value_quantums
            size, resting = one.size_lots, one.resting
            sizes = (size, size + resting.buy_lots, size - resting.sell_lots)
            paid_quantums += divide_up(max(lots * lot for lots in sizes), E9)
    return max(0, paid_quantums)


def depeg_quantums(risk_quantums: int, settlement_price_e8: int) -> int:
    """Return what a settlement asset below 0.99 adds to initial margin. Rounds: up.

    >>> depeg_quantums(1_000_000, 98_000_000), depeg_quantums(1_000_000, 99_500_000)
    (40000, 0)
    """
    below_e8 = max(0, DEPEG_FROM_E8 - settlement_price_e8)
    return divide_up(risk_quantums * DEPEG_FACTOR * below_e8, PAR_E8)


def risk_with_orders(
    portfolio: Portfolio, families: list[Family], parts: list[Part], terms: ScheduleTerms
) -> int:
    """Return the risk with resting orders: every family alone unless all feeds are normal.

    What is about to be scanned further counts so much more already.
    """
    parts = grown(portfolio, families, parts)
    sharing = [one.name for one in families if one.terms.offsets or one.terms.moves_with]
    trusts = [portfolio.uncertainty.get(name) for name in sharing]
    if all(trust is not None and trust.is_normal for trust in trusts):
        return risk_of(parts, terms.offset_ppm, terms.offset_floor_ppm)
    alone = [
        part._replace(moves_with=family.name) for family, part in zip(families, parts, strict=True)
    ]
    return risk_of(alone, 0, PPM)


def grown(portfolio: Portfolio, families: list[Family], parts: list[Part]) -> list[Part]:
    """Return parts with what their families' ranges are about to grow by."""
    trusts = [portfolio.uncertainty.get(family.name) for family in families]
    if all(trust is None or trust.growth_ppm == PPM for trust in trusts):
        return parts
    return [
        part if trust is None else part._replace(growth_ppm=trust.growth_ppm)
        for part, trust in zip(parts, trusts, strict=True)
    ]
