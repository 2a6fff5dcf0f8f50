"""Gossipsub with its dangerous defaults off, delivering lists.

For batches of transactions and headers to followers; consensus does not travel here. Only members
are given a gossip stream.
Source: docs/specs/network.md, NET-070 to NET-078.
"""

from collections import OrderedDict, defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from typing import Any

import trio
from libp2p.custom_types import TProtocol
from libp2p.peer.id import ID
from libp2p.pubsub.gossipsub import GossipSub
from libp2p.pubsub.pubsub import Pubsub

from p2p import limits
from p2p.network import Deliveries, Observer, PeerId, TooLarge
from p2p.score import Bucket

PROTOCOL = "/meshsub/1.1.0"
"""1.2 adds a message for every message, which doubles the CPU."""

Contained = Callable[..., Awaitable[None]]
Charge = Callable[[PeerId, str], None]
IsMember = Callable[[PeerId], bool]


def router() -> Any:
    """Return a gossipsub router as this network needs it.

    The defaults that are not wanted: a heartbeat every 120 s, and "adaptive" ones that slow it
    further; spam protection that silently drops above ten messages a second; peer exchange.
    """
    gossipsub = GossipSub(
        protocols=[TProtocol(PROTOCOL)],
        degree=6,
        degree_low=4,
        degree_high=12,
        heartbeat_initial_delay=0.1,
        heartbeat_interval=1,
        prune_back_off=5,
        do_px=False,
        adaptive_gossip_enabled=False,
        spam_protection_enabled=False,
        eclipse_protection_enabled=False,
    )
    # Only the adaptive mode ever trims this record of times; without it, it grows for ever.
    gossipsub.recent_message_deliveries = defaultdict(lambda: deque(maxlen=1))
    return gossipsub


def publication_of(topic: str, data: bytes) -> bytes:
    """Return what is published as the payload of one frame: `length u8 | topic | data`.

    >>> publication_of("ab", b"c").hex()
    '02616263'
    """
    name = topic.encode()
    return bytes((len(name),)) + name + data


def publication_from(payload: bytes) -> tuple[str, bytes]:
    """Return topic and data of such a payload, or raise `ValueError`."""
    end = 1 + payload[0] if payload else 1
    if len(payload) < end:
        raise ValueError("a publication ends before its topic does")
    return payload[1:end].decode(), payload[end:]


class _Rates:
    """What one forwarder may still send us."""

    def __init__(self, now: float) -> None:
        self.messages = Bucket(limits.GOSSIP_MESSAGES_PER_S, limits.GOSSIP_MESSAGES_PER_S, now)
        self.bytes = Bucket(limits.GOSSIP_BYTES_PER_S, limits.GOSSIP_BYTES_PER_S, now)


