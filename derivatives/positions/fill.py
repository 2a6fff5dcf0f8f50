"""Change a position by a fill: size, cost, and the profit that closing realises.

    a fill of q lots at p ticks     value = q x p x tick value, negative for a sale
    opening                         entry + value, nothing is paid
    closing c of n lots             entry_closed = entry x c / n, nearest, ties to even
                                    realised = -(value of the c lots) - entry_closed

Options are paid for instead: the value goes from the account to the house at once, entries
are zero, and the two sides of a trade leave the house with nothing.  What the open lots cost
is kept as a memo, so that people see their profit.

A fill through zero closes all and opens the rest.  What is realised moves between the
house and the account, so the house's balance is always the negated sum of entries,
however `entry_closed` rounds: rounding moves profit in time, never between accounts.

Source: docs/specs/positions.md, POSN-010 to POSN-019.
"""

from bisect import bisect_left
from typing import NamedTuple

from chain.kit import State, View, divide_half_even
from chain.modules.ledger.balances import post
from derivatives.ids import AccountId, InstrumentId, house_of
from derivatives.instruments.state import Instrument
from derivatives.instruments.terms import is_option
from derivatives.positions.state import (
    HOLDINGS,
    OPEN_INTEREST,
    POSITION_HOLDERS,
    POSITIONS,
    PREMIUMS,
    Holdings,
    OpenInterest,
    Position,
    PositionHolders,
    Premium,
)


class FillResult(NamedTuple):
    """What a fill came to: profit moved from the house, the size before and after."""

    realised_quantums: int
    before_lots: int
    after_lots: int


class Filled(NamedTuple):
    """A size and its cost after a fill, with the profit that closing realised."""

    size_lots: int
    entry_value_quantums: int
    realised_quantums: int


def filled(
    held_lots: int, entry_value_quantums: int, size_lots: int, value_quantums: int
) -> Filled:
    """Return what a fill makes of a position, flat or not.

    >>> filled(3, 300, -1, -130)
    Filled(size_lots=2, entry_value_quantums=200, realised_quantums=30)
    """
    after_lots = held_lots + size_lots
    if held_lots == 0 or (held_lots > 0) == (size_lots > 0):
        return Filled(after_lots, entry_value_quantums + value_quantums, 0)
    if abs(size_lots) <= abs(held_lots):
        entry_closed = divide_half_even(entry_value_quantums * abs(size_lots), abs(held_lots))
        left = entry_value_quantums - entry_closed
        return Filled(after_lots, left, -value_quantums - entry_closed)
    # Through zero: all that was held closes at its share of the value, exact at one price.
    closing = divide_half_even(value_quantums * abs(held_lots), abs(size_lots))
    return Filled(after_lots, value_quantums - closing, -closing - entry_value_quantums)


def paid_for(held_lots: int, size_lots: int, value_quantums: int) -> Filled:
    """Return what a fill makes of an option: the account pays the value, nothing is entered.

    >>> paid_for(3, -1, -130)
    Filled(size_lots=2, entry_value_quantums=0, realised_quantums=130)
    """
    return Filled(held_lots + size_lots, 0, -value_quantums)


def position_of(view: View, account: AccountId, instrument_id: InstrumentId) -> Position | None:
    """Return an account's position in an instrument, None when it is flat."""
    return view.get(POSITIONS, (account, instrument_id))


def premium_of(view: View, account: AccountId, instrument_id: InstrumentId) -> int:
    """Return what an account's open lots of an option cost, zero where it holds none."""
    premium = view.get(PREMIUMS, (account, instrument_id))
    return 0 if premium is None else premium.paid_quantums


def instruments_held(view: View, account: AccountId) -> tuple[InstrumentId, ...]:
    """Return the instruments an account holds, ascending."""
    held = view.get(HOLDINGS, account)
    return () if held is None else held.instruments


def fill(
    state: State,
    account: AccountId,
    instrument: Instrument,
    instrument_id: InstrumentId,
    *,
    size_lots: int,
    value_quantums: int,
    funding_index_e18: int,
) -> FillResult:
    """Change an account's position, and move what is realised between house and account.

    Funding is settled before: a position that was open stands at `funding_index_e18`.
    Whoever calls this fills the other side with the same numbers negated.
    """
    assert size_lots != 0
    key = (account, instrument_id)
    held = state.get(POSITIONS, key)
    if held is None:
        before_lots = 0
        after = filled(0, 0, size_lots, value_quantums)
        _hold(state, account, instrument, instrument_id)
    else:
        assert held.funding_index_e18 == funding_index_e18, f"{key}: funding is not settled"
        before_lots = held.size_lots
        after = filled(before_lots, held.entry_value_quantums, size_lots, value_quantums)
    if is_option(instrument):
        after = paid_for(before_lots, size_lots, value_quantums)
        _remember_premium(state, key, before_lots, size_lots, value_quantums)
    after_lots = after.size_lots
    if after_lots:
        position = Position(after_lots, after.entry_value_quantums, funding_index_e18)
        state.put(POSITIONS, key, position)
    else:
        state.delete(POSITIONS, key)
        _release(state, account, instrument, instrument_id)
    long_before = max(0, before_lots)
    long_after = max(0, after_lots)
    if long_after != long_before:
        _move_open_interest(state, instrument_id, long_after - long_before)
    if after.realised_quantums:
        post(
            state,
            debit=house_of(instrument_id),
            credit=account,
            asset=instrument.quote,
            amount_quantums=after.realised_quantums,
        )
    return FillResult(after.realised_quantums, before_lots, after_lots)


def _remember_premium(
    state: State,
    key: tuple[AccountId, InstrumentId],
    before_lots: int,
    size_lots: int,
    value_quantums: int,
) -> None:
    """Keep what the open lots of an option cost, as the entry of a margined position is kept."""
    left = filled(before_lots, premium_of(state, *key), size_lots, value_quantums)
    if left.size_lots:
        state.put(PREMIUMS, key, Premium(left.entry_value_quantums))
    else:
        state.delete(PREMIUMS, key)


def _move_open_interest(state: State, instrument_id: InstrumentId, lots: int) -> None:
    stored = state.get(OPEN_INTEREST, instrument_id)
    long_lots = lots if stored is None else stored.long_lots + lots
    if long_lots:
        state.put(OPEN_INTEREST, instrument_id, OpenInterest(long_lots))
    else:
        state.delete(OPEN_INTEREST, instrument_id)


def _hold(
    state: State, account: AccountId, instrument: Instrument, instrument_id: InstrumentId
) -> None:
    """Add an instrument to what an account holds."""
    held = instruments_held(state, account)
    if not held:
        _count(state, instrument.compartment, 1)
    place = bisect_left(held, instrument_id)
    listed = (*held[:place], instrument_id, *held[place:])
    state.put(HOLDINGS, account, Holdings(listed))


def _release(
    state: State, account: AccountId, instrument: Instrument, instrument_id: InstrumentId
) -> None:
    """Take an instrument out of what an account holds."""
    left = tuple(i for i in instruments_held(state, account) if i != instrument_id)
    if left:
        state.put(HOLDINGS, account, Holdings(left))
    else:
        state.delete(HOLDINGS, account)
        _count(state, instrument.compartment, -1)


def _count(state: State, compartment: str, change: int) -> None:
    stored = state.get(POSITION_HOLDERS, compartment)
    accounts_count = change + (0 if stored is None else stored.accounts_count)
    if accounts_count:
        state.put(POSITION_HOLDERS, compartment, PositionHolders(accounts_count))
    else:
        state.delete(POSITION_HOLDERS, compartment)
