"""Pages of what happened. Criterion: RPC-119 of docs/specs/rpc.md."""

import pytest

from node.history.topics import trades_of
from node.rpc.errors import ParametersInvalid
from node.rpc.methods.trading.past import listed
from tests.node.rpc.methods.conftest import BTC_PERP, Market


async def test_a_page_says_where_older_ones_begin_and_the_last_one_does_not(
    market: Market,
) -> None:
    services = market.rooms.services
    for lots in (1, 2, 3):
        market.trade("alice", "bob", lots)

    newest = await listed(services, trades_of(BTC_PERP), 2, None)
    rest = await listed(services, trades_of(BTC_PERP), 2, newest.next_cursor)

    assert (2, 1) == (len(newest.events), len(rest.events))
    assert newest.next_cursor == str(newest.events[-1].sequence)
    assert rest.next_cursor is None


async def test_a_cursor_that_nothing_has_yet_is_refused(market: Market) -> None:
    with pytest.raises(ParametersInvalid):
        await listed(market.rooms.services, trades_of(BTC_PERP), 2, "999999")
