"""HIST-007, HIST-008, HIST-020 to HIST-025: the index follows the chain."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import trio
import trio.lowlevel

from derivatives.accounts.transactions import Deposit
from node.clock import Clock
from node.consensus.alarms import Alarms
from node.finality import FinalNotice
from node.history import index as subject
from node.history.candles import HOUR_MS, MINUTE_MS, Candle, at_interval
from node.history.fault import HistoryFault
from node.history.index import History
from node.history.store import HistoryStore
from node.history.topics import account_of
from tests import given
from tests.node.rpc.conftest import Rooms, node_at_genesis

BTC_PERP = "BTC-PERP"
ALICE = given.holder("alice/0")
TOPIC = account_of(ALICE)


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    with node_at_genesis(tmp_path) as rooms:
        yield rooms


def deposit(rooms: Rooms, amount_quantums: int = 5, *, count: int = 1) -> None:
    payload = Deposit(ALICE, "USD", amount_quantums)
    for _ in range(count):
        rooms.finalise(rooms.world.bytes_of("alice", payload))


@contextmanager
def history_of(rooms: Rooms, path: Path, events_max_count: int = 10**6) -> Iterator[History]:
    history = History(
        storage=rooms.services.storage,
        application=rooms.services.application,
        path=path,
        chain_id=rooms.world.chain_id,
        events_max_count=events_max_count,
    )
    yield history
    history.close()


async def numbers(history: History, limit: int = 100) -> list[int]:
    return [event.sequence for event in (await history.newest(TOPIC, None, limit)).events]


async def test_what_is_final_is_listed_when_it_is_asked_for(rooms: Rooms, tmp_path: Path) -> None:
    with history_of(rooms, tmp_path / "x" / "i") as history:
        before = await numbers(history)
        deposit(rooms)

        assert [] == before
        assert 2 == len(await numbers(history)), "it was opened, and money came"


def notices(rooms: Rooms) -> list[FinalNotice]:
    """What was told of every block since genesis."""
    storage, told = rooms.services.storage, []
    for height in range(1, storage.tip().height + 1):  # type: ignore[union-attr]
        block, block_id = storage.block(height), storage.block_id(height)
        certificate = storage.certificate_at_or_above(height)
        assert block is not None
        assert block_id is not None
        assert certificate is not None
        row = storage.receipts_row(height)
        assert row is not None
        told.append(FinalNotice(block, block_id, (), row.receipts, 0, certificate[1]))
    return told


async def test_what_just_became_final_is_listed_without_reading_it_again(
    rooms: Rooms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HIST-025."""
    deposit(rooms, count=3)
    with history_of(rooms, tmp_path / "x" / "read") as history:
        read = await numbers(history)
    with history_of(rooms, tmp_path / "x" / "told") as history:
        history.told(notices(rooms))
        with monkeypatch.context() as patch:
            patch.setattr(rooms.services.storage, "told", None)
            await history._follow()

        assert read == await numbers(history)
        assert 4 == len(read)
        assert () == history._recent._blocks


async def test_what_stands_no_longer_on_the_chain_is_not_listed(
    rooms: Rooms, tmp_path: Path
) -> None:
    """HIST-025."""
    deposit(rooms, count=3)
    others = [replace(notice, block_id=bytes(32)) for notice in notices(rooms)]
    with history_of(rooms, tmp_path / "x" / "read") as history:
        read = await numbers(history)
    with history_of(rooms, tmp_path / "x" / "told") as history:
        history.told(others)

        assert read == await numbers(history)


async def test_pages_together_are_everything(rooms: Rooms, tmp_path: Path) -> None:
    deposit(rooms, count=4)
    with history_of(rooms, tmp_path / "x" / "i") as history:
        whole = await numbers(history)
        found, before_seq = [], None
        while before_seq != 0:
            page = await history.newest(TOPIC, before_seq, 2)
            found += [event.sequence for event in page.events]
            before_seq = page.next_seq

        assert whole == found == sorted(whole, reverse=True)
        assert 5 == len(whole)


async def test_events_of_one_block_are_told_apart(rooms: Rooms, tmp_path: Path) -> None:
    world = rooms.world
    mine = world.bytes_of("alice", Deposit(ALICE, "USD", 5))
    other = world.bytes_of("bob", Deposit(given.holder("bob/0"), "USD", 6))
    rooms.finalise(mine, other)
    with history_of(rooms, tmp_path / "x" / "i") as history:
        events = (await history.newest(TOPIC, None, 9)).events

    assert len(events) == len({event.sequence for event in events}) == 2, "opened, and deposited"
    assert 1 == len({event.height for event in events})


