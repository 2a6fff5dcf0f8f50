"""Orders that an agent wants to have resting, and whether those that rest are still them.

Source: docs/specs/agents.md, AGT-034 to AGT-037, AGT-081 to AGT-083.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from node.agents.limits import ONE_PPM
from node.agents.seen import AccountSeen, Resting

ENDING_PARTS = 4
"""Orders of whose life less than this part is left are placed anew, before they end."""
THIN_PARTS = 2
"""An order of which less than this part is left is placed anew."""
NEAR_PARTS = 2
"""A dead man of which less than this part is left is set again."""


@dataclass(frozen=True)
class Quote:
    """One order that is wanted."""

    client_id: str
    side: int
    price_ticks: int
    size_lots: int


def is_stale(
    wanted: Sequence[Quote],
    own: Sequence[Resting],
    tolerance_ticks: int,
    tolerance_ppm: int = 0,
) -> bool:
    """Return whether what rests is no longer what is wanted.

    That is: an order lacks or is one too many, has less than half its size left or more than
    it, or is further from its place than the tolerance, some ticks and a share of its price.
    Rounds: the share down.
    """
    placed = {order.client_id: order for order in own}
    if len(placed) != len(own) or set(placed) != {quote.client_id for quote in wanted}:
        return True
    return any(
        _is_off(
            quote,
            placed[quote.client_id],
            tolerance_ticks + tolerance_ppm * quote.price_ticks // ONE_PPM,
        )
        for quote in wanted
    )


def _is_off(quote: Quote, order: Resting, tolerance_ticks: int) -> bool:
    return (
        order.side != quote.side
        or order.remaining_lots > quote.size_lots
        or order.remaining_lots * THIN_PARTS < quote.size_lots
        or abs(order.price_ticks - quote.price_ticks) > tolerance_ticks
    )


def is_ending(
    own: Sequence[Resting], time_ms: int, life_ms: int, parts: int = ENDING_PARTS
) -> bool:
    """Return whether less than this part of its life is left to an order."""
    ends = [order.good_till_ms - time_ms for order in own if order.good_till_ms]
    return any(left_ms * parts < life_ms for left_ms in ends)


def is_dead_man_near(account: AccountSeen, time_ms: int, timeout_ms: int) -> bool:
    """Return whether orders rest whose dead man is to be set again."""
    left_ms = account.dead_man_ms - time_ms
    return bool(account.orders) and left_ms * NEAR_PARTS < timeout_ms