class _Buffered:
    """A gossip stream that is read in large pieces: the library asks for single bytes."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._held = b""
        self.muxed_conn = stream.muxed_conn
        self.metric_send_channel = stream.metric_send_channel
        self.reset = stream.reset

    async def read(self, n: int) -> bytes:
        """Return at most `n` bytes, waiting only while none are held."""
        if not self._held:
            self._held = bytes(await self._stream.read(limits.READ_BYTES))
        data, self._held = self._held[:n], self._held[n:]
        return data


class Gossip(Pubsub):  # type: ignore[misc]
    """The library's pubsub, kept from ending the process and from losing messages.

    Its tasks share one nursery, so an exception in one, which a message with an unreadable key
    is enough for, would end all: `push_msg` is contained.
    """

    def __init__(
        self,
        host: Any,
        *,
        counter_start: int,
        topic_limits: Mapping[str, int],
        is_member: IsMember,
        observer: Observer,
        charge: Charge,
        contained: Contained,
    ) -> None:
        """Sign every message, with numbers that begin above `counter_start`."""
        super().__init__(
            host, router(), strict_signing=True, max_inbound_rpc_size=limits.GOSSIP_RPC_MAX_BYTES
        )
        self.counter = counter_start
        self._topic_limits = topic_limits
        self._is_member = is_member
        self._observer = observer
        self._charge = charge
        self._contained = contained
        self._rates: dict[PeerId, _Rates] = {}
        self._seen: OrderedDict[bytes, float] = OrderedDict()
        self._pending: dict[str, list[tuple[PeerId, bytes]]] = {}
        self._more: dict[str, trio.Event] = {}
        self._outlets: dict[str, trio.MemorySendChannel[list[tuple[PeerId, bytes]]]] = {}
        self.delivered_count = 0
        self.dropped_count = 0
        self.refused_count = 0

    # --- what the node asks -----------------------------------------------------------------

    async def send_out(self, topic: str, data: bytes) -> None:
        """Publish a message that was noted."""
        await self.publish(topic, data)

    def note(self, topic: str, data: bytes) -> None:
        """Take what is about to be published for known. Raises `TooLarge`."""
        limit_bytes = self._limit_bytes(topic)
        if len(data) > limit_bytes:
            raise TooLarge(
                f"a message of {len(data)} bytes on {topic} was not sent, at most {limit_bytes} are"
            )
        self._is_news(topic, data)

    def take_publication(self, peer: PeerId, payload: bytes) -> None:
        """Take what a peer published on its link, under the same rules as what is gossiped."""
        try:
            topic, data = publication_from(payload)
        except ValueError:
            self._refuse(peer, "gossip_undecodable")
            return
        if not self._is_within_rates(peer, len(data)):
            return
        if len(data) > self._limit_bytes(topic):
            self._refuse(peer, "gossip_oversize")
        elif self._is_news(topic, data):
            self._put(topic, peer, data)

    def open_outlet(self, topic: str) -> Deliveries:
        """Return the channel on which a topic's messages will be delivered."""
        assert topic not in self._outlets, f"{topic} is subscribed to already"
        send, receive = trio.open_memory_channel[list[tuple[PeerId, bytes]]](
            limits.DELIVERIES_MAX_COUNT
        )
        self._outlets[topic] = send
        self._pending[topic] = []
        self._more[topic] = trio.Event()
        # False: not asynchronous. With one that is, duplicates are delivered.
        self.set_topic_validator(topic, self._is_acceptable, False)  # noqa: FBT003
        return receive

    async def deliver(self, topic: str) -> None:
        """Subscribe, and hand on what arrives, as many messages at once as there are."""
        await self.subscribe(topic)
        while True:
            await self._more[topic].wait()
            self._more[topic] = trio.Event()
            batch, self._pending[topic] = self._pending[topic], []
            if not batch:
                continue
            try:
                self._outlets[topic].send_nowait(batch)
                self.delivered_count += len(batch)
            except trio.WouldBlock:
                self.dropped_count += len(batch)
                self._observer.told("gossip_dropped", topic=topic, count=len(batch))
            except trio.BrokenResourceError:
                return

    async def keep(self, peer: PeerId, connection: Any) -> None:
        """Keep a gossip stream to a member open on this very connection.

        The library would go on using the stream of an earlier connection that is dead, for ever.
        """
        peer_id = ID.from_base58(peer)
        pause_s = limits.GOSSIP_LOOKS_EVERY_S
        while True:
            stream = self.peers.get(peer_id)
            if stream is not None and stream.muxed_conn is not connection.muxed_conn:
                self._handle_dead_peer(peer_id)
            if peer_id not in self.peers:
                await super()._handle_new_peer_with_retry(peer_id, limits.NEGOTIATE_WITHIN_S)
                queue = self.peer_queues.get(peer_id)
                if queue is not None:
                    queue._queue.max_size = limits.GOSSIP_QUEUE_COUNT  # noqa: SLF001 - no other way
                pause_s = min(2 * pause_s, limits.GOSSIP_BACKOFF_S)
            else:
                pause_s = limits.GOSSIP_LOOKS_EVERY_S
            await trio.sleep(pause_s)

    def mesh_of(self, topic: str) -> list[PeerId]:
        """Return the peers that a topic's messages go to at once."""
        return [peer.to_base58() for peer in self.router.mesh.get(topic, ())]

    def forget(self, peer: PeerId) -> None:
        """Let go of a peer whose connection is gone, before a new one is served."""
        self._rates.pop(peer, None)
        if self.manager.is_running:
            self._handle_dead_peer(ID.from_base58(peer))

    # --- what the library calls -------------------------------------------------------------

    async def continuously_read_stream(self, stream: Any) -> None:
        """Take what a peer sends until its stream ends."""
        await super().continuously_read_stream(_Buffered(stream))

    async def push_msg(self, msg_forwarder: Any, msg: Any) -> None:
        """Judge, deliver and forward one message; never raise."""
        forwarder = msg_forwarder.to_base58()
        if msg_forwarder == self.my_id:
            await super().push_msg(msg_forwarder, msg)
        elif self._may_send(forwarder, msg):
            await self._contained("gossip_failed", forwarder, super().push_msg, msg_forwarder, msg)

    def notify_subscriptions(self, publish_message: Any) -> None:
        """Put a message where `deliver` finds it, whatever its number."""
        author = ID(publish_message.from_id)
        if author == self.my_id:
            return
        for topic in publish_message.topicIDs:
            self._put(topic, author.to_base58(), bytes(publish_message.data))

    def _put(self, topic: str, author: PeerId, data: bytes) -> None:
        pending = self._pending.get(topic)
        if pending is None:
            return
        if len(pending) >= limits.GOSSIP_QUEUE_COUNT:
            self.dropped_count += 1
            return
        pending.append((author, data))
        self._more[topic].set()

    async def _handle_new_peer_with_retry(
        self,
        peer_id: Any,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's own signature
    ) -> None:
        """Do nothing at a new connection: `keep` begins once the hellos are accepted."""
        if timeout is not None and self._is_member(peer_id.to_base58()):
            await super()._handle_new_peer_with_retry(peer_id, timeout)

    def _forget_all_subscriptions(self, peer_id: Any) -> None:
        """Keep what a member subscribed to while only our own stream to it has failed.

        It would not say so again, and we would never forward to it.
        """
        if not self._is_member(peer_id.to_base58()):
            super()._forget_all_subscriptions(peer_id)

    # --- judging ----------------------------------------------------------------------------

    def _limit_bytes(self, topic: str) -> int:
        return min(
            self._topic_limits.get(topic, limits.PUBLISH_MAX_BYTES), limits.PUBLISH_MAX_BYTES
        )

    def _may_send(self, forwarder: PeerId, msg: Any) -> bool:
        """Whether a forwarder is within its rates; asked before any signature is checked."""
        return self._is_within_rates(forwarder, len(msg.data))

    def _is_within_rates(self, peer: PeerId, count_bytes: int) -> bool:
        now = trio.current_time()
        rates = self._rates.setdefault(peer, _Rates(now))
        if rates.messages.take(1, now) and rates.bytes.take(count_bytes, now):
            return True
        self._refuse(peer, "gossip_flood")
        return False

    def _refuse(self, peer: PeerId, offence: str) -> None:
        self.refused_count += 1
        self._charge(peer, offence)

    def _is_acceptable(self, forwarder: Any, msg: Any) -> bool:
        """Judge one message. Cannot raise: an exception here would end the service."""
        if len(msg.topicIDs) != 1:
            self._refuse(forwarder.to_base58(), "gossip_undecodable")
            return False
        topic = msg.topicIDs[0]
        if len(msg.data) > self._limit_bytes(topic):
            self._refuse(forwarder.to_base58(), "gossip_oversize")
            return False
        return forwarder == self.my_id or self._is_news(topic, msg.data)

    def _is_news(self, topic: str, data: bytes) -> bool:
        """Whether content was not seen lately on this topic; note it."""
        now = trio.current_time()
        digest = sha256(topic.encode() + b"\0" + data).digest()
        while self._seen:
            oldest = next(iter(self._seen))
            fresh = now - self._seen[oldest] < limits.SEEN_S
            if fresh and len(self._seen) < limits.SEEN_MAX_COUNT:
                break
            del self._seen[oldest]
        if digest in self._seen:
            return False
        self._seen[digest] = now
        return True
