"""Step 10 of a block: orders end with their time, triggers take their turn, auctions uncross.

Bounded by 2,048 orders that end, 256 triggers and 2,000 meetings of an auction; what a
bound leaves over comes first in the next block.

Source: docs/specs/orders.md, ORDR-044 to ORDR-069.
"""

from typing import cast

from chain.kit import BlockContext
from derivatives.orders.auction import uncross_all
from derivatives.orders.book import cancel_all, cancel_listed
from derivatives.orders.events import WHY_DEAD_MAN, WHY_EXPIRED
from derivatives.orders.matching import SECTION_FOUR
from derivatives.orders.state import DEAD_MEN, DEAD_MEN_DUE, EXPIRIES
from derivatives.orders.triggers import take_turns, watch_marks

ENDED_MAX_COUNT = 2_048


def end_orders(context: BlockContext) -> None:
    """Cancel what is good till now or earlier, then what silent accounts have open."""
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


def trigger_orders(context: BlockContext) -> None:
    """Let marks reach triggers, and those that were reached become orders."""
    watch_marks(context)
    take_turns(context, SECTION_FOUR)


def end_auctions(context: BlockContext) -> None:
    """Uncross every auction whose time has come."""
    uncross_all(context, SECTION_FOUR)
