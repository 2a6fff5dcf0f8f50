"""Reading without holding up the chain. Criteria: RPC-045 to RPC-047 of docs/specs/rpc.md."""

from contextlib import suppress
from typing import Any

import pytest
import trio

from chain.modules.ledger.state import BALANCES
from chain.modules.ledger.transactions import Transfer
from chain.state.rewound import StaleView
from node.rpc.methods import reading
from node.rpc.methods.reading import page_at, read_at, work_at
from node.state_store import HeightAhead
from node.storage.leveldb import Storage
from tests import given
from tests.node.rpc.conftest import Rooms


def pay(rooms: Rooms) -> None:
    transfer = Transfer(to=given.address("bob"), asset="USD", amount_quantums=1_000_000)
    rooms.finalise(rooms.world.bytes_of("alice", transfer))


def bob(view: Any, head: Any) -> tuple[int, int]:
    return head.height, view.get(BALANCES, (given.holder("bob"), "USD")).amount_quantums


async def test_a_look_sees_the_height_that_was_asked_for(rooms: Rooms) -> None:
    start_quantums = (await read_at(rooms.services, None, bob))[1]
    pay(rooms)
    pay(rooms)

    seen = [await read_at(rooms.services, height, bob) for height in (0, 1, 2, None)]

    assert [(0, 0), (1, 10**6), (2, 2 * 10**6), (2, 2 * 10**6)] == [
        (height, amount - start_quantums) for height, amount in seen
    ]


async def test_work_is_done_again_when_a_block_comes_in_between(rooms: Rooms) -> None:
    roots: list[bytes] = []

    def work(view: Any, head: Any) -> bytes:
        if not roots:
            trio.from_thread.run_sync(pay, rooms)
        roots.append(view.root)
        return bytes(view.root)

    root = await work_at(rooms.services, None, work)

    assert rooms.services.state_store.tables.root == root == roots[-1]
    assert 2 == len(roots)


async def test_a_view_that_went_stale_in_a_thread_is_made_anew(rooms: Rooms) -> None:
    pay(rooms)
    tries: list[int] = []

    def work(view: Any, head: Any) -> bytes:
        tries.append(head.height)
        if len(tries) == 1:
            trio.from_thread.run_sync(pay, rooms)
        return bytes(view.root)

    root = await work_at(rooms.services, 0, work)

    assert rooms.services.storage.header(0).state_root == root  # type: ignore[union-attr]
    assert [0, 0] == tries


async def test_a_chain_faster_than_the_work_is_read_on_the_loop_at_last(rooms: Rooms) -> None:
    main_thread_only: list[bool] = []

    def work(view: Any, head: Any) -> int:
        try:
            trio.from_thread.run_sync(pay, rooms)
            main_thread_only.append(False)
        except RuntimeError:
            main_thread_only.append(True)
        return int(head.height)

    height = await work_at(rooms.services, None, work)

    assert reading.ATTEMPTS_COUNT == height
    assert [False] * reading.ATTEMPTS_COUNT + [True] == main_thread_only


async def test_a_defect_of_the_work_is_not_taken_for_a_race(rooms: Rooms) -> None:
    def work(view: Any, head: Any) -> int:
        raise StaleView("ours")

    with pytest.raises(StaleView):
        await work_at(rooms.services, None, work)


async def test_a_chain_faster_than_a_view_is_read_on_the_loop_at_last(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = bob(*rooms.services.state_store.view_at(None))
    pay(rooms)
    undo = Storage.undo

    def overtaken(self: Storage, height: int) -> Any:
        with suppress(RuntimeError):  # of the loop itself, which no block overtakes
            trio.from_thread.run_sync(pay, rooms)
        return undo(self, height)

    monkeypatch.setattr(Storage, "undo", overtaken)

    assert before == await read_at(rooms.services, 0, bob)


async def test_a_height_ahead_is_refused(rooms: Rooms) -> None:
    with pytest.raises(HeightAhead):
        await read_at(rooms.services, 3, bob)


@pytest.mark.parametrize("height", [None, 0])
async def test_a_page_of_an_unordered_table_is_in_order(rooms: Rooms, height: int | None) -> None:
    pay(rooms)

    page = await page_at(rooms.services, height, BALANCES, prefix=(), after=None, limit=5)
    rest = await page_at(
        rooms.services, height, BALANCES, prefix=(), after=page.rows[-1][0], limit=1_000
    )

    keys = [BALANCES.encoded(key) for key, _ in (*page.rows, *rest.rows)]
    view, _ = rooms.services.state_store.view_at(height)
    assert sorted(BALANCES.encoded(key) for key in view.keys_of(BALANCES)) == keys
    assert (True, False) == (page.has_more, rest.has_more)
