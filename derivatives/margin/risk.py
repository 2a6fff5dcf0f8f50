"""From what an account holds to what it must have: pure sums over plain values.

    R       = sum over families of scan + basis, less what they offset, without resting orders
    R_open  = the same with resting orders, and concentration
    IM      = ceil(R_open x initial_ppm) + H + dispersion + depeg
              + max(0, funding of 8 h) + exit fees with resting orders
    MM      = ceil(R x maintenance_ppm) + H + exit fees

    scan    = max(0, max over s of w_s x (sum of size x loss[s] + 2 x sum of |size|))
    basis   = ceil(basis_ppm x |sum of size x value|)

With resting orders every scenario gets, for each instrument and side, what filling all of
the side could lose in it and no credit where it gains; every |x| of an add-on is the worse
of all buys and all sells filled.

Source: docs/specs/margin.md, MARG-030 to MARG-049.
"""

from typing import NamedTuple

from chain.kit import PPM, divide_down, divide_up, multiply_ppm_up
from derivatives.margin.kernel.twin import BRACKET_QUANTUMS, Part, risk_of, sums_of
from derivatives.margin.rows import (
    COLLATERAL_LOT_QUANTUMS,
    Line,
    collateral_losses,
    concentration_ppm,
)
from derivatives.margin.state import FamilyTerms, ScheduleTerms

E9 = 10**9
PAR_E8 = 10**8
DEPEG_FROM_E8 = 99_000_000
DEPEG_FACTOR = 4


class Resting(NamedTuple):
    """Both sides of an account's resting orders in one instrument.

    `*_excess_quantums` is at least what the side pays worse than the mark, if filled.
    """

    buy_lots: int
    sell_lots: int
    buy_excess_quantums: int
    sell_excess_quantums: int


NOTHING_RESTING = Resting(0, 0, 0, 0)


class Holding(NamedTuple):
    """One instrument of an account: position, funding and resting orders."""

    line: Line
    size_lots: int
    entry_value_quantums: int
    owed_quantums: int
    rate_8h_e9: int
    resting: Resting


class Backing(NamedTuple):
    """One collateral asset of an account: its careful value, its index value, its haircut."""

    family: str
    terms: FamilyTerms
    value_quantums: int
    index_value_quantums: int
    haircut_ppm: int


class Uncertainty(NamedTuple):
    """How far a family's price may be trusted."""

    price_e8: int
    confidence_e8: int
    is_normal: bool


class SignerSums(NamedTuple):
    """What a signer's accounts hold together: |lots| an instrument, |delta| a family."""

    lots: dict[str, int]
    delta_quantums: dict[str, int]


class Portfolio(NamedTuple):
    """Everything that margin looks at of one account.

    `others` is what the signer's other accounts hold; None where there are none.
    """

    cash_quantums: int
    holdings: tuple[Holding, ...]
    backing: tuple[Backing, ...]
    uncertainty: dict[str, Uncertainty]
    settlement_price_e8: int
    others: SignerSums | None


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


class Family(NamedTuple):
    """What an account holds of one underlying, as sizes and rows."""

    name: str
    terms: FamilyTerms
    sizes: list[int]
    rows: list[tuple[int, ...]]
    net_quantums: int
    held: list[Holding]


def families_of(portfolio: Portfolio) -> list[Family]:
    """Return the parts of a portfolio by underlying, ascending."""
    found: dict[str, tuple[FamilyTerms, list[Holding], list[Backing]]] = {}
    for one in portfolio.holdings:
        found.setdefault(one.line.family, (one.line.terms, [], []))[1].append(one)
    for part in portfolio.backing:
        found.setdefault(part.family, (part.terms, [], []))[2].append(part)
    return [_family(name, *found[name]) for name in sorted(found)]


def _family(name: str, terms: FamilyTerms, held: list[Holding], backed: list[Backing]) -> Family:
    sizes = [one.size_lots for one in held]
    rows = [one.line.losses_quantums for one in held]
    net = 0
    for one in held:
        net += one.size_lots * one.line.moving_quantums
    for part in backed:
        sizes.append(collateral_lots(part.value_quantums))
        rows.append(collateral_losses(terms))
        net += part.value_quantums
    return Family(name, terms, sizes, rows, net, held)


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
    delta = concentrated = 0
    closed, opened = [], []
    for family in families:
        most = most_delta(family)
        closed.append(part_of(family))
        opened.append(_open_part(family, closed[-1], most) if _has_orders(family) else closed[-1])
        delta += abs(family.net_quantums)
        concentrated += _delta_concentration(portfolio, family, most)
        trust = portfolio.uncertainty.get(family.name)
        if trust is not None:
            added += divide_up(most * trust.confidence_e8, trust.price_e8)
    risk = risk_of(closed, terms.offset_ppm, terms.offset_floor_ppm)
    risk_open = concentrated + _risk_open(portfolio, families, opened, terms)
    risk_open += sum(_lots_concentration(portfolio, one) for one in portfolio.holdings)
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
        delta_quantums=delta,
    )


