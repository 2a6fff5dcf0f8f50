"""Transactions that look real to a pool: of any signer, lane, sequence, class and size."""

from chain.block.transaction import Body, Transaction
from chain.codec.record import Raw
from chain.crypto.digest import sha256
from node.mempool.entry import DefaultLimits
from node.mempool.pool import Mempool

CANCEL, POST, TRADE, REST = 1, 2, 3, 4


def transaction(
    signer: str = "alice",
    sequence: int = 0,
    *,
    lane: int = 0,
    transaction_class: int = REST,
    valid_until_height: int = 1_000,
    size_bytes: int = 200,
    weight: int = 600,
    salt: int = 0,
) -> Transaction:
    who = sha256(signer.encode())
    body = Body(1, who, lane, sequence, valid_until_height, 201, Raw(b"\x90"))
    name = f"{signer} {lane} {sequence} {transaction_class} {salt}".encode()
    return Transaction(
        bytes(size_bytes),
        sha256(name + b" signed"),
        sha256(name),
        body,
        (),
        (),
        name,
        transaction_class,
        weight,
    )


class World:
    """A pool over a state in which each lane expects what it is told to."""

    def __init__(self, **limits: int) -> None:
        self.expected: dict[tuple[bytes, int], int] = {}
        self.pool = Mempool(DefaultLimits(**limits), self.next_of)
        self.now_ms = 0

    def next_of(self, signer: bytes, lane: int) -> int:
        return self.expected.get((signer, lane), 0)

    def add(self, *transactions: Transaction) -> list[str]:
        """What came of each: `pending`, `parked` or the reason's name."""
        answers = [self.pool.add(each, self.now_ms) for each in transactions]
        return [
            answer.reason.slug
            if hasattr(answer, "reason")
            else ("parked" if answer.parked else "pending")
            for answer in answers
        ]

    def finalise(self, *transactions: Transaction) -> list[bytes]:
        for each in transactions:
            lane = (each.body.signer, each.body.lane)
            self.expected[lane] = max(self.expected.get(lane, 0), each.body.sequence + 1)
        return self.pool.applied(transactions)
