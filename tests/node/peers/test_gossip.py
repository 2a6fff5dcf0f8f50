"""GOSSIP-004 to GOSSIP-008: what was submitted here goes out once, in batches; lies are charged."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import trio
import trio.testing

from node.admission import Gossiped
from node.peers.batch import batches_of, transactions_of
from node.peers.gossip import (
    AGAIN_EVERY_S,
    FORGED_TRANSACTION,
    OUTBOX_MAX_BYTES,
    UNREADABLE_BATCH,
    TransactionGossip,
    transaction_topic,
)

CHAIN = bytes([9]) * 32


@dataclass
class Sent:
    """As much of a transaction as gossip looks at."""

    data: bytes

    @property
    def id(self) -> bytes:
        return b"id of " + self.data


@dataclass
class Street:
    """What was published and charged; deliveries are put in by hand."""

    published: list[tuple[str, bytes]] = field(default_factory=list)
    charged: list[tuple[str, str]] = field(default_factory=list)
    passed_on: list[tuple[str, str, bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.deliver, self.deliveries = trio.open_memory_channel[Any](10)

    def subscribe(self, topic: str) -> Any:
        return self.deliveries

    async def publish(self, topic: str, data: bytes) -> None:
        self.published.append((topic, data))

    async def pass_on(self, topic: str, author: str, data: bytes) -> None:
        self.passed_on.append((topic, author, data))

    def charge(self, peer: str, offence: str) -> None:
        self.charged.append((peer, offence))


@dataclass
class Door:
    """Takes everything but what begins with `false`."""

    taken: list[bytes] = field(default_factory=list)

    calls_count: int = 0

    async def submit_batches(self, batches: list[tuple[bytes, ...]]) -> list[Gossiped]:
        self.calls_count += 1
        return [self._taken(batch) for batch in batches]

    def _taken(self, batch: tuple[bytes, ...]) -> Gossiped:
        good = [data for data in batch if not data.startswith(b"false")]
        self.taken += good
        return Gossiped(len(good), 0, len(batch) - len(good))


def gossip_of(
    street: Street, door: Door, waiting: Callable[[bytes], bool] = lambda _: False
) -> TransactionGossip:
    return TransactionGossip(street, door, CHAIN, waiting)  # type: ignore[arg-type]


async def test_what_was_submitted_here_is_published_in_one_batch(autojump_clock: Any) -> None:
    street = Street()
    gossip = gossip_of(street, Door())

    async with trio.open_nursery() as nursery:
        await nursery.start(gossip.run)
        gossip.admitted([Sent(b"one"), Sent(b"two")], local=True)  # type: ignore[list-item]
        await trio.sleep(1)
        nursery.cancel_scope.cancel()

    assert [transaction_topic(CHAIN)] == [topic for topic, _ in street.published]
    assert (b"one", b"two") == transactions_of(street.published[0][1])


async def test_what_came_from_others_is_not_published_again(autojump_clock: Any) -> None:
    street = Street()
    gossip = gossip_of(street, Door())

    async with trio.open_nursery() as nursery:
        await nursery.start(gossip.run)
        gossip.admitted([Sent(b"theirs")], local=False)  # type: ignore[list-item]
        await trio.sleep(1)
        nursery.cancel_scope.cancel()

    assert [] == street.published


async def test_many_submissions_share_batches_a_tenth_of_a_second_apart(
    autojump_clock: Any,
) -> None:
    street = Street()
    gossip = gossip_of(street, Door())

    async with trio.open_nursery() as nursery:
        await nursery.start(gossip.run)
        for number in range(100):
            gossip.admitted([Sent(b"%d" % number)], local=True)  # type: ignore[list-item]
            await trio.sleep(0.001)
        await trio.sleep(1)
        nursery.cancel_scope.cancel()

    assert len(street.published) <= 4
    assert 100 == sum(len(transactions_of(data)) for _, data in street.published)


async def test_few_submissions_wait_a_fiftieth_of_a_second_at_most(autojump_clock: Any) -> None:
    # GOSSIP-004
    street = Street()
    gossip = gossip_of(street, Door())

    async with trio.open_nursery() as nursery:
        await nursery.start(gossip.run)
        for number in range(10):
            gossip.admitted([Sent(b"%d" % number)], local=True)  # type: ignore[list-item]
            await trio.sleep(0.021)
        published_count = len(street.published)
        nursery.cancel_scope.cancel()

    assert 10 == published_count


async def test_only_a_batch_without_offence_is_passed_on(autojump_clock: Any) -> None:
    # GOSSIP-010
    street = Street()
    gossip = gossip_of(street, Door())
    (good,), (bad,) = batches_of([b"good"]), batches_of([b"good", b"false"])

    async with trio.open_nursery() as nursery:
        await nursery.start(gossip.run)
        await street.deliver.send([("one", good), ("two", bad), ("three", b"\xc0")])
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()

    assert [(transaction_topic(CHAIN), "one", good)] == street.passed_on


async def test_a_full_outbox_takes_no_more(autojump_clock: Any) -> None:
    street = Street()
    gossip = gossip_of(street, Door())
    piece = bytes(16_000)

    gossip.admitted([Sent(piece)] * 1_000, local=True)  # type: ignore[list-item]
    async with trio.open_nursery() as nursery:
        await nursery.start(gossip.run)
        await trio.sleep(1)
        nursery.cancel_scope.cancel()

    published_bytes = sum(len(data) for _, data in street.published)
    assert OUTBOX_MAX_BYTES - 2 * len(piece) < published_bytes < OUTBOX_MAX_BYTES + 64_000


async def test_what_waits_on_is_said_again_in_other_bytes(autojump_clock: Any) -> None:
    street, waiting = Street(), {b"id of slow"}
    gossip = gossip_of(street, Door(), waiting.__contains__)

    async with trio.open_nursery() as nursery:
        await nursery.start(gossip.run)
        gossip.admitted([Sent(b"slow"), Sent(b"quick")], local=True)  # type: ignore[list-item]
        await trio.sleep(2.2 * AGAIN_EVERY_S)
        said_again = [transactions_of(data) for _, data in street.published]
        waiting.clear()
        await trio.sleep(10 * AGAIN_EVERY_S)
        nursery.cancel_scope.cancel()

    assert [(b"slow", b"quick"), (b"slow",)] == said_again
    assert 2 == len(street.published) == len({data for _, data in street.published})


async def test_others_batches_come_to_the_door(autojump_clock: Any) -> None:
    street, door = Street(), Door()

    async with trio.open_nursery() as nursery:
        await nursery.start(gossip_of(street, door).run)
        await street.deliver.send([("peer", next(batches_of([b"a", b"b"])))])
        await trio.sleep(1)
        nursery.cancel_scope.cancel()

    assert [b"a", b"b"] == door.taken
    assert [] == street.charged


async def test_messages_that_wait_are_heard_together_up_to_a_threads_worth(
    autojump_clock: Any,
) -> None:
    # GOSSIP-011
    street, door = Street(), Door()
    many = [b"%d" % number for number in range(400)]

    async with trio.open_nursery() as nursery:
        for batch in (many, many, many):
            await street.deliver.send([("peer", next(batches_of(batch)))])
        await nursery.start(gossip_of(street, door).run)
        await trio.sleep(1)
        nursery.cancel_scope.cancel()

    assert (1_200, 2) == (len(door.taken), door.calls_count)


async def test_who_publishes_what_no_honest_node_does_is_charged(autojump_clock: Any) -> None:
    street, door = Street(), Door()

    async with trio.open_nursery() as nursery:
        await nursery.start(gossip_of(street, door).run)
        await street.deliver.send([("vandal", b"\xff"), ("liar", next(batches_of([b"false"])))])
        await trio.sleep(1)
        nursery.cancel_scope.cancel()

    assert [("vandal", UNREADABLE_BATCH), ("liar", FORGED_TRANSACTION)] == street.charged
