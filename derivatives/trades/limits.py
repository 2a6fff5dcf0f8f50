"""Whether a fill fits an account: its feed permits it, and nothing grows beyond its bound.

A fill that only reduces asks for nothing but that reducing is permitted.

Source: docs/specs/trades.md, TRAD-030 to TRAD-038.
"""

from chain.kit import Refusal, View
from derivatives.accounts.collateral import compartment_terms
from derivatives.accounts.state import ACCOUNTS, MODE_ISOLATED
from derivatives.ids import AccountId, InstrumentId
from derivatives.instruments.state import KIND_SYNTHETIC, Instrument
from derivatives.instruments.terms import may_open, may_reduce, may_take_over
from derivatives.marks.state import MARKS
from derivatives.positions.fill import instruments_held
from derivatives.positions.state import OPEN_INTEREST, POSITION_HOLDERS, POSITIONS, Position
from derivatives.synthetics.reasons import NOT_TRADED
from derivatives.trades import reasons

POSITION_VALUE_QUANTUMS_MAX = 2**56
"""Beyond this the products of a margin calculation leave 64 bits."""


def fit_refusal(
    view: View,
    account: AccountId,
    instrument_id: InstrumentId,
    instrument: Instrument,
    size_lots: int,
    *,
    takes_over: bool = False,
) -> Refusal | None:
    """Return why an account may not be filled by so many signed lots, or None.

    `takes_over`: it asked for a position that is being closed, of which no more is open after.
    In order: trades.reducing_forbidden, synthetics.not_traded, trades.opening_forbidden,
    .compartment_differs, .position_too_large, .account_isolated, .positions_too_many,
    .accounts_too_many.
    """
    if not may_reduce(view, instrument_id):
        return Refusal(reasons.REDUCING_FORBIDDEN, instrument=instrument_id)
    held = view.get(POSITIONS, (account, instrument_id))
    held_lots = 0 if held is None else held.size_lots
    if is_reduction(held_lots, size_lots):
        return None
    if instrument.kind == KIND_SYNTHETIC and held_lots + size_lots > 0:
        return Refusal(NOT_TRADED, instrument=instrument_id)
    may_grow = may_take_over if takes_over else may_open
    if not may_grow(view, instrument_id):
        return Refusal(reasons.OPENING_FORBIDDEN, instrument=instrument_id)
    record = view.get(ACCOUNTS, account)
    if record is not None and record.compartment != instrument.compartment:
        return Refusal(reasons.COMPARTMENT_DIFFERS, compartment=record.compartment)
    mark = view.get(MARKS, instrument_id)
    lot_value = 0 if mark is None else max(mark.index_value_quantums, mark.mark_value_quantums)
    value_quantums = abs(held_lots + size_lots) * lot_value
    if value_quantums > POSITION_VALUE_QUANTUMS_MAX:
        return Refusal(
            reasons.POSITION_TOO_LARGE,
            value_quantums=value_quantums,
            limit_quantums=POSITION_VALUE_QUANTUMS_MAX,
        )
    if held is not None:
        return None
    return _holding_refusal(view, account, instrument)


def is_reduction(held_lots: int, size_lots: int) -> bool:
    """Return whether a fill only brings a position nearer to zero.

    >>> is_reduction(5, -5), is_reduction(5, -6), is_reduction(0, 1)
    (True, False, False)
    """
    return held_lots * size_lots < 0 and abs(size_lots) <= abs(held_lots)


def _holding_refusal(view: View, account: AccountId, instrument: Instrument) -> Refusal | None:
    """Return why an account may not hold one more instrument, or None."""
    listed = instruments_held(view, account)
    record = view.get(ACCOUNTS, account)
    if listed and record is not None and record.mode == MODE_ISOLATED:
        return Refusal(reasons.ACCOUNT_ISOLATED, instrument=listed[0])
    terms = compartment_terms(view, instrument.compartment)
    if len(listed) >= terms.account_positions_max_count:
        return Refusal(reasons.POSITIONS_TOO_MANY, limit_count=terms.account_positions_max_count)
    if not listed:
        holders = view.get(POSITION_HOLDERS, instrument.compartment)
        if holders is not None and holders.accounts_count >= terms.accounts_max_count:
            return Refusal(reasons.ACCOUNTS_TOO_MANY, limit_count=terms.accounts_max_count)
    return None


def growth_refusal(
    view: View, instrument_id: InstrumentId, instrument: Instrument, growth_lots: int
) -> Refusal | None:
    """Return why open interest may not grow by so many lots, or None.

    It may be above its cap where it does not grow.
    """
    if growth_lots <= 0:
        return None
    stored = view.get(OPEN_INTEREST, instrument_id)
    open_lots = growth_lots if stored is None else stored.long_lots + growth_lots
    if open_lots <= instrument.open_interest_cap_lots:
        return None
    return Refusal(
        reasons.OPEN_INTEREST_FULL,
        open_interest_lots=open_lots,
        limit_lots=instrument.open_interest_cap_lots,
    )


def long_growth(held: Position | None, size_lots: int) -> int:
    """Return by how many lots a fill makes the long side of an instrument grow."""
    held_lots = 0 if held is None else held.size_lots
    return max(0, held_lots + size_lots) - max(0, held_lots)
