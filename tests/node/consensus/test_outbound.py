"""CORE-003: a message is encoded once and reaches those it is for, in its class."""

from chain.block.vote import NULLIFY, Vote
from chain.consensus.effects import EVERYONE, Send, Traffic
from chain.consensus.messages import GetBlock, decode_message
from node.consensus.outbound import Outbound
from p2p.network import TrafficClass

VOTE = Vote(0, 1, NULLIFY, bytes(32), 0, bytes(64))


class Wire:
    def __init__(self) -> None:
        self.sent: list[tuple[str, int, bytes, TrafficClass]] = []

    def send(self, peer: str, kind: int, payload: bytes, traffic: TrafficClass) -> bool:
        self.sent.append((peer, kind, payload, traffic))
        return False  # a full or closed link drops, and nobody minds

    def broadcast(self, kind: int, payload: bytes, traffic: TrafficClass) -> None:
        self.sent.append(("everyone", kind, payload, traffic))


def connected() -> tuple[Outbound, Wire]:
    outbound, wire = Outbound(), Wire()
    outbound.link = wire  # type: ignore[assignment]
    return outbound, wire


def test_a_message_for_everyone_is_broadcast() -> None:
    outbound, wire = connected()

    outbound.send([Send(EVERYONE, VOTE, Traffic.VOTES)])

    assert [("everyone", TrafficClass.VOTES)] == [(sent[0], sent[3]) for sent in wire.sent]
    assert VOTE == decode_message(wire.sent[0][1], wire.sent[0][2])


def test_a_message_for_some_reaches_each_of_them_with_the_same_bytes() -> None:
    outbound, wire = connected()

    outbound.send([Send(("a", "b"), VOTE, Traffic.PROPOSALS)])

    assert ["a", "b"] == [sent[0] for sent in wire.sent]
    assert wire.sent[0][2] is wire.sent[1][2]


def test_an_answer_of_the_store_travels_with_sync() -> None:
    outbound, wire = connected()

    outbound.answer("a", GetBlock(bytes(32)))

    assert TrafficClass.SYNC is wire.sent[0][3]


def test_a_node_alone_sends_nothing() -> None:
    outbound = Outbound()

    outbound.send([Send(EVERYONE, VOTE, Traffic.VOTES)])
    outbound.answer("a", GetBlock(bytes(32)))

    assert outbound.link is None
