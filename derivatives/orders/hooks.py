"""Step 10 of a block: orders end with their time, triggers take their turn, auctions uncross.

Bounded by 2,048 orders that end, 256 triggers and 2,000 meetings in auctions; what a
bound leaves over comes first in the next block.

Source: docs/specs/orders.md, ORDR-044 to ORDR-069.
"""

from itertools import chain, islice
from typing import cast

from chain.kit import BlockContext
from derivatives.ids import InstrumentId
from derivatives.instruments.state import SETTLEMENTS
from derivatives.orders.auction import uncross_all
from derivatives.orders.book import cancel_all, cancel_listed
from derivatives.orders.events import WHY_DEAD_MAN, WHY_EXPIRED
from derivatives.orders.matching import SECTION_FOUR
from derivatives.orders.state import BOOK, DEAD_MEN, DEAD_MEN_DUE, EXPIRIES, TRIGGERS
from derivatives.orders.triggers import take_turns, watch_marks

ENDED_MAX_COUNT = 2_048


def end_orders(context: BlockContext) -> None:
    """Cancel what is good till now or earlier, what silent accounts have, what has expired."""
    ended_count = 0
    for key, expiry in context.state.scan(EXPIRIES):
        assert isinstance(key, tuple)
        good_till_ms, order_id = cast("int", key[0]), cast("int", key[1])
        if good_till_ms > context.time_ms or ended_count == ENDED_MAX_COUNT:
            break
        ended_count += cancel_listed(context, expiry.account_holder, order_id, WHY_EXPIRED)
    for key, due in context.state.scan(DEAD_MEN_DUE):
        if due.deadline_ms > context.time_ms or ended_count >= ENDED_MAX_COUNT:
            break
        assert isinstance(key, tuple)
        account = str(key[1])
        context.state.delete(DEAD_MEN_DUE, key)
        context.state.delete(DEAD_MEN, account)
        ended_count += cancel_all(context, account, "", WHY_DEAD_MAN)
    for key, settlement in context.state.scan(SETTLEMENTS):
        if settlement.price_ticks:
            ended_count += _end_with(context, str(key), ENDED_MAX_COUNT - ended_count)


def _end_with(context: BlockContext, instrument_id: InstrumentId, most_count: int) -> int:
    """Cancel orders and triggers of an expired instrument, so many; return how many."""
    state = context.state
    in_book = ((o.account_holder, o.order_id) for _, o in state.scan(BOOK, (instrument_id,)))
    waiting = ((t.account_holder, t.order_id) for _, t in state.scan(TRIGGERS, (instrument_id,)))
    ending = tuple(islice(chain(in_book, waiting), max(0, most_count)))
    for account, order_id in ending:
        cancel_listed(context, account, order_id, WHY_EXPIRED)
    return len(ending)


def trigger_orders(context: BlockContext) -> None:
    """Let marks reach triggers, and those that were reached become orders."""
    watch_marks(context)
    take_turns(context, SECTION_FOUR)


def end_auctions(context: BlockContext) -> None:
    """Uncross every auction whose time has come."""
    uncross_all(context, SECTION_FOUR)
