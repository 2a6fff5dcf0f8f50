"""From what an account holds to its next slice: what may leave, and which of it goes first.

What cannot be reduced now, or is valued by an invalid feed, stays; the rest goes, first of it
what somebody may open now and so take over.

Source: docs/specs/liquidation.md, LIQ-010 to LIQ-019.
"""

from typing import NamedTuple

from chain.kit import View
from chain.modules.ledger.balances import balance_of
from derivatives.accounts.collateral import compartment_terms
from derivatives.accounts.state import COLLATERAL
from derivatives.ids import AccountId, InstrumentId
from derivatives.instruments.terms import (
    is_synthetic,
    matches_continuously,
    may_open,
    may_reduce,
    may_take_over,
)
from derivatives.liquidation.permission import is_doubted
from derivatives.liquidation.slices import (
    TENTHS,
    Cut,
    Requirement,
    Slice,
    best_single,
    bundle_of,
    largest_gain,
    part_of,
)
from derivatives.margin.account import (
    Standing,
    assets_of,
    portfolio_of,
    schedule_terms,
    standing_of,
    value_of,
)
from derivatives.margin.charges.held import Backing, Holding, Portfolio
from derivatives.margin.risk import Health, health
from derivatives.margin.state import ScheduleTerms
from derivatives.oracle.state import PRICES


class Pledge(NamedTuple):
    """What an account has of one collateral asset other than cash."""

    asset: str
    amount_quantums: int
    feed: str
    haircut_ppm: int
    backing: Backing


class Whole(NamedTuple):
    """Everything that decides about slices of an account: no orders, since they are gone."""

    standing: Standing
    terms: ScheduleTerms
    settlement: str
    portfolio: Portfolio
    pledges: tuple[Pledge, ...]
    health: Health


def whole_of(view: View, account: AccountId) -> Whole:
    """Return an account as slices are chosen from it."""
    standing = standing_of(view, account)
    assert standing is not None, f"no account {account}"
    terms = schedule_terms(view, standing.compartment, standing.schedule)
    settlement = compartment_terms(view, standing.compartment).settlement_asset
    portfolio = portfolio_of(view, account, standing, with_orders=False)
    pledges = _pledges_of(view, account, standing, settlement, portfolio.backing)
    return Whole(standing, terms, settlement, portfolio, pledges, health(portfolio, terms))


def _pledges_of(
    view: View,
    account: AccountId,
    standing: Standing,
    settlement: str,
    backing: tuple[Backing, ...],
) -> tuple[Pledge, ...]:
    """Return what is behind each part of the backing, in its order."""
    found = []
    parts = iter(backing)
    for asset in assets_of(view, standing.compartment):
        amount_quantums = 0 if asset == settlement else balance_of(view, account, asset)
        terms = view.get(COLLATERAL, (standing.compartment, asset))
        if amount_quantums <= 0 or terms is None or view.get(PRICES, terms.feed) is None:
            continue
        part = next(parts)
        found.append(Pledge(asset, amount_quantums, terms.feed, terms.haircut_ppm, part))
    return tuple(found)


def cut_of(view: View, pledge: Pledge, amount_quantums: int, settlement: str) -> Cut:
    """Return an amount of a pledge, and what the asset counts for without it."""
    price = view.get(PRICES, pledge.feed)
    assert price is not None
    left_quantums = pledge.amount_quantums - amount_quantums
    careful_e8 = min(price.price_e8, price.average_5m_e8)
    after = pledge.backing._replace(
        value_quantums=value_of(view, pledge.asset, left_quantums, careful_e8, settlement),
        index_value_quantums=value_of(
            view, pledge.asset, left_quantums, price.price_e8, settlement
        ),
    )
    return Cut(pledge.asset, amount_quantums, pledge.backing, after)


def movable(view: View, whole: Whole, *, in_book: bool = False) -> tuple[Holding, ...]:
    """Return the positions that may shrink now, by instrument; in the book, where orders meet."""
    return tuple(
        one
        for one in whole.portfolio.holdings
        if may_reduce(view, one.line.instrument)
        and not is_doubted(view, one.line.family)
        and not (in_book and not _meets(view, one.line.instrument))
    )


def _meets(view: View, instrument_id: InstrumentId) -> bool:
    """Return whether an instrument has a book in which orders meet as they come."""
    return matches_continuously(view, instrument_id) and not is_synthetic(view, instrument_id)


def _by_takers(
    view: View, positions: tuple[Holding, ...], *, in_book: bool
) -> list[tuple[Holding, ...]]:
    """Return the positions that anybody may take over, then all with those that only close."""
    may_grow = may_open if in_book else may_take_over
    taken = tuple(one for one in positions if may_grow(view, one.line.instrument))
    return [taken, positions] if 0 < len(taken) < len(positions) else [positions]


def next_slice(view: View, account: AccountId) -> Slice | None:
    """Return what is taken next of an account, None where nothing that may leave helps."""
    return slice_of(view, whole_of(view, account))


def slice_of(
    view: View, whole: Whole, loss_max_quantums: int = 0, *, in_book: bool = False
) -> Slice | None:
    """Return what is taken next of an account as it is, by a keeper or in the book.

    No slice is chosen whose legs at the mark leave S' < -loss_max_quantums.
    """
    requirement = Requirement(whole.portfolio, whole.terms)
    spare_quantums = whole.health.solvency_quantums + loss_max_quantums
    for positions in _by_takers(view, movable(view, whole, in_book=in_book), in_book=in_book):
        found = _slice_among(view, whole, requirement, positions, spare_quantums)
        if found is not None:
            return found
    return None


def _slice_among(
    view: View,
    whole: Whole,
    requirement: Requirement,
    positions: tuple[Holding, ...],
    spare_quantums: int,
) -> Slice | None:
    """Return the best of these positions, else the least of them with collateral that pays."""
    single = best_single(requirement, positions, spare_quantums)
    if single is not None:
        return single
    pledges = [pledge for pledge in whole.pledges if not is_doubted(view, pledge.feed)]
    for tenths_count in range(1, TENTHS + 1):
        cuts = [
            cut_of(view, pledge, part_of(pledge.amount_quantums, tenths_count), whole.settlement)
            for pledge in pledges
        ]
        bundle = bundle_of(requirement, positions, cuts, tenths_count)
        if bundle.release_quantums > 0 and bundle.gain_quantums >= -spare_quantums:
            return bundle
    return None


def gain_slice(view: View, whole: Whole, *, in_book: bool = False) -> Slice | None:
    """Return a tenth of the position with the largest unrealised gain, None where none has."""
    requirement = Requirement(whole.portfolio, whole.terms)
    for positions in _by_takers(view, movable(view, whole, in_book=in_book), in_book=in_book):
        found = largest_gain(requirement, positions, whole.health.solvency_quantums)
        if found is not None:
            return found
    return None
