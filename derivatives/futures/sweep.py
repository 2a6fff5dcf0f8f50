"""Step 9 of a block: positions of what has expired are closed at the settlement price.

Longs and shorts are paired in order of their accounts, lot for lot at one value, so the
books of the house balance after every pair and nobody's equity changes: mark and index are
that price already.  Who loses is debited first.

Bounded by 2,000 closings a block; what is left comes first in the next.

Source: docs/specs/futures.md, FUTU-010 to FUTU-016.
"""

from typing import NamedTuple

from chain.kit import BlockContext, View
from derivatives.accounts.debt import follow
from derivatives.futures.events import PositionSettled
from derivatives.ids import AccountId, InstrumentId
from derivatives.instruments.state import INSTRUMENTS, SETTLEMENTS, Instrument
from derivatives.instruments.terms import payoff_ticks
from derivatives.positions.fill import fill
from derivatives.positions.state import HOLDINGS, OPEN_INTEREST, POSITIONS

CLOSINGS_MAX_COUNT = 2_000


class Expired(NamedTuple):
    """What is closed, and at which price."""

    instrument_id: InstrumentId
    instrument: Instrument
    price_ticks: int

    @property
    def lot_quantums(self) -> int:
        """Return what one lot pays."""
        return self.price_ticks * self.instrument.tick_value_quantums


def sweep_expired(context: BlockContext) -> None:
    """Close what is open in expired instruments, by (instrument, account)."""
    left_count = CLOSINGS_MAX_COUNT
    for key, settlement in tuple(context.state.scan(SETTLEMENTS)):
        if settlement.price_ticks and context.state.get(OPEN_INTEREST, key) is not None:
            instrument = context.state.get(INSTRUMENTS, key)
            assert instrument is not None
            paid = payoff_ticks(context.state, str(key), instrument, settlement.price_ticks)
            expired = Expired(str(key), instrument, paid)
            left_count -= _close(context, expired, left_count)


def _close(context: BlockContext, expired: Expired, most_count: int) -> int:
    """Close pairs of opposite positions; return how many closings that took."""
    longs, shorts = _sides(context.state, expired.instrument_id)
    done_count = 0
    while longs and done_count + 2 <= most_count:
        (long, long_lots), (short, short_lots) = longs[-1], shorts[-1]
        lots = min(long_lots, short_lots)
        sides = [(long, lots), (short, -lots)]
        if _gains(context.state, long, expired):
            sides.reverse()
        for account, size_lots in sides:
            _settle(context, expired, account, size_lots)
        done_count += len(sides)
        _shorten(longs, lots)
        _shorten(shorts, lots)
    return done_count


def _sides(
    view: View, instrument_id: InstrumentId
) -> tuple[list[tuple[AccountId, int]], list[tuple[AccountId, int]]]:
    """Return who is long and who is short, the first account last, each with its lots."""
    longs: list[tuple[AccountId, int]] = []
    shorts: list[tuple[AccountId, int]] = []
    for key, held in view.scan(HOLDINGS):
        if instrument_id in held.instruments:
            position = view.get(POSITIONS, (str(key), instrument_id))
            assert position is not None
            side = longs if position.size_lots > 0 else shorts
            side.append((str(key), abs(position.size_lots)))
    return longs[::-1], shorts[::-1]


def _shorten(side: list[tuple[AccountId, int]], lots: int) -> None:
    account, held_lots = side.pop()
    if held_lots > lots:
        side.append((account, held_lots - lots))


def _gains(view: View, account: AccountId, expired: Expired) -> bool:
    position = view.get(POSITIONS, (account, expired.instrument_id))
    assert position is not None
    return position.size_lots * expired.lot_quantums > position.entry_value_quantums


def _settle(context: BlockContext, expired: Expired, account: AccountId, size_lots: int) -> None:
    """Close some lots of one account at the settlement price, and tell it."""
    state, instrument = context.state, expired.instrument
    position = state.get(POSITIONS, (account, expired.instrument_id))
    assert position is not None
    filled = fill(
        state,
        account,
        instrument,
        expired.instrument_id,
        size_lots=-size_lots,
        value_quantums=-size_lots * expired.lot_quantums,
        funding_index_e18=position.funding_index_e18,
    )
    follow(state, account, instrument.compartment, instrument.quote, context.time_ms)
    context.touch(account)
    context.emit(
        PositionSettled(
            account,
            expired.instrument_id,
            size_lots,
            expired.price_ticks,
            filled.realised_quantums,
        )
    )
