"""Tell subscribers what became final, in order, without ever waiting for one of them.

`blocks` is numbered by height; `account:ADDRESS`, `trades:M` and `liquidations` by the node's
stored events: these can be resumed from any number that is still stored.  `tx:ID`, `consensus`,
`book:M` and `mark:M` show how things stand and then each change; they begin with how things
stand now, so there is nothing to resume.

What is told is read from the store after the block is on disk, never from a notice, so that
live messages and resumed ones are the same bytes.

Source: docs/specs/rpc.md, RPC-050 to RPC-056.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from node.rpc import limits, strict_json

BLOCKS = "blocks"
CONSENSUS = "consensus"
LIQUIDATIONS = "liquidations"
TRANSACTION_PREFIX = "tx:"
ACCOUNT_PREFIX = "account:"
TRADES_PREFIX = "trades:"
MARK_PREFIX = "mark:"
BOOK_PREFIX = "book:"
MARKET_PREFIXES = (TRADES_PREFIX, MARK_PREFIX, BOOK_PREFIX)
_EVENT_PREFIXES = (ACCOUNT_PREFIX, TRADES_PREFIX, LIQUIDATIONS)
_LOOK_PREFIXES = (TRANSACTION_PREFIX, MARK_PREFIX, BOOK_PREFIX)


class Kind(Enum):
    """What a message is of its topic."""

    SNAPSHOT = "snapshot"
    DELTA = "delta"
    HEARTBEAT = "heartbeat"


@dataclass(frozen=True)
class Message:
    """One message of a topic, its data already written."""

    seq: int
    height: int
    kind: Kind
    data: bytes


@dataclass(frozen=True)
class ToldEvent:
    """One stored event: its place, how it is shown, and whom it concerns.

    A trade is also shown, as `trade`, to those who follow the trades of its `market`, and
    what is closed by force, as `liquidation`, to those who follow liquidations.
    """

    seq: int
    height: int
    shape: Mapping[str, Any]
    addresses: frozenset[str]
    market: str = ""
    trade: Mapping[str, Any] | None = None
    liquidation: Mapping[str, Any] | None = None

    def topics(self) -> list[str]:
        """Return every topic under which this is told."""
        topics = [ACCOUNT_PREFIX + address for address in self.addresses]
        topics += [TRADES_PREFIX + self.market] if self.market else []
        return [*topics, LIQUIDATIONS] if self.liquidation is not None else topics


class Feed(Protocol):
    """Where messages come from. Every call is short: it runs on the node's loop."""

    def head_height(self) -> int:
        """Return the height of the newest final block."""
        ...

    def block(self, height: int) -> Mapping[str, Any]:
        """Return what is told of one final block."""
        ...

    def oldest_block(self) -> int:
        """Return the lowest height whose block is stored."""
        ...

    def next_event(self) -> int:
        """Return the number that the next event will have."""
        ...

    def events(self, from_seq: int, limit: int) -> Sequence[ToldEvent]:
        """Return stored events from this number on, ascending."""
        ...

    def standing(self) -> Mapping[str, Any]:
        """Return how consensus stands."""
        ...

    def transaction(self, transaction_id: bytes) -> Mapping[str, Any]:
        """Return where a transaction stands."""
        ...

    def mark(self, instrument: str) -> Mapping[str, Any]:
        """Return an instrument's prices."""
        ...

    def book(self, instrument: str) -> Mapping[str, Any]:
        """Return the best prices of an instrument's book."""
        ...


Tell = Callable[["Subscription", Message], None]
"""Takes a message without waiting; what does not fit is the reader's loss, and it is told so."""


class Subscription:
    """One subscription of one WebSocket."""

    def __init__(self, name: str, topic: str, tell: Tell, next_seq: int) -> None:
        self.name = name
        self.topic = topic
        self.tell = tell
        self.next_seq = next_seq
        """The number of the next message; those below it were told."""
        self.last_look: bytes | None = None

    @property
    def is_look(self) -> bool:
        """Whether the topic shows how things stand rather than a numbered past."""
        return _is_look(self.topic)