def most_lots(one: Holding) -> int:
    """Return the largest size that a holding may come to with all buys or all sells filled."""
    size, resting = one.size_lots, one.resting
    return max(abs(size), abs(size + resting.buy_lots), abs(size - resting.sell_lots))


def most_delta(family: Family) -> int:
    """Return the largest |net delta| of a family with all that adds to it filled, or all else.

    Buying a put takes delta away, and selling one adds.
    """
    up = down = 0
    for one in family.held:
        bought = one.resting.buy_lots * one.line.moving_quantums
        sold = one.resting.sell_lots * one.line.moving_quantums
        up += max(0, bought) + max(0, -sold)
        down += max(0, -bought) + max(0, sold)
    net = family.net_quantums
    return max(abs(net), abs(net + up), abs(net - down))


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


def collateral_lots(value_quantums: int) -> int:
    """Return how many whole lots of 10^6 quantums a collateral's value is."""
    return divide_down(value_quantums, COLLATERAL_LOT_QUANTUMS)


def _weights(terms: FamilyTerms) -> list[int]:
    return [scenario.weight_ppm for scenario in terms.scenarios]


def _has_orders(family: Family) -> bool:
    return any(one.resting is not NOTHING_RESTING for one in family.held)


def part_of(family: Family) -> Part:
    """Return a family's losses without orders, and its basis. Rounds: up."""
    basis = multiply_ppm_up(abs(family.net_quantums), family.terms.basis_ppm)
    weights = _weights(family.terms)
    sums = sums_of(family.sizes, family.rows, len(weights))
    group = family.terms.moves_with or family.name
    return Part(sums, weights, (), basis, group, family.terms.offsets)


def _risk_open(
    portfolio: Portfolio, families: list[Family], parts: list[Part], terms: ScheduleTerms
) -> int:
    """Return the risk with resting orders: every family alone unless all feeds are normal."""
    sharing = [one.name for one in families if one.terms.offsets or one.terms.moves_with]
    trusts = [portfolio.uncertainty.get(name) for name in sharing]
    if all(trust is not None and trust.is_normal for trust in trusts):
        return risk_of(parts, terms.offset_ppm, terms.offset_floor_ppm)
    alone = [
        part._replace(moves_with=family.name) for family, part in zip(families, parts, strict=True)
    ]
    return risk_of(alone, 0, PPM)


def _open_part(family: Family, closed: Part, most_delta_quantums: int) -> Part:
    """Return a family with resting orders: never below any subset of them filled."""
    weights = _weights(family.terms)
    filled = [filling_losses(one, weights) for one in family.held if one.resting != NOTHING_RESTING]
    basis = multiply_ppm_up(most_delta_quantums, family.terms.basis_ppm)
    extra = [sum(losses) for losses in zip(*filled, strict=True)]
    return closed._replace(extra_quantums=extra, added_quantums=basis)


def filling_losses(one: Holding, weights_ppm: list[int]) -> list[int]:
    """Return at least what filling any of the resting orders loses more, in each scenario.

    A side loses all together or gains all together; where it gains, only what it pays worse
    than the mark counts.  Rounds: up.
    """
    buys, sells, buy_excess, sell_excess = one.resting
    excess = buy_excess + sell_excess
    filled = []
    for loss, weight_ppm in zip(one.line.losses_quantums, weights_ppm, strict=True):
        bought = buys * (loss + BRACKET_QUANTUMS) if loss > -BRACKET_QUANTUMS else 0
        sold = sells * (BRACKET_QUANTUMS - loss) if loss < BRACKET_QUANTUMS else 0
        if weight_ppm != PPM:
            bought = multiply_ppm_up(bought, weight_ppm)
            sold = multiply_ppm_up(sold, weight_ppm)
        filled.append(excess + bought + sold)
    return filled


def _delta_concentration(portfolio: Portfolio, family: Family, most_quantums: int) -> int:
    """Return this account's share of what its signer's delta in a family costs. Rounds: up."""
    if not family.held:
        return 0
    others = portfolio.others
    together = most_quantums
    if others is not None:
        together += others.delta_quantums.get(family.name, 0)
    return multiply_ppm_up(most_quantums, concentration_ppm(together, family.terms))


def _lots_concentration(portfolio: Portfolio, one: Holding) -> int:
    """Return this account's share of crossing the spread beyond external depth. Rounds: up."""
    line, own = one.line, most_lots(one)
    others = portfolio.others
    together = own + (0 if others is None else others.lots.get(line.instrument, 0))
    beyond = together - line.external_depth_lots
    if beyond <= 0 or own == 0:
        return 0
    cost = divide_up(line.half_spread_ppm * line.mark_value_quantums * beyond, PPM)
    return divide_up(cost * own, together)
