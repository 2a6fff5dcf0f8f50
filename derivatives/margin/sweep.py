"""Margin many accounts at once: their scans through the kernel, all else in exact sums.

Says of every account what `health_of` says of it without resting orders.

Source: docs/specs/margin.md, MARG-075.
"""

from collections.abc import Sequence

from chain.kit import View
from derivatives.ids import AccountId
from derivatives.margin.account import Standing, portfolio_of, schedule_terms, standing_of
from derivatives.margin.kernel.scan import Group, grid_of, worst_losses
from derivatives.margin.risk import Family, Health, Portfolio, families_of, health_from
from derivatives.margin.state import FamilyTerms

Row = tuple[int, ...]


class _Batch:
    """The groups of one schedule's family, with the rows they hold, each once."""

    def __init__(self, terms: FamilyTerms) -> None:
        self.weights_ppm = tuple(scenario.weight_ppm for scenario in terms.scenarios)
        self.rows: dict[Row, int] = {}
        self.groups: list[Group] = []

    def add(self, family: Family) -> int:
        """Return the place of one account's group in this batch."""
        places = [self.rows.setdefault(row, len(self.rows)) for row in family.rows]
        self.groups.append(Group(places, family.sizes))
        return len(self.groups) - 1

    def worst(self) -> list[int]:
        """Return the worst loss of every group."""
        return worst_losses(grid_of(tuple(self.rows), self.weights_ppm), self.groups)


def maintained(view: View, accounts: Sequence[AccountId]) -> list[Health]:
    """Return how each account stands without its resting orders. Rounds: as `health_of`."""
    batches: dict[tuple[str, str, str], _Batch] = {}
    read: list[tuple[Portfolio, Standing, list[Family], list[tuple[_Batch, int]]]] = []
    for account in accounts:
        standing = standing_of(view, account)
        assert standing is not None
        portfolio = portfolio_of(view, account, standing, with_orders=False)
        families = families_of(portfolio)
        places = []
        for family in families:
            key = (standing.compartment, standing.schedule, family.name)
            batch = batches.get(key)
            if batch is None:
                batch = batches[key] = _Batch(family.terms)
            places.append((batch, batch.add(family)))
        read.append((portfolio, standing, families, places))
    answers = {id_of: batch.worst() for id_of, batch in batches.items()}
    found = []
    for portfolio, standing, families, places in read:
        scans = [
            answers[standing.compartment, standing.schedule, family.name][place]
            for family, (_, place) in zip(families, places, strict=True)
        ]
        terms = schedule_terms(view, standing.compartment, standing.schedule)
        found.append(health_from(portfolio, terms, families, scans))
    return found