async def test_an_index_that_was_lost_is_made_again(rooms: Rooms, tmp_path: Path) -> None:
    path = tmp_path / "x" / "i"
    deposit(rooms, count=2)
    with history_of(rooms, path) as history:
        whole = await numbers(history)
    path.write_bytes(b"\0" * 8192)

    with history_of(rooms, path) as history:
        assert whole == await numbers(history)


@pytest.mark.parametrize("interval_ms", [MINUTE_MS, 5 * MINUTE_MS, HOUR_MS])
async def test_pages_of_candles_are_all_of_them_whatever_lies_between(
    rooms: Rooms, tmp_path: Path, interval_ms: int
) -> None:
    path = tmp_path / "x" / "i"
    deposit(rooms)
    with history_of(rooms, path) as history:
        await numbers(history)
    store = HistoryStore(path, rooms.world.chain_id)
    starts = [MINUTE_MS * place for place in (0, 1, 2, 7, 90, 600, 601, 100_000)]
    minutes = [Candle(start_ms, 5, 6, 4, 5, 1, 1) for start_ms in starts]
    kept = {(BTC_PERP, kept_ms): at_interval(minutes, kept_ms) for kept_ms in (MINUTE_MS, HOUR_MS)}
    store.append({}, kept, store.reach)
    store.close()

    with history_of(rooms, path) as history:
        found: list[Candle] = []
        before_ms, has_older = 2**62, True
        while has_older:
            page, has_older = await history.candles(BTC_PERP, interval_ms, before_ms, 2)
            found = page + found
            before_ms = page[0].start_ms

    assert at_interval(minutes, interval_ms) == found


async def test_an_index_that_points_nowhere_is_made_again(rooms: Rooms, tmp_path: Path) -> None:
    path = tmp_path / "x" / "i"
    deposit(rooms, count=2)
    with history_of(rooms, path) as history:
        whole = await numbers(history)
    store = HistoryStore(path, rooms.world.chain_id)
    store.append({TOPIC: [10**6]}, {}, store.reach)
    store.close()

    with history_of(rooms, path) as history:
        found = (await history.newest(TOPIC, 2 * 10**6, 9)).events

    assert whole == [event.sequence for event in found]


async def test_an_index_ahead_of_the_chain_is_made_again(rooms: Rooms, tmp_path: Path) -> None:
    path = tmp_path / "x" / "i"
    deposit(rooms, count=2)
    with history_of(rooms, path) as history:
        whole = await numbers(history)
    store = HistoryStore(path, rooms.world.chain_id)
    store.append({TOPIC: [999]}, {}, store.reach._replace(next_seq=1_000, block_id=b"\x01" * 32))
    store.close()

    with history_of(rooms, path) as history:
        assert whole == await numbers(history)


async def test_an_index_far_behind_refuses_and_is_made_meanwhile(
    rooms: Rooms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject, "BEHIND_MAX_COUNT", 3)
    monkeypatch.setattr(subject, "STEP_EVENTS_COUNT", 1)
    deposit(rooms, count=6)
    with history_of(rooms, tmp_path / "x" / "i") as history:
        with pytest.raises(HistoryFault) as refused:
            await numbers(history)

        async with trio.open_nursery() as nursery:
            alarms = Alarms(Clock())
            await nursery.start(history.run, alarms)
            while not (tmp_path / "x" / "i").exists():
                await trio.lowlevel.checkpoint()
            while True:
                try:
                    found = await numbers(history)
                    break
                except HistoryFault:
                    await trio.lowlevel.checkpoint()
            nursery.cancel_scope.cancel()

    assert "node.history_behind" == refused.value.reason
    assert 7 == len(found)


async def test_a_disk_that_refuses_is_said_and_nothing_else_happens(
    rooms: Rooms, tmp_path: Path
) -> None:
    (tmp_path / "x").write_bytes(b"")
    deposit(rooms)
    with (
        history_of(rooms, tmp_path / "x" / "i") as history,
        pytest.raises(HistoryFault) as refused,
    ):
        await numbers(history)

    assert "node.history_unusable" == refused.value.reason


async def test_what_lies_too_far_back_is_let_go(rooms: Rooms, tmp_path: Path) -> None:
    deposit(rooms, count=20)
    with history_of(rooms, tmp_path / "x" / "i", events_max_count=16) as history:
        found = await numbers(history)

    tip = rooms.services.storage.tip()
    assert tip is not None
    assert min(found) >= tip.event_sequence - 16
    assert len(found) < 21
