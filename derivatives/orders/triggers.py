"""Stops and take-profits: no order until the mark reaches their price, then one in its turn.

    stop          a buy when the mark is at or above its price, a sell at or below
    take-profit   the other way round
    turn          by height of the hit, then by order number, 256 in a block

Marks are looked at once in a block, while the instrument trades continuously.

Source: docs/specs/orders.md, ORDR-050 to ORDR-059.
"""

from collections.abc import Iterator
from typing import cast

from chain.kit import BlockContext, Refusal, State, View
from derivatives.ids import InstrumentId
from derivatives.instruments.state import INSTRUMENTS, TRADING_EXPIRED
from derivatives.instruments.terms import matches_continuously, trading_state
from derivatives.marks.state import MARKS
from derivatives.orders.book import enlist, listed, trigger_at, withdraw_trigger
from derivatives.orders.entry import Request, require_tradable, submit, tell_cancelled
from derivatives.orders.events import TriggerHit
from derivatives.orders.matching import Backing, Undoable
from derivatives.orders.state import (
    HITS,
    ORDERS,
    RANK_MAX,
    SIDE_BUY,
    STAGE_HIT,
    STAGE_TRIGGER,
    TRIGGER_STOP,
    TRIGGERS,
    WHEN_AT_OR_ABOVE,
    WHEN_AT_OR_BELOW,
    Place,
    Trigger,
)

HITS_MAX_COUNT = 2_048
TURNS_MAX_COUNT = 256
LOOKED_AT_MAX_COUNT = 4_096
EVENTS_MAX_COUNT = 4_096
LAST_OF_INSTRUMENT = (2**8 - 1, 2**64 - 1, 2**64 - 1)
"""Direction, rank and order number that no trigger of an instrument comes after."""


def direction_of(trigger_kind: int, side: int) -> int:
    """Return whether a trigger waits for the mark to rise or to fall to its price."""
    rises = (trigger_kind == TRIGGER_STOP) == (side == SIDE_BUY)
    return WHEN_AT_OR_ABOVE if rises else WHEN_AT_OR_BELOW


def is_reached(direction: int, trigger_ticks: int, mark_price_ticks: int) -> bool:
    """Return whether a mark is at a trigger's price or beyond it."""
    if direction == WHEN_AT_OR_ABOVE:
        return mark_price_ticks >= trigger_ticks
    return mark_price_ticks <= trigger_ticks


def wait(state: State, instrument_id: InstrumentId, trigger: Trigger) -> None:
    """Let a trigger wait for the mark; the nearest are first in its table."""
    direction = direction_of(trigger.trigger_kind, trigger.side)
    ticks = trigger.trigger_ticks
    rank = ticks if direction == WHEN_AT_OR_ABOVE else RANK_MAX - ticks
    state.put(TRIGGERS, (instrument_id, direction, rank, trigger.order_id), trigger)
    place = Place(STAGE_TRIGGER, instrument_id, direction, rank, trigger.order_id)
    enlist(state, listed(trigger), place)


def watch_marks(context: BlockContext) -> None:
    """Move every trigger that its mark has reached to those that wait for their turn."""
    left_count = HITS_MAX_COUNT
    for instrument_id in waited_for(context.state):
        mark = context.state.get(MARKS, instrument_id)
        if mark is None or not matches_continuously(context.state, instrument_id):
            continue
        for direction in (WHEN_AT_OR_ABOVE, WHEN_AT_OR_BELOW):
            for _, trigger in context.state.scan(TRIGGERS, (instrument_id, direction)):
                ticks = trigger.trigger_ticks
                if not left_count or not is_reached(direction, ticks, mark.mark_price_ticks):
                    break
                left_count -= 1
                _hit(context, instrument_id, trigger, mark.mark_price_ticks)


def waited_for(view: View) -> Iterator[InstrumentId]:
    """Return the instruments in which a trigger waits, ascending: far fewer than are listed."""
    after: tuple[str, int, int, int] | None = None
    while (row := next(iter(view.scan(TRIGGERS, (), after)), None)) is not None:
        key, _ = row
        assert isinstance(key, tuple)
        yield str(key[0])
        after = (str(key[0]), *LAST_OF_INSTRUMENT)


def _hit(
    context: BlockContext, instrument_id: InstrumentId, trigger: Trigger, mark_price_ticks: int
) -> None:
    state, key = context.state, (trigger.account_holder, trigger.order_id)
    place = state.get(ORDERS, key)
    assert place is not None
    state.delete(TRIGGERS, (instrument_id, place.line, place.rank, trigger.order_id))
    state.put(HITS, (context.height, trigger.order_id), trigger)
    hit_place = Place(STAGE_HIT, instrument_id, place.line, context.height, trigger.order_id)
    state.put(ORDERS, key, hit_place)
    context.emit(TriggerHit(trigger.order_id, instrument_id, mark_price_ticks))


def take_turns(context: BlockContext, backing: Backing) -> None:
    """Send the orders of triggers that were hit, the earliest first, up to the bounds.

    One whose instrument does not trade continuously keeps its place and waits; where it
    trades no more, the order is refused and lost.
    """
    told_count = len(context.events)
    turns_count = 0
    for looked_at_count, (key, trigger) in enumerate(context.state.scan(HITS)):
        spent = len(context.events) - told_count >= EVENTS_MAX_COUNT
        if spent or turns_count == TURNS_MAX_COUNT or looked_at_count == LOOKED_AT_MAX_COUNT:
            return
        assert isinstance(key, tuple)
        place = context.state.get(ORDERS, (trigger.account_holder, trigger.order_id))
        assert place is not None
        assert trigger_at(context.state, cast("int", key[1]), place) is trigger
        if _has_its_turn(context.state, place.instrument):
            turns_count += 1
            withdraw_trigger(context.state, trigger, place)
            send(context, place.instrument, trigger, backing)


def _has_its_turn(view: View, instrument_id: InstrumentId) -> bool:
    is_over = trading_state(view, instrument_id) == TRADING_EXPIRED
    return is_over or matches_continuously(view, instrument_id)


def send(
    context: BlockContext, instrument_id: InstrumentId, trigger: Trigger, backing: Backing
) -> None:
    """Send a trigger's order; one that is refused, by the market or by margin, is lost."""
    state, account = context.state, trigger.account_holder
    instrument = state.get(INSTRUMENTS, instrument_id)
    assert instrument is not None
    request = Request(
        order_id=trigger.order_id,
        priority=trigger.order_id,
        account=account,
        instrument_id=instrument_id,
        instrument=instrument,
        side=trigger.side,
        price_ticks=trigger.price_ticks,
        size_lots=trigger.size_lots,
        filled_lots=0,
        time_in_force=trigger.time_in_force,
        post_only=False,
        reduce_only=trigger.reduce_only,
        self_trade=trigger.self_trade,
        client_id=trigger.client_id,
        good_till_ms=trigger.good_till_ms,
        placed_ms=trigger.placed_ms,
        placed_height=trigger.placed_height,
    )
    undoable = cast("Undoable", state)
    mark, told_count = undoable.mark(), len(context.events)
    before = backing.before(state, account)
    try:
        require_tradable(state, request, context.time_ms)
        submit(context, request, backing)
        refusal = backing.refusal(state, account, before)
    except Refusal as refused:
        refusal = refused
    if refusal is not None:
        undoable.rollback(mark)
        del context.events[told_count:]
        tell_cancelled(context, request, trigger.size_lots, refusal.reason.slug)
