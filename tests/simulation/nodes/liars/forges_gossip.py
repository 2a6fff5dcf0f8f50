"""Publishes batches that nobody can read, and transactions that nobody signed."""

from functools import partial
from typing import Any

from chain.codec.canonical import encode
from node.peers.batch import Batch
from node.peers.gossip import transaction_topic
from node.reports.gossip import report_topic
from tests.simulation.nodes.liars.liar import Liar, NodeSin

EVERY_US = 700_000


class ForgesGossip(NodeSin):
    """Noise, other people's transactions with another signature, and reports of nothing."""

    def starts(self, liar: Liar) -> None:  # type: ignore[override]
        liar.world.loop.after(EVERY_US, self._publish, liar, liar.starts_count)

    def _publish(self, liar: Liar, starts_count: int) -> None:
        if liar.services is None or liar.starts_count != starts_count:
            return
        liar.world.loop.after(EVERY_US, self._publish, liar, starts_count)
        rng, chain_id = liar.rng, liar.world.genesis.chain_id
        waiting = liar.services.mempool.take()
        transactions, reports = transaction_topic(chain_id), report_topic(chain_id)
        lies: list[tuple[str, bytes]] = [
            (transactions, rng.randbytes(rng.randrange(200))),
            (transactions, encode(Batch(1, (rng.randbytes(90),)))),
            (reports, rng.randbytes(rng.randrange(200))),
        ]
        if waiting:
            data = bytearray(rng.choice(waiting).data)
            data[-1 - rng.randrange(64)] ^= 1
            lies.append((transactions, encode(Batch(rng.randrange(9), (bytes(data),)))))
        topic, data_told = rng.choice(lies)
        wire = liar.world.wires.ends[liar.name]
        for name, end in list(liar.world.wires.ends.items()):
            if name != liar.name:
                told: Any = partial(end.deliver, topic, liar.peer_id, bytes(data_told))
                liar.world.wires.carry(liar.name, name, told)
        assert wire.machine is liar
