"""Add-ons for size and doubt: in initial margin alone, and nothing is offset against them.

    delta   ceil(own x min(limit, ceil(rate x max(0, signer's - threshold) / unit)))
    vega    the same of what volatility's shock comes to, date by date
    lots    half the spread of what a signer holds beyond external depth, by share
    doubt   ceil(|delta| x confidence / price) + ceil(|vega| x dispersion)

Source: docs/specs/margin.md, MARG-035, MARG-041 and MARG-098.
"""

from chain.kit import PPM, divide_up, multiply_ppm_up
from derivatives.margin.charges.filling import most_leaning
from derivatives.margin.charges.held import Family, Holding, Portfolio, fills_of, most_lots
from derivatives.margin.kernel.twin import Part, most_of
from derivatives.margin.rows import concentration_ppm, vega_concentration_ppm


def dispersion_quantums(portfolio: Portfolio, family: Family, part: Part) -> int:
    """Return what doubt about a family's price and volatility adds. Rounds: up."""
    added = 0
    trust = portfolio.uncertainty.get(family.name)
    if trust is not None:
        added = divide_up(most_of([part.rung]) * trust.confidence_e8, trust.price_e8)
    doubts = [one.line.lean.dispersion_ppm for one in family.held if one.line.lean is not None]
    if trust is not None and any(doubts):
        vega = sum(
            one.size_lots * one.line.lean.vega_quantums
            for one in family.held
            if one.line.lean is not None
        )
        most = most_leaning(vega, fills_of(family), lambda lean: lean.vega_quantums)
        added += multiply_ppm_up(most, max(doubts))
    return added


def concentration_quantums(portfolio: Portfolio, families: list[Family], parts: list[Part]) -> int:
    """Return this account's share of what its signer's size costs. Rounds: up."""
    groups: dict[str, list[tuple[Family, Part]]] = {}
    for family, part in zip(families, parts, strict=True):
        if family.held:
            groups.setdefault(family.group, []).append((family, part))
    cost = sum(_lots_concentration(portfolio, one) for one in portfolio.holdings)
    for name, members in groups.items():
        cost += _delta_concentration(portfolio, name, members)
        cost += _vega_concentration(portfolio, name, members)
    return cost


def _delta_concentration(
    portfolio: Portfolio, group: str, members: list[tuple[Family, Part]]
) -> int:
    own = most_of([part.rung for _, part in members])
    others = portfolio.others
    together = own + (0 if others is None else others.delta_quantums.get(group, 0))
    return multiply_ppm_up(own, concentration_ppm(together, members[0][0].terms))


def _vega_concentration(
    portfolio: Portfolio, group: str, members: list[tuple[Family, Part]]
) -> int:
    """Return what is charged on the shocks of volatility of all dates, none against another."""
    found = [
        (vega_quantums(family), family.charges.options)
        for family, _ in members
        if family.leaning is not None and family.charges.options is not None
    ]
    if not found:
        return 0
    others = portfolio.others
    own = sum(vega for vega, _ in found)
    together = own + (0 if others is None else others.vega_quantums.get(group, 0))
    return sum(
        multiply_ppm_up(vega, vega_concentration_ppm(together, terms)) for vega, terms in found
    )


def vega_quantums(family: Family) -> int:
    """Return the most that the shock of volatility may come to in a family, orders included."""
    if family.leaning is None:
        return 0
    net = family.leaning.stressed_quantums
    return most_leaning(net, fills_of(family), lambda lean: lean.stressed_quantums)


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
