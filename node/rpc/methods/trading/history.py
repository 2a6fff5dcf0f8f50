"""What happened to the money and the standing of an account.

Source: docs/specs/rpc.md, RPC-122; docs/specs/history.md, HIST-002.
"""

from typing import Any

from msgspec import Struct

from node.history.topics import account_of
from node.rpc import limits
from node.rpc.forms import event_form
from node.rpc.method import Answer, Call, Parameters, method
from node.rpc.methods.trading.given import account_given, known_account
from node.rpc.methods.trading.past import listed
from node.rpc.methods.trading.trades import time_of
from node.rpc.methods.values import Limit, NumberText


class Happened(Struct, frozen=True):
    """One event by its number in `events_list`, and when it happened."""

    seq: NumberText
    height: NumberText
    time_ms: int
    event: dict[str, Any]


class WhichHistory(Parameters, frozen=True):
    """An account, how many events at most, and where an earlier answer stopped."""

    account: str
    limit: Limit = limits.LIST_ITEMS_DEFAULT_COUNT
    cursor: NumberText | None = None


class AccountHistory(Answer, frozen=True):
    """Events, the newest first, and where to go on towards older ones."""

    items: list[Happened]
    next_cursor: NumberText | None
    height: NumberText
    time_ms: int
    finalized: bool


@method(
    "account_getHistory",
    weight=5,
    refusals=("lookup.account_unknown", "node.history_behind"),
)
async def get_history(call: Call, asked: WhichHistory) -> AccountHistory:
    """Return what happened to an account, the newest first.

    Deposits, withdrawals, trades, funding, interest, warnings, liquidation and what it paid of
    other people's losses; orders that met nobody are left out.
    """
    services = call.services
    account = account_given(asked.account)
    known_account(services.state_store.tables, account)
    head = services.finality.head
    page = await listed(services, account_of(account), asked.limit, asked.cursor)
    return AccountHistory(
        items=[
            Happened(
                seq=str(stored.sequence),
                height=str(stored.height),
                time_ms=time_of(services, stored.height),
                event=event_form(
                    services.application, stored.module_number, stored.number, stored.payload
                ),
            )
            for stored in page.events
        ],
        next_cursor=page.next_cursor,
        height=str(head.height),
        time_ms=head.time_ms,
        finalized=True,
    )


METHODS = (get_history,)