class Desk:
    """All subscriptions of a node, and how far each of them was told."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._live: dict[str, set[Subscription]] = {}
        self._told_height = feed.head_height()
        self._next_event = feed.next_event()

    @property
    def count(self) -> int:
        """How many subscriptions are live."""
        return sum(len(subscriptions) for subscriptions in self._live.values())

    def open(self, name: str, topic: str, tell: Tell, from_seq: int | None) -> Subscription:
        """Return a subscription that is not live yet: `catch_up` it until it is."""
        return Subscription(name, topic, tell, self._first_seq(topic, from_seq))

    def _first_seq(self, topic: str, from_seq: int | None) -> int:
        if topic == BLOCKS:
            newest = self._feed.head_height() + 1
        elif topic.startswith(_EVENT_PREFIXES):
            newest = self._feed.next_event()
        else:
            return 1
        return newest if from_seq is None else from_seq

    def catch_up(self, subscription: Subscription) -> list[Message]:
        """Return the next messages of the past, at most `limits.REPLAY_ITEMS_COUNT`.

        Once there are none left the subscription is live. Until it is (`is_live`), send them,
        let others run, and ask again: a page may be empty because nothing in it concerns it.
        """
        if subscription.is_look:
            messages, is_end = self._look_at(subscription), True
        else:
            messages, is_end = self._past_of(subscription)
        if is_end and not messages:
            self._live.setdefault(subscription.topic, set()).add(subscription)
        return messages

    def is_live(self, subscription: Subscription) -> bool:
        """Return whether news are told to this subscription as they come."""
        return subscription in self._live.get(subscription.topic, ())

    def heartbeat(self, subscription: Subscription) -> Message:
        """Return the message that says which number was the last."""
        height = self._feed.head_height()
        return Message(subscription.next_seq - 1, height, Kind.HEARTBEAT, b"null")

    def _past_of(self, subscription: Subscription) -> tuple[list[Message], bool]:
        """Return a page of the past and whether it reaches what live telling begins with.

        Live telling goes on where `tell_news` stopped, which may be behind the store.
        """
        if subscription.topic == BLOCKS:
            start = max(subscription.next_seq, self._feed.oldest_block())
            end = min(start + limits.REPLAY_ITEMS_COUNT, self._told_height + 1)
            messages = [self._block_message(height) for height in range(start, end)]
            subscription.next_seq = max(subscription.next_seq, end)
            return messages, end > self._told_height
        start = subscription.next_seq
        page = [
            event
            for event in self._feed.events(start, limits.REPLAY_ITEMS_COUNT)
            if event.seq < self._next_event
        ]
        topic = subscription.topic
        messages = [_event_message(event, topic) for event in page if topic in event.topics()]
        if page:
            subscription.next_seq = page[-1].seq + 1
        return messages, subscription.next_seq >= self._next_event or not page

    def close(self, subscription: Subscription) -> None:
        """End a subscription, live or not."""
        subscriptions = self._live.get(subscription.topic)
        if subscriptions is not None:
            subscriptions.discard(subscription)
            if not subscriptions:
                del self._live[subscription.topic]

    def tell_news(self) -> None:
        """Tell everything that became final since the last time. Never waits."""
        head_height = self._feed.head_height()
        if head_height < self._told_height:
            self._go_back(head_height)
        for height in range(self._told_height + 1, head_height + 1):
            self._told_height = height
            if BLOCKS in self._live:
                self._tell(BLOCKS, self._block_message(height))
        self._tell_events()
        self.tell_looks()

    def _go_back(self, head_height: int) -> None:
        """Begin again below, where a development chain went back to a snapshot."""
        self._told_height = head_height
        self._next_event = min(self._next_event, self._feed.next_event())
        for topic, subscriptions in self._live.items():
            first = head_height + 1 if topic == BLOCKS else self._next_event
            for subscription in subscriptions:
                if not subscription.is_look:
                    subscription.next_seq = min(subscription.next_seq, first)

    def _tell_events(self) -> None:
        end = self._feed.next_event()
        is_watched = any(topic.startswith(_EVENT_PREFIXES) for topic in self._live)
        if not is_watched:
            self._next_event = end
        while self._next_event < end:
            page = self._feed.events(self._next_event, limits.REPLAY_ITEMS_COUNT)
            if not page:
                break
            for event in page:
                self._next_event = event.seq + 1
                for topic in event.topics():
                    if topic in self._live:
                        self._tell(topic, _event_message(event, topic))

    def tell_looks(self) -> None:
        """Tell how things stand to those who were told something else before."""
        for topic in [topic for topic in self._live if _is_look(topic)]:
            for subscription in list(self._live.get(topic, ())):
                for message in self._look_at(subscription):
                    subscription.tell(subscription, message)

    def _look_at(self, subscription: Subscription) -> list[Message]:
        """Return how the topic stands, unless that is what was told last."""
        shape = self._shape_of(subscription.topic)
        # A book that did not change is no news, whatever the height it is looked at.
        told = {name: value for name, value in shape.items() if name != "sequence"}
        compared = strict_json.write(told)
        if compared == subscription.last_look:
            return []
        kind = Kind.SNAPSHOT if subscription.last_look is None else Kind.DELTA
        subscription.last_look = compared
        data = strict_json.write(shape)
        seq, subscription.next_seq = subscription.next_seq, subscription.next_seq + 1
        return [Message(seq, self._feed.head_height(), kind, data)]

    def _shape_of(self, topic: str) -> Mapping[str, Any]:
        """Return how what a topic names stands now."""
        if topic == CONSENSUS:
            return self._feed.standing()
        if topic.startswith(MARK_PREFIX):
            return self._feed.mark(topic.removeprefix(MARK_PREFIX))
        if topic.startswith(BOOK_PREFIX):
            return self._feed.book(topic.removeprefix(BOOK_PREFIX))
        digits = topic.removeprefix(TRANSACTION_PREFIX).removeprefix("0x")
        return self._feed.transaction(bytes.fromhex(digits))

    def _block_message(self, height: int) -> Message:
        return Message(height, height, Kind.DELTA, strict_json.write(self._feed.block(height)))

    def _tell(self, topic: str, message: Message) -> None:
        for subscription in list(self._live.get(topic, ())):
            # It may have begun after what the store holds and before that was told live.
            if message.seq >= subscription.next_seq:
                subscription.next_seq = message.seq + 1
                subscription.tell(subscription, message)


def _is_look(topic: str) -> bool:
    return topic == CONSENSUS or topic.startswith(_LOOK_PREFIXES)


def _event_message(event: ToldEvent, topic: str) -> Message:
    """Return an event as a topic shows it."""
    shape: Mapping[str, Any] | None = event.shape
    if topic.startswith(TRADES_PREFIX):
        shape = event.trade
    elif topic == LIQUIDATIONS:
        shape = event.liquidation
    assert shape is not None, f"{topic} is told of event {event.seq}"
    return Message(event.seq, event.height, Kind.DELTA, strict_json.write(shape))


def notification(subscription: Subscription, message: Message) -> str:
    """Return the text that a WebSocket is sent for one message."""
    head = strict_json.write(
        {
            "subscription": subscription.name,
            "topic": subscription.topic,
            "seq": str(message.seq),
            "height": str(message.height),
            "type": message.kind.value,
        }
    )
    # The data was written once for all readers; it is the last member.
    params = head[:-1] + b',"data":' + message.data + b"}"
    return (b'{"jsonrpc":"2.0","method":"subscription","params":' + params + b"}").decode()
