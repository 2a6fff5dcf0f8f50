"""Customers: they sign transactions, hand them to some node, and lose patience with none of it."""

from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING

from chain.block.transaction import body_of, parse_transaction, sign_bytes_of, signed_transaction
from chain.crypto.signing import SigningKey
from chain.kit.reason import Refusal
from chain.machine.genesis_development import ACCOUNT_NAMES, development_seed
from chain.modules.ledger.state import SUPPLIES
from chain.modules.ledger.transactions import Transfer
from chain.state.rewound import StaleView
from node.faults import NodeFault
from tests.simulation.nodes.loop import SECOND_US, Task

if TYPE_CHECKING:
    from tests.simulation.nodes.machine import Machine
    from tests.simulation.nodes.world import World

VALID_FOR_BLOCKS = 200
LANES_COUNT = 4


class Traffic:
    """Transactions of the six accounts that every development chain has."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.rng = Random(world.seed + 1)
        self.per_second = 0
        self.trades = False
        self.sent: dict[bytes, int] = {}
        """Id -> when it was handed in."""
        self._last = b""
        self.refused: dict[str, int] = {}
        self._keys = {name: SigningKey.from_seed(development_seed(name)) for name in ACCOUNT_NAMES}

    def begin(self, per_second: int) -> None:
        """Hand in about so many a second from now on."""
        self.per_second = per_second
        if per_second:
            self.world.loop.after(self._pause_us(), self._next)

    def end(self) -> None:
        """Hand in nothing more."""
        self.per_second = 0

    def _pause_us(self) -> int:
        return int(self.rng.expovariate(self.per_second) * SECOND_US)

    def _next(self) -> None:
        if not self.per_second:
            return
        self.world.loop.after(self._pause_us(), self._next)
        open_doors = [m for m in self.world.machines.values() if m.services is not None]
        if open_doors:
            machine = self.rng.choice(open_doors)
            self._hand_in(machine)
            if self.rng.random() < 0.3:
                self._look_around(machine)

    def _hand_in(self, machine: "Machine") -> None:
        name, other = self.rng.sample(list(self._keys), 2)
        key, lane = self._keys[name], self.rng.randrange(LANES_COUNT)
        payload: object = Transfer(
            to=self._keys[other].public_key,
            asset="USD",
            amount_quantums=self.rng.choice((1, 5_000_000, 10**15)),
        )
        if self.trades:
            others = [one.public_key for one in self._keys.values() if one is not key]
            payload = self.world.market.wish(key.public_key, others)
        self.hand_in(machine, key, lane, payload)

    def _look_around(self, machine: "Machine") -> None:
        """Ask what people ask while blocks become final beside it."""
        services, process = machine.services, machine.process
        assert services is not None
        assert process is not None

        async def look() -> None:
            services.consensus.explain_stall()
            services.state_store.prove(SUPPLIES, "USD")
            head = services.finality.head
            with suppress(StaleView, NodeFault):
                view, then = services.state_store.view_at(head.height - self.rng.randrange(4))
                await self.world.words.checkpoint()
                assert then.height <= head.height
                view.get(SUPPLIES, "USD")
            if self._last:
                with suppress(Refusal):
                    await services.simulator.simulate(self._last)
            if self.rng.random() < 0.05:
                assert [] == await services.simulator.audit()

        process.begin(look(), None, machine.part_ended)

    def hand_in(self, machine: "Machine", key: SigningKey, lane: int, payload: object) -> bytes:
        """Sign something, hand it to a node that serves, and return its id."""
        services, process = machine.services, machine.process
        assert services is not None
        assert process is not None
        body = body_of(
            signer=key.public_key,
            lane=lane,
            sequence=services.mempool.next_sequence(key.public_key, lane),
            valid_until_height=services.finality.head.height + VALID_FOR_BLOCKS,
            kind=self.world.application.kind_of(type(payload)),
            payload=payload,
        )
        chain_id = self.world.genesis.chain_id
        message = sign_bytes_of(chain_id, body)
        data = signed_transaction(body, [(key.public_key, key.sign(message))])
        transaction = parse_transaction(self.world.application, chain_id, data)
        self._last = data
        self.sent.setdefault(transaction.id, self.world.loop.time_us)

        def heard(task: Task, fault: BaseException | None) -> None:
            if isinstance(fault, Refusal):
                slug = fault.reason.slug
                self.refused[slug] = self.refused.get(slug, 0) + 1
            elif fault is not None:
                machine.part_ended(task, fault)

        process.begin(services.admission.submit(data), None, heard)
        return transaction.id

    def hand_in_everywhere(self) -> list[bytes]:
        """Hand one transfer to every honest node, each in a lane of its own; return their ids."""
        key, other = self._keys["alice"], self._keys["bob"].public_key
        return [
            self.hand_in(machine, key, LANES_COUNT + place, Transfer(other, "USD", 1))
            for place, machine in enumerate(self.world.honest())
            if machine.services is not None
        ]
