"""Why an account may be taken from, since when, and when it is enough.

    below     flagged, and below maintenance now at marks and at the index
              until E >= MM + recovery_ppm of R
    by gain   it owes cash beyond its limit and has no collateral left
              until its cash is not below zero

What it gives on top of a slice at the mark:

    ramp      = min(limit, start + second x seconds since it could begin)
    allowance = floor(max(0, min(E, S, MM)) x release / MM x ramp), at most S after the legs

It is at most the release, and at most the release's share of equity: so equity over
requirement never falls, and one account or many of the same whole give the same.

Source: docs/specs/liquidation.md, LIQ-001 to LIQ-009 and LIQ-020 to LIQ-029.
"""

from typing import NamedTuple

from chain.kit import PPM, Refusal, View, divide_down, multiply_ppm_up
from chain.kit.holder import text_of_holder
from derivatives.accounts.state import ACCOUNTS
from derivatives.ids import AccountId, CompartmentId, FeedId
from derivatives.instruments.state import INSTRUMENTS
from derivatives.instruments.terms import feeds_of as feeds_of_instrument
from derivatives.liquidation import reasons
from derivatives.liquidation.choice import Whole, gain_slice, slice_of, whole_of
from derivatives.liquidation.permission import feeds_refusal, grace_until_ms, is_doubted
from derivatives.liquidation.slices import Slice
from derivatives.liquidation.state import CONVERTING, LIQUIDATION_TERMS, LiquidationTerms
from derivatives.margin.hooks import is_below

SECOND_MS = 1_000


def ramp_ppm(terms: LiquidationTerms, elapsed_ms: int) -> int:
    """Return the share of the most that an account gives so long after it could begin.

    Rounds: down.

    >>> terms = LiquidationTerms(100_000, 30_000, 750_000, 0, 0, 0, 0, 0)
    >>> [ramp_ppm(terms, ms) for ms in (0, 500, 2_000, 60_000)]
    [100000, 115000, 160000, 750000]
    """
    grown_ppm = divide_down(terms.ramp_second_ppm * max(0, elapsed_ms), SECOND_MS)
    return min(terms.ramp_limit_ppm, terms.ramp_start_ppm + grown_ppm)


def allowance_quantums(
    *,
    least_quantums: int,
    maintenance_quantums: int,
    release_quantums: int,
    share_ppm: int,
    solvency_after_quantums: int,
) -> int:
    """Return what a slice may cost its account, in quantums.

    `least_quantums` is min(E, S, MM), `solvency_after_quantums` S after the legs alone.
    A slice that frees nothing, of an account without equity, costs nothing.

    Rounds: down.

    >>> allowance_quantums(least_quantums=900, maintenance_quantums=1_000, release_quantums=100,
    ...                    share_ppm=100_000, solvency_after_quantums=900)
    9
    """
    if maintenance_quantums <= 0 or least_quantums <= 0 or release_quantums <= 0:
        return 0
    assert least_quantums <= maintenance_quantums
    most = divide_down(least_quantums * release_quantums * share_ppm, maintenance_quantums * PPM)
    return max(0, min(most, solvency_after_quantums))


class Case(NamedTuple):
    """An account that may be taken from: why, and since when the ramp counts."""

    by_gain: bool
    since_ms: int
    since_height: int


class Stand(NamedTuple):
    """How an account stands, what of it counts at its worst, and when it is enough."""

    whole: Whole
    doubted_quantums: int
    recovered_quantums: int

    @property
    def equity_quantums(self) -> int:
        """Return margin equity, what an invalid feed values at its worst."""
        return self.whole.health.equity_quantums - self.doubted_quantums

    @property
    def least_quantums(self) -> int:
        """Return min(E, S, MM), of which an allowance is a part."""
        found = self.whole.health
        solvency = found.solvency_quantums - self.doubted_quantums
        return min(self.equity_quantums, solvency, found.maintenance_quantums)

    def is_below(self) -> bool:
        """Return whether the account is liquidatable at this moment."""
        found = self.whole.health
        judged = found._replace(
            equity_quantums=self.equity_quantums,
            index_equity_quantums=found.index_equity_quantums - self.doubted_quantums,
        )
        return is_below(judged)

    def is_enough(self, case: Case) -> bool:
        """Return whether nothing more is taken."""
        if case.by_gain:
            return self.whole.health.cash_quantums >= 0
        return self.equity_quantums >= self.recovered_quantums


