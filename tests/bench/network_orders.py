"""What four real nodes spend on finalising orders that rest and orders that trade with them.

    .venv/bin/python -m tests.bench.network_orders

Half of the signers rest orders at the mark, then the others trade with them; sides change every
round, so that positions stay small.  Each round is measured whole: both halves handed in, final
everywhere, blocks, consensus and prices meanwhile included; singly signed and in lists of 16.
"""

import base64
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from chain.block.transaction import (
    LIST_KIND,
    body_of,
    list_of,
    sign_bytes_of,
    signed_transaction,
)
from chain.machine.application import Application
from derivatives.accounts.transactions import Deposit
from derivatives.instruments.state import TRADING_OPEN
from derivatives.oracle.ladder import FeedState
from derivatives.orders.state import IMMEDIATE_OR_CANCEL, SIDE_BUY, SIDE_SELL
from derivatives.registry import REGISTRY
from node.devnet import agents
from node.devnet.layout import Network
from tests import given
from tests.bench.network import Running, running
from tests.bench.verification import verification_s
from tests.given_book import placing
from tests.given_market import BTC_PERP, USD, account_of

SIGNERS_COUNT = 192
"""Twice a multiple of the four nodes: each signer of either half stays with one of them."""
EACH_COUNT = 48
"""Orders of a signer in a round: three lists of sixteen."""
ROUNDS = 3
LIST_LENGTHS = (1, 16)
TICKS = 128_000
DEPOSIT_QUANTUMS = 900_000 * USD
OPEN_WITHIN_S = 60
RECORDING = "time_ms,feed,price\n0,BTC,64000\n0,ETH,3200\n"

_APPLICATION = Application(REGISTRY)


@contextmanager
def one_price(network: Network) -> Iterator[None]:
    """Let every authority report the same unmoving prices until the block ends."""
    feeders = []
    for place in network.nodes:
        folder = network.folder_of(place)
        feeder = agents.feeder_of(place.name, folder)
        (folder / "prices.csv").write_text(RECORDING)
        feeder.told.write_text(
            f'node = "{place.rpc}"\nname = "{place.name}"\nsource = "recorded"\n\n'
            '[recorded]\nfile = "prices.csv"\nrepeat = true\n'
        )
        feeders.append(feeder)
    agents.start(feeders)
    try:
        yield
    finally:
        agents.stop(feeders)


class Traders:
    """Signers of a network, each with its account and its next sequence."""

    def __init__(self, one: Running) -> None:
        """Begin with sequences at zero."""
        self._one = one
        self._sequences = dict.fromkeys(one.names, 0)

    def signed(self, orders: Sequence[tuple[str, Sequence[Any]]]) -> list[str]:
        """Return transactions, one for each signer and its payloads, ready to be handed in."""
        height = int(self._one.call(0, "chain_getStatus")["height"])
        return [self._signed(name, payloads, height) for name, payloads in orders]

    def _signed(self, name: str, payloads: Sequence[Any], height: int) -> str:
        key, sequence = given.key(name), self._sequences[name]
        self._sequences[name] += 1
        actions = [(_APPLICATION.kind_of(type(payload)), payload) for payload in payloads]
        kind, payload = actions[0] if len(actions) == 1 else (LIST_KIND, list_of(actions))
        body = body_of(
            signer=key.public_key,
            lane=0,
            sequence=sequence,
            valid_until_height=height + 1_000,
            kind=kind,
            payload=payload,
        )
        signature = key.sign(sign_bytes_of(self._one.network.chain_id, body))
        return base64.b64encode(signed_transaction(body, [(key.public_key, signature)])).decode()

    def finalise(self, orders: Sequence[tuple[str, Sequence[Any]]]) -> float:
        """Bring these through, each applied, and return the CPU seconds of all nodes."""
        one, transactions = self._one, self.signed(orders)
        start_s = one.cpu_s()
        ids = one.submit(transactions)
        one.wait_final(ids)
        spent_s = one.cpu_s() - start_s
        one.require_applied(ids)
        return spent_s


def halves(
    names: Sequence[str], length: int, round_number: int
) -> tuple[list[tuple[str, Sequence[Any]]], ...]:
    """Return what rests and what trades with it, in lists of this length, signers by turns."""
    sides = (SIDE_SELL, SIDE_BUY) if round_number % 2 else (SIDE_BUY, SIDE_SELL)
    half = len(names) // 2
    hows: tuple[dict[str, Any], ...] = (
        {"post_only": True},
        {"time_in_force": IMMEDIATE_OR_CANCEL},
    )
    return tuple(
        [
            (name, (placing(name, side, 1, TICKS, **how),) * length)
            for _ in range(EACH_COUNT // length)
            for name in some
        ]
        for some, side, how in zip((names[:half], names[half:]), sides, hows, strict=True)
    )


def wait_open(one: Running) -> None:
    """Wait until an order at the mark would be taken."""
    deadline = time.monotonic() + OPEN_WITHIN_S
    while True:
        price = one.call(0, "state_get", table="prices", key={"feed": "BTC"})["value"]
        trading = one.call(0, "state_get", table="trading", key={"instrument": BTC_PERP})["value"]
        if price and price["state"] == FeedState.NORMAL and trading["state"] == TRADING_OPEN:
            return
        assert time.monotonic() < deadline, (price, trading)
        time.sleep(0.2)


def order_rounds() -> list[tuple[int, float, float]]:
    """Return for each round length of list, CPU seconds of an order, and of a verification."""
    rounds = []
    with running(signers=SIGNERS_COUNT) as one, one_price(one.network):
        wait_open(one)
        traders = Traders(one)
        traders.finalise(
            [(name, (Deposit(account_of(name), "USD", DEPOSIT_QUANTUMS),)) for name in one.names]
        )
        for length in LIST_LENGTHS:
            for number in range(ROUNDS):
                before_s = verification_s()
                spent_s = sum(map(traders.finalise, halves(one.names, length, number)))
                verify_s = (before_s + verification_s()) / 2
                rounds.append((length, spent_s / (EACH_COUNT * SIGNERS_COUNT), verify_s))
    return rounds


def network_order_rows() -> list[tuple[str, float, str, str]]:
    """Return name, value, unit and bar of every figure."""
    rounds, nodes, rows = order_rounds(), 4, []
    for length in LIST_LENGTHS:
        own = [(spent_s, verify_s) for each, spent_s, verify_s in rounds if each == length]
        name = f"network.orders/list={length}"
        cpu_s = statistics.median(spent_s for spent_s, _ in own)
        ratio = statistics.median(nodes * verify_s / spent_s for spent_s, verify_s in own)
        bar = "at least 0.5" if length == 1 else "at least 1.5"
        rows.append((name, cpu_s * 1_000, "CPU s per 1,000 orders, all nodes", ""))
        unit = "orders per core over verifications per core"
        rows.append((f"{name},ratio", ratio, unit, bar))
    return rows


def main() -> None:
    """Print every figure."""
    for name, value, unit, bar in network_order_rows():
        print(f"{name:40} {value:10.3f} {unit}  {bar}", flush=True)


if __name__ == "__main__":
    main()
