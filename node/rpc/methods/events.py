"""What was told: stored events by number, and subscriptions to what comes.

Source: docs/specs/rpc.md, RPC-050 to RPC-056.
"""

import re
from typing import Any

from msgspec import Struct

from chain.crypto.addresses import MalformedAddress, address_from
from node.naming.near import near_name
from node.rpc import limits
from node.rpc.errors import MethodUnknown, ParametersInvalid
from node.rpc.method import Answer, Call, Parameters, Session, method
from node.rpc.methods.feed import told_event
from node.rpc.methods.trading.given import known_instrument
from node.rpc.methods.values import GivenNumber, Limit, NumberText, number_from
from node.rpc.reasons import SUBSCRIPTION_UNKNOWN, TOPIC_UNKNOWN
from node.rpc.refusals import refused
from node.rpc.subscriptions import (
    ACCOUNT_PREFIX,
    BLOCKS,
    CONSENSUS,
    LIQUIDATIONS,
    MARKET_PREFIXES,
    TRANSACTION_PREFIX,
)

_HASH = re.compile(r"0x[0-9a-f]{64}")
TOPICS = (
    BLOCKS,
    CONSENSUS,
    LIQUIDATIONS,
    TRANSACTION_PREFIX + "ID",
    ACCOUNT_PREFIX + "ADDRESS",
    *(prefix + "INSTRUMENT" for prefix in MARKET_PREFIXES),
)


class FromWhere(Parameters, frozen=True):
    """The number of the first event wanted, and how many at most."""

    from_seq: GivenNumber = 0
    limit: Limit = limits.LIST_ITEMS_DEFAULT_COUNT


class EventItem(Struct, frozen=True):
    """One stored event: its number since genesis, where it happened, and its fields."""

    seq: NumberText
    height: NumberText
    index: int
    event: dict[str, Any]


class Events(Answer, frozen=True):
    """Events by number, and the number to go on from."""

    items: list[EventItem]
    next_seq: NumberText
    height: NumberText
    time_ms: int
    finalized: bool


@method("events_list", weight=5)
async def list_events(call: Call, asked: FromWhere) -> Events:
    """Return stored events from a number on; ask again with `next_seq`, which may be the end."""
    services = call.services
    start = number_from(asked.from_seq)
    found = services.storage.events(start, asked.limit)
    head = services.finality.head
    items = [EventItem(**told_event(services, stored)) for stored in found]
    return Events(
        items=items,
        next_seq=str(found[-1].sequence + 1 if found else start),
        height=str(head.height),
        time_ms=head.time_ms,
        finalized=True,
    )


class WhichTopic(Parameters, frozen=True):
    """What to follow, and the first number wanted of what is past."""

    topic: str
    from_seq: GivenNumber | None = None


class Subscribed(Answer, frozen=True):
    """A subscription, and the number of the last message before it."""

    subscription: str
    topic: str
    seq: str


@method(
    "subscribe",
    weight=5,
    refusals=(
        "lookup.topic_unknown",
        "lookup.instrument_unknown",
        "limits.subscriptions_full",
    ),
)
async def subscribe(call: Call, asked: WhichTopic) -> Subscribed:
    """Follow blocks, consensus, a transaction, an account, a market or liquidations, over `/ws`.

    Topics are `blocks`, `consensus`, `tx:ID`, `account:ADDRESS`, `liquidations`, and `trades:M`,
    `mark:M` and `book:M` of an instrument. Messages are notifications `subscription` with
    {subscription, topic, seq, height, type, data}. Blocks are numbered by height; an account's
    events, a market's trades and liquidations by their number in `events_list`: with `from_seq`
    what is past comes first, without gap or repetition. The others begin with how things stand
    and then show each change; there is nothing to resume.
    """
    session = _session(call)
    topic = topic_from(asked.topic)
    prefix, colon, instrument = topic.partition(":")
    if prefix + colon in MARKET_PREFIXES:
        known_instrument(call.services.state_store.tables, instrument)
    from_seq = None if asked.from_seq is None else number_from(asked.from_seq)
    name, seq = await session.subscribe(topic, from_seq)
    return Subscribed(name, topic, str(seq))


class WhichSubscription(Parameters, frozen=True):
    """A subscription of this connection."""

    subscription: str


class Unsubscribed(Answer, frozen=True):
    """The subscription that ended."""

    subscription: str


@method("unsubscribe", refusals=("lookup.subscription_unknown",))
async def unsubscribe(call: Call, asked: WhichSubscription) -> Unsubscribed:
    """End a subscription of this connection; closing the connection ends them all."""
    if not _session(call).unsubscribe(asked.subscription):
        raise refused(SUBSCRIPTION_UNKNOWN, subscription=asked.subscription[:64])
    return Unsubscribed(asked.subscription)


def _session(call: Call) -> Session:
    session = call.caller.session
    if session is None:
        raise MethodUnknown(
            "subscriptions are served over WebSocket alone", hint="connect to /ws of this node"
        )
    return session


def topic_from(text: str) -> str:
    """Return the one form of a topic.

    Refuses: lookup.topic_unknown; ParametersInvalid for an id or an address that is none.
    """
    if text in {BLOCKS, CONSENSUS, LIQUIDATIONS}:
        return text
    prefix, colon, rest = text.partition(":")
    if prefix + colon == TRANSACTION_PREFIX:
        if _HASH.fullmatch(rest) is None:
            raise ParametersInvalid("topic: an id is 0x and 64 digits", field="topic")
        return text
    if prefix + colon == ACCOUNT_PREFIX:
        owner, slash, _ = rest.partition("/")
        if slash:
            raise ParametersInvalid(
                f"topic: {ACCOUNT_PREFIX}{owner[:64]} tells of every account of an address",
                field="topic",
            )
        try:
            address_from(rest)
        except MalformedAddress as fault:
            raise ParametersInvalid(f"topic: {fault}", field="topic") from fault
        return ACCOUNT_PREFIX + rest.lower()
    if prefix + colon in MARKET_PREFIXES:
        return text
    raise refused(TOPIC_UNKNOWN, topic=text[:64], did_you_mean=near_name(text, TOPICS))


METHODS = (list_events, subscribe, unsubscribe)