class Offer(NamedTuple):
    """The next slice of an account, and what it may cost it now."""

    slice: Slice
    share_ppm: int
    allowance_quantums: int


def liquidation_terms(view: View, compartment: CompartmentId) -> LiquidationTerms:
    """Return how a compartment closes accounts."""
    terms = view.get(LIQUIDATION_TERMS, compartment)
    assert terms is not None, f"no liquidation terms of {compartment}"
    return terms


def feeds_of(view: View, whole: Whole) -> tuple[FeedId, ...]:
    """Return the feeds that an account needs, ascending: of what is dated also the underlying's.

    They are those that a withdrawal needs.
    """
    feeds = {pledge.feed: None for pledge in whole.pledges}
    for one in whole.portfolio.holdings:
        name = one.line.instrument
        instrument = view.get(INSTRUMENTS, name)
        assert instrument is not None, f"{name} is held and not listed"
        feeds |= dict.fromkeys(feeds_of_instrument(view, name, instrument))
    return tuple(sorted(feeds))


def stand_of(view: View, account: AccountId) -> Stand:
    """Return how an account stands."""
    whole = whole_of(view, account)
    doubted_quantums = 0
    for one in whole.portfolio.holdings:
        if is_doubted(view, one.line.family):
            gone = one.entry_value_quantums + one.owed_quantums
            doubted_quantums += max(0, one.size_lots * one.line.mark_value_quantums - gone)
    for pledge in whole.pledges:
        if is_doubted(view, pledge.feed):
            doubted_quantums += pledge.backing.value_quantums
    found = whole.health
    recovered = multiply_ppm_up(found.risk_quantums, whole.terms.recovery_ppm)
    return Stand(whole, doubted_quantums, found.maintenance_quantums + recovered)


def case_of(view: View, account: AccountId, stand: Stand, time_ms: int) -> Case | Refusal:
    """Return why an account may be taken from now, or why not.

    In order: liquidation.not_flagged, .not_liquidatable, .feed_waits.
    """
    record = view.get(ACCOUNTS, account)
    assert record is not None, f"no account {account}"
    converting = view.get(CONVERTING, account)
    found = stand.whole.health
    if record.flagged_ms and stand.is_below():
        case = Case(by_gain=False, since_ms=record.flagged_ms, since_height=record.flagged_height)
    elif converting is not None and found.cash_quantums < 0 and not stand.whole.pledges:
        case = Case(
            by_gain=True, since_ms=converting.since_ms, since_height=converting.since_height
        )
    elif record.flagged_ms or converting is not None:
        return Refusal(
            reasons.NOT_LIQUIDATABLE,
            account=text_of_holder(account),
            equity_quantums=stand.equity_quantums,
            maintenance_quantums=found.maintenance_quantums,
        )
    else:
        return Refusal(reasons.NOT_FLAGGED, account=text_of_holder(account))
    feeds = feeds_of(view, stand.whole)
    refusal = feeds_refusal(view, feeds, time_ms)
    if refusal is not None:
        return refusal
    return case._replace(since_ms=max(case.since_ms, grace_until_ms(view, feeds)))


def offer_of(
    view: View, case: Case, stand: Stand, time_ms: int, *, in_book: bool = False
) -> Offer | None:
    """Return the next slice of an account and its price now, None where nothing may leave."""
    whole, choose = stand.whole, gain_slice if case.by_gain else slice_of
    found = choose(view, whole, in_book=in_book)
    if found is None:
        return None
    terms = liquidation_terms(view, whole.standing.compartment)
    share_ppm = ramp_ppm(terms, time_ms - case.since_ms)
    allowance = allowance_quantums(
        least_quantums=stand.least_quantums,
        maintenance_quantums=whole.health.maintenance_quantums,
        release_quantums=found.release_quantums,
        share_ppm=share_ppm,
        solvency_after_quantums=whole.health.solvency_quantums + found.gain_quantums,
    )
    return Offer(found, share_ppm, allowance)
