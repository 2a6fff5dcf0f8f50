"""What listing events by account and market costs, beside executing the blocks that told them."""

import tempfile
import time
from pathlib import Path
from typing import Any
from unittest.mock import patch

import trio

from chain.machine.validity import apply_block
from derivatives.accounts.transactions import Deposit
from node.history.index import History
from node.history.topics import account_of
from tests import given
from tests.node.rpc import rooms as node_rooms
from tests.node.rpc.conftest import node_at_genesis

BLOCKS_COUNT = 10
EACH_COUNT = 100
ALICE = given.holder("alice/0")


def listing_rows() -> list[tuple[str, float, str, str]]:
    """Return name, value, unit and bar: the share that the index takes, in CPU time."""
    executed_s: list[float] = []

    def timed(*given_to_it: Any) -> Any:
        start = time.process_time()
        outcome = apply_block(*given_to_it)
        executed_s.append(time.process_time() - start)
        return outcome

    with tempfile.TemporaryDirectory() as folder, node_at_genesis(Path(folder)) as rooms:
        with patch.object(node_rooms, "apply_block", timed):
            for _ in range(BLOCKS_COUNT):
                for _ in range(EACH_COUNT):
                    data = rooms.world.bytes_of("alice", Deposit(ALICE, "USD", 5))
                    assert rooms.world.send_bytes(data).receipt is not None
                rooms.finalise()
        share = trio.run(_listing_s, rooms.services.history) / sum(executed_s)
    name = f"history.listing/transactions={EACH_COUNT}"
    return [(name, share * 100, "% of executing", "at most 15")]


async def _listing_s(history: History) -> float:
    start = time.process_time()
    found = await history.newest(account_of(ALICE), None, 1)
    assert found.events
    return time.process_time() - start
